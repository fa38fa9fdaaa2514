"""What a scrape costs while ten thousand and a million cards wait, and how large the exporter is.

Run by `make bench-scrape`: a real exporter in a process of its own before a server in memory, asked over HTTP.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))
from typing import TYPE_CHECKING

from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import Priority
from lembur.domain.scenario import load
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from support.processes import resident_mib
from support.servers import running
from support.small_office import identity

if TYPE_CHECKING:
    from lembur.domain.seats import StationCode
    from lembur.ledger.connection import Server

CARDS = (10_000, 1_000_000)
LOT = 1_000
SCRAPES = 500


def enrol(ledger: Ledger, stations: tuple[StationCode, ...], first: int, upto: int, at_ms: int) -> None:
    """Let cards of all classes wait, a third of them for the centre, recorded over nine days."""
    for start in range(first, upto, LOT):
        ledger.enrol(
            [
                identity(
                    number,
                    ready_ms=at_ms - number % 777_600 * 1000,
                    due_ms=at_ms,
                    priority=list(Priority)[number % len(Priority)],
                    first_issue=number % 3 == 0,
                    station=stations[number % len(stations)],
                )
                for number in range(start, min(upto, start + LOT))
            ]
        )


def scrapes_ms(address: str) -> tuple[list[float], int]:
    """Ask again and again; milliseconds of each, and how many series there are."""
    took, page = [], b""
    for _ in range(SCRAPES):
        began_s = time.perf_counter()
        with urlopen(address, timeout=30) as answer:  # noqa: S310 - our own address
            page = answer.read()
        took.append(1000 * (time.perf_counter() - began_s))
    return took, sum(not line.startswith(b"#") for line in page.splitlines())


def spent_ms(pid: int, server: Server) -> float:
    """Processor time of exporter and server so far: what a busy machine does not change."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    cpu: dict[str, float] = server.info("cpu")
    return 1000 * ((int(user) + int(system)) / os.sysconf("SC_CLK_TCK") + cpu["used_cpu_user"] + cpu["used_cpu_sys"])


def main() -> None:
    """Measure and tell."""
    table = Table(
        "cards",
        "median ms",
        "p99 ms",
        "of processor",
        "series",
        "exporter MB",
        "B a waiting card",
        title="a scrape",
        box=None,
    )
    play = OfficeSetup(load("solo-2016"), 1, 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(valkey_binary(), Path(folder), appendonly="no") as url,
        connect(url) as server,
    ):
        ledger = Ledger(server, office="3372")
        open_office(ledger, play)
        ledger.set_clock(virtual_ms=play.starts_ms, speed=1.0, ends_ms=play.ends_ms)
        empty, before = server.info("memory")["used_memory"], 0
        command = [sys.executable, "-m", "console", "exporter", "--port=0", "--redis", url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as exporter:
            assert exporter.stdout
            address = exporter.stdout.readline().split()[-1]
            for cards in CARDS:
                enrol(ledger, play.stations, before, cards, play.starts_ms)
                before = cards
                cpu_ms = spent_ms(exporter.pid, server)
                took, series = scrapes_ms(address)
                cpu_ms = (spent_ms(exporter.pid, server) - cpu_ms) / SCRAPES
                each = (server.info("memory")["used_memory"] - empty) / cards
                times = [f"{one:.1f}" for one in (median(took), quantiles(took, n=100)[98], cpu_ms)]
                table.add_row(f"{cards:,}", *times, str(series), f"{resident_mib(exporter.pid):.0f}", f"{each:.0f}")
            exporter.terminate()
    Console().print(table)


if __name__ == "__main__":
    main()
