"""What fifty open pages of the console cost while a hundred thousand cards wait.

Run by `make bench-console`: a real console in a process of its own before a server in memory. The clock depends on the
machine's load; the processor time, the memory and the connections do not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import TYPE_CHECKING

import httpx2
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from console.runtime.embedded_server import valkey_binary
from lembur.accounts import Accounts, Role
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office, order_seats
from support.processes import resident_mib
from support.programs import free_port
from support.servers import running
from support.small_office import identity
from support.waiting import eventually
from support.web_console import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS = 100_000
LOT = 1_000
PAGES = 50
LOADS = 20
CHANGES = 20
BUSY_S = 30.0
PAUSE_S = 0.5
START_S = 300.0


def open_full_office(url: str) -> tuple[Ledger, OfficeSetup]:
    """Open Solo's office with its queue in the ledger."""
    setup = OfficeSetup(load("solo-2016").model_copy(update={"overtime": ()}), 1, 1)
    ledger = Ledger(connect(url), office="3372")
    open_office(ledger, setup)
    ledger.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    for first in range(0, CARDS, LOT):
        people = range(first, first + LOT)
        stations = setup.stations
        ledger.enrol(
            [
                identity(one, ready_ms=setup.starts_ms, due_ms=NEVER_MS // 2, station=stations[one % len(stations)])
                for one in people
            ]
        )
    return ledger, setup


@dataclass(frozen=True, slots=True)
class Site:
    """A console that is served by a process of its own."""

    pid: int
    client: httpx2.Client

    def cpu_s(self) -> float:
        """Return the processor time of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Follower(Thread):
    """An open page: follows a stream, and keeps the time at which each part came."""

    def __init__(self, site: Site, part: str) -> None:
        super().__init__(daemon=True)
        self.site, self.part, self.coming, self.shown = site, part, "", ""
        self.opened, self.came_s = Event(), 0.0

    def shows(self, text: str) -> bool:
        """Return whether the newest part holds this text."""
        return text in self.shown

    def run(self) -> None:
        """Read the stream until its end."""
        with (
            suppress(httpx2.HTTPError),  # the console is killed at the end
            self.site.client.stream("GET", f"/live/{self.part}", timeout=None) as stream,
        ):
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    self.coming += line
                elif not line and self.coming:
                    self.came_s = time.perf_counter()
                    self.shown, self.coming = self.coming, ""
                    self.opened.set()


def load_times_ms(site: Site) -> list[float]:
    """Load the page Now again and again."""
    took = []
    for _ in range(LOADS):
        began = time.perf_counter()
        assert site.client.get("/").status_code == 200
        took.append((time.perf_counter() - began) * 1000)
    return took


def delays_ms(ledger: Ledger, setup: OfficeSetup, page: Follower) -> Iterator[float]:
    """Give orders, and measure the time until each is on an open page."""
    for number in range(CHANGES):
        now_ms, reason = ledger.time()[0], f"change {number}."
        order_seats(ledger, SeatOrder(setup.stations[0], 1 + number % 2, now_ms, now_ms + HOUR_MS, "bench", reason))
        began = time.perf_counter()
        eventually(partial(page.shows, reason), START_S)
        yield (page.came_s - began) * 1000


def make_busy(ledger: Ledger, setup: OfficeSetup) -> None:
    """Enrol two people a second for a while: each is a change for all open pages."""
    until_s = time.monotonic() + BUSY_S
    number = CARDS
    while time.monotonic() < until_s:
        number += 1
        ledger.enrol([identity(number, ready_ms=setup.starts_ms, due_ms=NEVER_MS // 2, station=setup.stations[0])])
        time.sleep(PAUSE_S)


@contextmanager
def served(url: str, folder: Path) -> Iterator[Site]:
    """Serve the console of the office in a process of its own, and log in."""
    accounts = Accounts(folder / "console")
    accounts.add_user("sri", "Sri Lestari", Role.HEAD)
    accounts.set_password("sri", PASSWORD)
    port = free_port()
    environment = {**os.environ, "LEMBUR_REDIS_URL": url, "LEMBUR_DATA": str(folder), "LEMBUR_OFFICE": "3372"}
    process = subprocess.Popen([sys.executable, "-m", "web", "127.0.0.1", str(port)], env=environment)
    limits = httpx2.Limits(max_connections=None)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client:
        try:
            eventually(lambda: _logged_in(client), START_S)
            yield Site(process.pid, client)
        finally:
            process.kill()
            process.wait()


def measure(site: Site, ledger: Ledger, setup: OfficeSetup) -> Iterator[tuple[str, str]]:
    """Yield what was measured, by its name."""
    loads, before = load_times_ms(site), connections(ledger)
    yield "page Now, median and longest", f"{median(loads):,.0f} ms, {max(loads):,.0f} ms"
    pages = [Follower(site, part) for _ in range(PAGES // 2) for part in ("now", "orders")]
    for page in pages:
        page.start()
    for page in pages:
        assert page.opened.wait(START_S)
    delays = list(delays_ms(ledger, setup, pages[1]))
    yield "an order on an open page, median and longest", f"{median(delays):,.0f} ms, {max(delays):,.0f} ms"
    began_s, began_cpu_s = time.monotonic(), site.cpu_s()
    make_busy(ledger, setup)
    share = (site.cpu_s() - began_cpu_s) / (time.monotonic() - began_s)
    yield f"memory with {PAGES} pages", f"{resident_mib(site.pid):,.0f} MiB"
    yield f"processor with {PAGES} pages, two changes a second", f"{share:.0%} of a core"
    yield f"connections to the ledger that {PAGES} pages add", str(connections(ledger) - before)
    yield "load of the machine", f"{os.getloadavg()[0]:.0f}"


def main() -> None:
    """Measure, and print one table."""
    with tempfile.TemporaryDirectory() as folder, running(valkey_binary(), Path(folder), appendonly="no") as url:
        ledger, setup = open_full_office(url)
        table = Table(f"{CARDS:,} cards wait", "measured")
        with served(url, Path(folder)) as site:
            for row in measure(site, ledger, setup):
                table.add_row(*row)
    Console(width=100).print(table)


def _logged_in(client: httpx2.Client) -> bool:
    try:
        return client.post("/login", data={"login": "sri", "password": PASSWORD}).status_code == 303
    except httpx2.HTTPError:
        return False


def connections(ledger: Ledger) -> int:
    """Count the connections to the server."""
    return int(ledger.server.info("clients")["connected_clients"])


if __name__ == "__main__":
    main()
