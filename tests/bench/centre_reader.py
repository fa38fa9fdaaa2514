"""What the reader of a centre over HTTP costs while 10,000 cards are there: run by `make bench-centre`.

The processes are real and keep the office's own time: `lembur worker --lines`, and `lembur centre`, which answers by
Solo's times. The benchmark itself asks for the cards, one a request. The worker's processor time, memory and
connections to the centre are read from /proc, first without cards at the centre, then in each two minutes until 99 in
100 verdicts are heard.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import Status
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.office import read_setup
from lembur.settings import Settings
from support.processes import connections_to, processor_s, resident_mib
from support.programs import LEMBUR, free_port
from support.servers import running
from support.small_office import identity
from support.waiting import eventually
from workers.claiming import LotClaims
from workers.devices.http_centre import HttpCentre, connect_centre
from workers.verification import next_lot

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICE = "3372"
CARDS = 10_000
WINDOW_S = 120.0
START_S = 180.0
LOT, LEASE_MS = 500, 60_000
LINES = 8
"""As many as Solo's. One line alone asks so slowly that the first verdicts come before the last question."""
TAIL = 100
"""The last card of this number may take an hour; nothing is measured then."""


def write_scenario(folder: Path, port: int) -> Path:
    """Write Solo with a centre over HTTP, and without people."""
    text = (files("scenarios") / "solo-2016.toml").read_text("utf-8").partition("[[overtime]]")[0]
    centre = f'[centre]\ndevice = "http"\naddress = "http://127.0.0.1:{port}"\n'
    path = folder / "solo.toml"
    path.write_text(text.replace("[centre]\n", centre) + "[backlog]\ncards = 0\n", "utf-8")
    return path


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of `lembur` while inside."""
    with subprocess.Popen([LEMBUR, *words]) as process:
        try:
            yield process
        finally:
            process.terminate()


def ask(ledger: Ledger, address: str, cards: int) -> None:
    """Let the clock run, enrol people, and ask the centre for all of them."""
    setup = read_setup(ledger)
    now_ms = setup.starts_ms + HOUR_MS
    ledger.set_clock(virtual_ms=now_ms, speed=1, ends_ms=setup.ends_ms)
    for first in range(0, cards, LOT):
        people = range(first, min(first + LOT, cards))
        ledger.enrol(
            [
                identity(one, first_issue=True, ready_ms=now_ms - 1, due_ms=setup.ends_ms, station=setup.stations[0])
                for one in people
            ]
        )
    ledger.advance(setup.all_stations, fed_ms=NEVER_MS)
    claims = LotClaims(ledger, lambda _: None, 1, LEASE_MS, "", Event())
    with connect_centre(address, Settings()) as http, ThreadPoolExecutor(LINES) as lines:
        centre = HttpCentre(ledger, http, OFFICE)

        def ask_on(_: int) -> None:
            while ledger.counts().get(Status.BIO_CAPTURED):  # the worker's lines ask too
                next_lot(claims, centre)

        list(lines.map(ask_on, range(LINES)))


def measure(table: Table, ledger: Ledger, pid: int, port: int) -> int:
    """Add a row for the next two minutes, and return the number of cards at the centre."""
    before, began_s, used_s = at_centre(ledger), time.monotonic(), processor_s([pid])
    time.sleep(WINDOW_S)
    share = (processor_s([pid]) - used_s) / (time.monotonic() - began_s)
    after = at_centre(ledger)
    row = (before, before - after, f"{share:.1%}", f"{resident_mib(pid):.1f}", connections_to(pid, port))
    table.add_row(*(f"{one:,}" if isinstance(one, int) else one for one in row))
    sys.stderr.write(f"{row}\n")
    return after


def at_centre(ledger: Ledger) -> int:
    """Count the cards at the centre."""
    return ledger.counts().get(Status.SENT_FOR_ENROLLMENT, 0)


def main() -> None:
    """Open an office, ask, and measure the worker that hears."""
    options = argparse.ArgumentParser(prog="make bench-centre", description=__doc__)
    options.add_argument("--cards", type=int, default=CARDS)
    cards = options.parse_args().cards
    table = Table("cards at the centre", "verdicts heard", "processor", "memory in MiB", "connections", box=None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        (folder / "server").mkdir()
        url, port = stack.enter_context(running(valkey_binary(), folder / "server")), free_port()
        office = ("--redis", url, "--data", str(folder / "data"))
        scenario = write_scenario(folder, port)
        subprocess.run([LEMBUR, "open", scenario, "--speed", "1", *office], check=True)
        stack.enter_context(started("centre", *office, "--port", str(port)))
        worker = stack.enter_context(started("worker", "--lines", *office))
        ledger = Ledger(connect(url), office=OFFICE)
        eventually(ledger.centre_cursor, START_S)
        measure(table, ledger, worker.pid, port)
        ask(ledger, f"http://127.0.0.1:{port}", cards)
        while measure(table, ledger, worker.pid, port) > cards // TAIL:
            pass
    Console(width=100).print(table, f"load {os.getloadavg()}")


if __name__ == "__main__":
    main()
