"""The ledger's scripts alone, both stages with one client: what a card costs the server, and the bytes it takes.

Run by hand: `PYTHONPATH=. .venv/bin/python tests/bench/floor.py --cards 100000 --lot 60`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
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
    from lembur.ledger.connection import Server

ENROLLED_AT_ONCE = 500
STARTS_MS = 10**12
"""The start of the office, before which all cards were recorded."""


def cpu_us(server: Server) -> float:
    """Return the processor time that the server has used, microseconds."""
    used = server.info("cpu")
    return 1e6 * float(used["used_cpu_user"] + used["used_cpu_sys"])


@dataclass(frozen=True, slots=True)
class Floor:
    """The cost of both stages and of enrolment: the server's microseconds a card, and bytes a card."""

    enrol_us: float
    both_us: float
    seconds: float
    """Time of both stages by the clock."""
    processor_s: float
    """Processor time of both stages and of enrolment, of server and client."""
    bytes_each: float
    events_bytes_each: float


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


def measure(cards: int, lot_cards: int, appendonly: str) -> Floor:
    """Pass cards through both stages on a server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(valkey_binary(), Path(folder), appendonly=appendonly) as url,
        connect(url) as server,
    ):
        ledger = Ledger(server, office="0000")
        opened(ledger, steps=[Step(0, 1)], blanks=cards, ribbon=cards, starts_ms=STARTS_MS)
        ledger.set_clock(virtual_ms=STARTS_MS, speed=0, ends_ms=2 * STARTS_MS)
        before, client_s = int(server.info("memory")["used_memory"]), time.process_time()
        marks = [cpu_us(server)]
        enrol(ledger, cards)
        marks.append(cpu_us(server))
        began = time.perf_counter()
        verify_and_print(ledger, lot_cards)
        seconds = time.perf_counter() - began
        marks.append(cpu_us(server))
        client_s = time.process_time() - client_s
        assert ledger.counts()[Status.CARD_PRINTED] == cards
        for token in redis_of(server).scan_iter(ledger.prefix + "reply:*", count=1000):
            redis_of(server).unlink(token)
        whole = int(server.info("memory")["used_memory"]) - before
        events = int(redis_of(server).memory_usage(ledger.prefix + "events", samples=0))
    return Floor(
        enrol_us=(marks[1] - marks[0]) / cards,
        both_us=(marks[2] - marks[1]) / cards,
        seconds=seconds,
        processor_s=client_s + (marks[2] - marks[0]) / 1e6,
        bytes_each=whole / cards,
        events_bytes_each=events / cards,
    )


def main() -> None:
    """Measure what the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cards", type=int, default=100_000)
    options.add_argument("--lot", type=int, default=60)
    options.add_argument("--turns", type=int, default=1)
    given = options.parse_args()
    for appendonly in ("no", "yes"):
        found = [measure(given.cards, given.lot, appendonly) for _ in range(given.turns)]
        enrol_us, both_us = median(one.enrol_us for one in found), median(one.both_us for one in found)
        speed = given.cards / median(one.seconds for one in found)
        sys.stdout.write(
            f"{'in memory' if appendonly == 'no' else 'on the disk'}, lots of {given.lot}: enrol {enrol_us:.1f} us, "
            f"verify and print {both_us:.1f} us a card, {speed:,.0f} cards/s; {found[0].bytes_each:.0f} bytes a card, "
            f"{found[0].events_bytes_each:.0f} of them the log of events\n"
        )


if __name__ == "__main__":
    main()
