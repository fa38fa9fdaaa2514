"""docker-compose.yml played without Docker: the image built, every role started by its own command, a scenario done."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain import world
from lembur.domain.card import SHELVES, Status
from lembur.domain.scenario import load
from lembur.domain.time import NEVER_MS
from support.compose import Composed, prepare_project
from support.containers import machine
from support.image import build
from support.waiting import PATIENCE_S, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_HERE = ("load", "grafana")
"""What comes only when it is asked for, and what Debian does not have."""
PLAYED_S = 900.0


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """Give the whole office of docker-compose.yml, up, at full speed."""
    folder = tmp_path_factory.mktemp("compose")
    with machine(folder) as there:
        image = build(there, folder / "image")
        found = Composed(there, image, prepare_project(folder / "project"), {"LEMBUR_SPEED": "max"})
        found.up(name for name in found.services if name not in NOT_HERE)
        yield found


def test_a_printer_that_is_killed_comes_back_with_its_log(up: Composed) -> None:
    """Killed in the middle of its work and started again, as Docker does, a worker finds its volume and works on."""
    log = up.folder / "volumes" / "printers" / "jebres.jsonl"
    eventually(lambda: log.exists() and log.stat().st_size > 0)
    up.machine.processes["print"].kill()
    up.machine.processes["print"].wait()
    before = log.stat().st_size

    up.up(["print"])

    eventually(lambda: log.stat().st_size > before)


def test_the_image_holds_all_it_needs(up: Composed) -> None:
    """Built as the Dockerfile says, with its source gone: scenarios and Lua are inside, tests and secrets are not."""
    container = up.container("feed")

    helped = up.machine.run(container, [*up.image.entrypoint, *up.image.words])
    assert (helped.returncode, "Usage: lembur" in helped.stdout) == (0, True), helped.stderr
    found = up.machine.run(container, ["find", "/opt/lembur", "-name", "*.lua", "-o", "-name", "solo-2016.toml"])
    assert found.stdout.count(".lua") >= 10
    assert "solo-2016.toml" in found.stdout
    assert up.machine.run(container, ["python", "-c", "import pytest"]).returncode == 1
    assert up.machine.run(container, ["touch", "/opt/lembur/x"]).returncode == 1


def test_every_role_is_healthy_as_its_check_says(up: Composed) -> None:
    """Each service that is up says so by the very command that Docker would ask."""
    for name in up.machine.processes:
        if "healthcheck" in up.services[name]:
            eventually(lambda name=name: up.healthy(name))  # type: ignore[misc]


def test_the_scenario_is_played_to_its_end_and_reconciles(up: Composed) -> None:
    """All cards of solo-2016 are printed or on a named shelf, every blank is accounted for."""
    scenario = load("solo-2016")
    coming = world.arrivals_between(scenario, scenario.seed, after_ms=0, before_ms=NEVER_MS)

    eventually(lambda: _finished(up, scenario.backlog.cards + len(coming)), PLAYED_S)

    said = up.run("feed", ["lembur", "reconcile"])
    assert (said.returncode, said.stderr) == (0, ""), said.stdout  # it would tell whose log is not there
    counts = {Status(name): n for name, n in _board(up)["counts"].items() if n}
    assert counts.keys() <= {Status.CARD_PRINTED, *SHELVES}


def test_a_rush_comes_on_demand(up: Composed) -> None:
    """The service of the profile `load` brings as many people as .env says."""
    before = sum(_board(up)["counts"].values())

    done = up.run("load", up.words("load"))

    assert done.returncode == 0, done.stderr
    assert sum(_board(up)["counts"].values()) - before > int(up.chosen["LEMBUR_LOAD_CARDS"]) * 0.99


def test_flower_asks_for_the_login_of_its_secret(up: Composed) -> None:
    """Without a login nothing is shown; with the secret's, the workers under their names."""
    password = (up.folder / "secrets" / "flower_password").read_text().strip()
    ask = "import sys,urllib.request as u;print(u.urlopen(sys.argv[1]).read().decode())"
    refused = up.run("flower", ["python", "-c", ask, "http://flower:5555/api/workers"])
    assert "401" in refused.stderr

    # `curl -u` by another name: urllib takes no login from an address.
    login = (
        "import sys,base64,urllib.request as u;"
        "r=u.Request(sys.argv[1],headers={'Authorization':'Basic '+base64.b64encode(sys.argv[2].encode()).decode()});"
        "print(u.urlopen(r).read().decode())"
    )
    shown = up.run("flower", ["python", "-c", login, "http://flower:5555/api/workers?refresh=1", f"lead:{password}"])
    assert shown.returncode == 0, shown.stderr
    assert {"verify@centre", "print@all"} <= json.loads(shown.stdout).keys()


def test_prometheus_scrapes_the_office_and_tells_alertmanager(up: Composed) -> None:
    """Every target of prometheus.yml is up, and the alert that is always on has come through to Alertmanager."""
    ask = ["promtool", "query", "instant", "http://prometheus:9090"]
    targets = {"exporter:9273", "alertmanager:9093", "localhost:9090"}

    found = re.compile(r'instance="([^"]+)".*=> 1 ')
    eventually(lambda: set(found.findall(up.run("prometheus", [*ask, "up"]).stdout)) == targets)
    eventually(lambda: "DUPLICATE_RECORD" in up.run("prometheus", [*ask, "lembur_shelved_cards"]).stdout)
    alerts = ["amtool", "--alertmanager.url=http://alertmanager:9093", "alert", "query"]
    eventually(lambda: "LemburWatchdog" in up.run("alertmanager", alerts).stdout)


def test_everything_ends_when_it_is_asked(up: Composed) -> None:
    """SIGTERM, which `docker compose down` sends, ends every role in seconds and in order: the ledger last."""
    for name in [name for name in up.machine.processes if name not in {"redis", "open"}]:
        assert up.machine.stop(name, grace_s=PATIENCE_S) in {0, -signal.SIGTERM}, up.machine.log(name).read_text()
    assert up.machine.stop("redis", grace_s=PATIENCE_S) == 0


def _board(up: Composed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(up.run("feed", ["lembur", "board", "--json"]).stdout)
    return found


def _finished(up: Composed, cards: int) -> bool:
    counts: dict[str, int] = _board(up)["counts"]
    done = {Status.CARD_PRINTED, *SHELVES}
    over = sum(n for name, n in counts.items() if Status(name) in done)
    return over == sum(counts.values()) == cards
