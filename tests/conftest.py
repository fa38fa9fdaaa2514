"""What all tests share: servers that live as long as the session, and an office of its own for each test."""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from console.runtime.embedded_server import valkey_binary
from support.cluster import running_cluster
from support.programs import program
from support.servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("suite", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("suite")

UMASK = os.umask(0o022)
"""The machine's own: an office that a test opens in this process closes its files to others, and all later ones."""
os.umask(UMASK)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell began the tests in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONG = {
    "[cluster": "the contracts of the ledger on a Redis Cluster",
    "tests/e2e/test_cluster.py": "six cities on a Redis Cluster",
    "tests/fuzz/": "fuzz: thousands of broken files",
    "tests/chaos/": "faults: kills, cuts and lost messages",
    "tests/ipp/": "a real print server (CUPS)",
    "tests/monitoring/": "a real Prometheus and Alertmanager",
    "tests/integration/test_twin.py": "the twin: planner against ledger, office by office",
    "tests/integration/test_theory.py": "the twin: planner against SimPy, Ciw and formulas",
    "tests/contract/test_archive.py": "faults: an archive that is killed at every step",
    "tests/e2e/test_compose.py": "containers: the composed system without Docker",
    "tests/e2e/test_console_page.py": "a browser: the console in Chromium",
    "tests/e2e/test_console_pictures.py": "a browser: every page of the console in eight modes",
    "tests/integration/test_web_api.py": "random requests to the REST interface",
    "tests/integration/test_web_routes.py": "every route of the console, without a login and without the right",
    "tests/integration/test_web_counter.py": "the counter on pages and by REST",
    "tests/integration/test_refusals.py": "refusals of every kind, in Indonesian",
    "tests/e2e/test_solo_devices.py": "Solo on a real print server (CUPS) and a centre over HTTP",
    "tests/e2e/test_flower_page.py": "a browser: Flower's page in Chromium",
    "tests/e2e/test_server_outages.py": "faults: outages of the server",
    "tests/e2e/test_counters.py": "faults: counters after kills",
    "tests/e2e/test_real_printer.py": "faults: kills and power cuts beside a real print server",
    "tests/integration/test_webhook.py": "faults: receivers of the webhook that fail, are slow or are down",
    "tests/e2e/test_archive.py": "an office that is played, archived and reported",
    "test_many_pages_share_one_connection_and_one_reading": "fifty open pages of the console",
    "tests/e2e/test_mishaps.py": "faults: a centre that fails",
    "tests/e2e/test_fates.py": "faults: printers that fail",
    "tests/e2e/test_plans.py": "plans of a live office",
    "tests/e2e/test_forecasts.py": "forecasts of a live office",
    "tests/e2e/test_readme.py": "every command of the README, in a fresh clone",
    "tests/e2e/test_broker.py": "offices whose bus has a server of its own",
    "tests/e2e/test_acl.py": "an office that runs with a Redis user for each part",
    "tests/e2e/test_flower.py": "Flower's interface under load",
    "tests/e2e/test_supervision.py": "faults: each process of an office is killed",
    "tests/e2e/test_backup.py": "an office that is copied and restored",
    "tests/e2e/test_other_python.py": "an office on the machine's own Python",
    "tests/e2e/test_cities.py": "new offices, played whole",
    "tests/e2e/test_planning.py": "plans of whole scenarios by the command",
    "tests/e2e/test_prices.py": "Solo planned and played, its overtime compared",
    "tests/e2e/test_real_office.py": "an office at the time of day, stopped over a night",
    "tests/e2e/test_report.py": "the report of an office that was played by a plan",
    "tests/e2e/test_roles.py": "each part of an office as a process of its own",
    "tests/e2e/test_privacy.py": "an office at work with every message read",
}
"""What takes long, by a part of its name, with the reason that `make test` shows; `make check` runs all of it."""

_offices = count(4000)
"""Each process of the suite has servers of its own, so a running number is unique there, of four digits."""


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the embedded server: the one that `lembur run` starts."""
    with running(valkey_binary(), tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Redis as offices have it: Debian's, version 7."""
    with running(Path(program("redis-server")), tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Redis Cluster of three masters with a replica each."""
    with running_cluster(tmp_path_factory.mktemp("cluster"), silent_ms=60_000) as cluster:
        yield cluster.url


@pytest.fixture(scope="session", params=["valkey", "redis", "cluster"])
def server_url(request: pytest.FixtureRequest) -> str:
    """Give the address of each server in turn: what a test with this says holds on all."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(autouse=True)
def restored_umask() -> Iterator[None]:
    """Give the next test the machine's own umask."""
    yield
    os.umask(UMASK)


@pytest.fixture
def office() -> str:
    """Give the code of an office nobody else writes to: it is part of every key."""
    return str(next(_offices))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--quick`, which `make test` gives."""
    parser.addoption("--quick", action="store_true", help="skip what takes long; `make check` runs it")
    parser.addoption("--fuzz-files", type=int, default=300, help="broken files to try; `make fuzz` tries 10,000")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what takes long when only the quick part is wanted."""
    if not config.getoption("--quick"):
        return
    for item in items:
        for path, reason in LONG.items():
            if path in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=f"left to `make check`: {reason}"))


@pytest.fixture
def fuzz_files(request: pytest.FixtureRequest) -> int:
    """Return the number of broken files to try."""
    return int(request.config.getoption("--fuzz-files"))
