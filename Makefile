# Everything is run from here. Needs make, sh and Python 3.11+; uv is installed into the project when it is missing.

SCENARIO ?= solo-2016
TESTERS ?= 2
CARDS ?= 100000
SEED ?= 1

# The environment is this project's, whatever other one the shell stands in.
unexport VIRTUAL_ENV
export UV_PROJECT_ENVIRONMENT = .venv
bin = .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help ready run up secrets test check check-tests check-format check-lint check-types check-imports fmt pages pictures bench bench-centre bench-console bench-devices bench-fidelity bench-forecasts bench-growth bench-hour bench-planner bench-rivals bench-scrape bench-twin chaos chaos-printers fuzz test-monitoring clean

help: ## list the targets
	@while IFS= read -r line; do case $$line in [a-z]*:*' ## '*) \
		printf '  make %-17s %s\n' "$${line%%:*}" "$${line##*# }";; esac; done < Makefile

ready: ## install what is needed into .venv (every target below does this first)
	@sh scripts/uv sync --locked --quiet

run: ready ## play two days of Solo in two minutes; report in report/
	@$(bin)/lembur run $(SCENARIO) --report report

up: ready ## the same at the office's own time, until Ctrl-C
	@$(bin)/lembur up $(SCENARIO)

secrets: ## make what `docker compose up` needs: .env, and a random password for each secret
	@sh scripts/secrets

test: ready ## the quick tests, in a few minutes; what is left out is listed with the reason
	$(bin)/pytest -n $(TESTERS) --dist loadfile --quick

check: check-format check-lint check-types check-imports check-tests ## what CI runs: format, ruff, mypy, imports, all tests

check-tests: ready ## all tests: also faults, the twin, containers, the browser
	$(bin)/pytest -n $(TESTERS) --dist loadfile

check-format: ready ## would `make fmt` change the layout of anything?
	$(bin)/ruff format --check --quiet

check-lint: ready ## all rules of ruff, but those named in pyproject.toml
	$(bin)/ruff check

check-types: ready ## mypy strict
	$(bin)/mypy

check-imports: ready ## who may import whom
	$(bin)/lint-imports

fmt: ready ## lay out the code and mend what ruff can mend safely
	$(bin)/ruff check --fix --exit-zero --quiet
	$(bin)/ruff format

pages: ready ## renew the pages of docs/ that are generated from the code
	PYTHONPATH=. $(bin)/python scripts/pages.py

pictures: ready ## renew the pictures of docs/ by three runs of Solo, a plan, and the visits, in six minutes
	PYTHONPATH=.:tests $(bin)/python scripts/pictures.py

bench: ready ## cards a second through ledger and workers
	$(bin)/python tests/bench/throughput.py

bench-centre: ready ## what ten thousand cards at a centre over HTTP cost their reader, at the office's own pace
	@PYTHONPATH=.:tests $(bin)/python tests/bench/centre_reader.py

bench-console: ready ## what fifty open pages cost while a hundred thousand cards wait
	@PYTHONPATH=.:tests $(bin)/python tests/bench/open_pages.py

bench-devices: ready ## Solo whole on six queues of a private print server (CUPS), and a centre over HTTP
	@PYTHONPATH=.:tests $(bin)/python tests/bench/solo_devices.py

bench-fidelity: ready ## the highest speed at which real workers print what the rule prints, at 12 to 1,000 seats
	PYTHONPATH=.:tests $(bin)/python tests/bench/fidelity.py

bench-forecasts: ready ## live forecasts and plans of 100 offices that differ from their scenario, by the rule
	PYTHONPATH=.:tests $(bin)/python tests/bench/live_forecasts.py

bench-growth: ready ## what grows with ten thousand to five million cards in a ledger
	PYTHONPATH=. $(bin)/python tests/bench/growth.py

bench-hour: ready ## an hour of Solo at its own time: surplus and lost wake-ups, lines of the logs
	PYTHONPATH=. $(bin)/python tests/bench/hour.py

bench-planner: ready ## worlds a second in the planner, beside other ways to compute them
	PYTHONPATH=.:tests $(bin)/python tests/bench/bench_planner.py

bench-rivals: ready ## this system beside dramatiq, taskiq, SAQ, streaq, RQ, Huey and plain Celery
	@sh scripts/uv sync --project tests/bench/rivals --locked --quiet
	PYTHONPATH=.:tests:tests/bench $(bin)/python -m rivals

bench-scrape: ready ## what a scrape of the exporter costs while a million cards wait
	$(bin)/python tests/bench/scrape.py

bench-twin: ready ## a plan of the planner against workers that carry it out, ten seeds
	PYTHONPATH=.:tests $(bin)/python tests/bench/twin.py

chaos: ready ## kill, stop, cut and drop while cards are printed; count what is lost or doubled
	PYTHONPATH=tests $(bin)/python -m chaos --cards $(CARDS) --seed $(SEED)

chaos-printers: ready ## the same with a real print server (CUPS): ours beside the ordinary way
	PYTHONPATH=tests $(bin)/python -m chaos.print_server --seed $(SEED)

fuzz: ready ## ten thousand broken files for the readers of intake
	$(bin)/pytest tests/fuzz -s -n 0 --fuzz-files 10000

test-monitoring: ready ## metrics, rules, alerts and dashboards against a real Prometheus
	$(bin)/pytest -m monitoring

clean: ## remove what was built and installed; ledgers in var/ stay
	rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks dist report
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
