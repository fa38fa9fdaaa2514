"""The ledger's scripts alone, both stages with one client: what a card costs the server, and the bytes it takes.

Run by hand: `PYTHONPATH=. .venv/bin/python tests/bench/floor.py --cards 100000 --lot 60`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))
from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import Status
from lembur.domain.seats import CENTRE, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.types import Lot
from support.servers import redis_of, running
from support.small_office import claim, identity, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.ledger.connection import Server

ENROLLED_AT_ONCE = 500
STARTS_MS = 10**12
"""The start of the office, before which all cards were recorded."""


def cpu_us(server: Server) -> float:
    """Return the processor time that the server has used, microseconds."""
    used = server.info("cpu")
    return 1e6 * float(used["used_cpu_user"] + used["used_cpu_sys"])


def timed(server: Server, cards: int, work: Callable[[], None]) -> str:
    """Describe a piece of work: cards a second, and the server's microseconds a card."""
    began, used = time.perf_counter(), cpu_us(server)
    work()
    return f"{cards / (time.perf_counter() - began):9,.0f} cards/s {(cpu_us(server) - used) / cards:7.1f} us a card"


def enrol(ledger: Ledger, cards: int) -> None:
    """Enrol first issues."""
    for first in range(0, cards, ENROLLED_AT_ONCE):
        numbers = range(first, min(first + ENROLLED_AT_ONCE, cards))
        ledger.enrol([identity(n, first_issue=True, due_ms=STARTS_MS + n, ready_ms=STARTS_MS) for n in numbers])


def verify_and_print(ledger: Ledger, lot_cards: int) -> None:
    """Take every card through both stages."""
    while isinstance(lot := claim(ledger, CENTRE, most=lot_cards), Lot):
        ledger.answer(lot, verdicts=[Status.PRINT_READY_RECORD] * len(lot.cards))
    while isinstance(lot := claim(ledger, most=lot_cards), Lot):
        ledger.commit(lot, reasons=[""] * len(lot.cards), ends_ms=lot.ends_ms)


def measure(cards: int, lot_cards: int, appendonly: str) -> None:
    """Measure one server."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(valkey_binary(), Path(folder), appendonly=appendonly) as url,
        connect(url) as server,
    ):
        ledger = Ledger(server, office="0000")
        opened(ledger, steps=[Step(0, 1)], blanks=cards, ribbon=cards, starts_ms=STARTS_MS)
        ledger.set_clock(virtual_ms=STARTS_MS, speed=0, ends_ms=2 * 10**12)
        before = int(server.info("memory")["used_memory"])
        kept = "in memory" if appendonly == "no" else "on the disk"
        line = f"{kept}, lots of {lot_cards}"
        sys.stdout.write(f"{line}: enrol            {timed(server, cards, lambda: enrol(ledger, cards))}\n")
        done = timed(server, cards, lambda: verify_and_print(ledger, lot_cards))
        assert ledger.counts()[Status.CARD_PRINTED] == cards
        sys.stdout.write(f"{line}: verify and print {done}\n")
        for token in redis_of(server).scan_iter(ledger.prefix + "reply:*", count=1000):
            redis_of(server).unlink(token)
        whole = int(server.info("memory")["used_memory"]) - before
        events = int(redis_of(server).memory_usage(ledger.prefix + "events", samples=0))
        each = f"{whole / cards:.0f} bytes a card, {events / cards:.0f} of them the log of events"
        sys.stdout.write(f"{line}: {each}\n")


def main() -> None:
    """Measure what the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cards", type=int, default=100_000)
    options.add_argument("--lot", type=int, default=60)
    given = options.parse_args()
    for appendonly in ("no", "yes"):
        measure(given.cards, given.lot, appendonly)


if __name__ == "__main__":
    main()
