"""The board: seats, queues and stock of every station at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lembur.domain.card import Status
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.circuit import CircuitView, circuit_of
from lembur.ledger.types import PrinterState, read_printers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Stock:
    """A station's blanks, which always add up, and its ribbon in cards."""

    blank: int = 0
    reserved: int = 0
    received: int = 0
    moved: int = 0
    used: int = 0
    spoiled: int = 0
    destroyed: int = 0
    ribbon: int = 0

    @property
    def difference(self) -> int:
        """Blanks that are not accounted for. Every number but zero is a fault."""
        there = self.blank + self.reserved + self.used + self.spoiled + self.destroyed
        return self.received + self.moved - there


@dataclass(frozen=True, slots=True)
class StationView:
    """A station now: its seats, its queue and its stock."""

    code: StationCode
    seats_open: int
    seats_busy: int
    waiting: int
    stock: Stock


@dataclass(frozen=True, slots=True)
class Board:
    """The office at one moment."""

    now_ms: int
    speed: float
    counts: dict[Status, int]
    stations: tuple[StationView, ...]
    circuit: CircuitView = field(default_factory=CircuitView)
    waiting_printers: tuple[PrinterState, ...] = ()
    asked_since_ms: int | None = None
    """Time since the oldest unanswered card is at a centre outside; None without one."""

    @property
    def enrolled(self) -> int:
        """All cards of the office."""
        return sum(self.counts.values())

    @property
    def open_cards(self) -> int:
        """Cards that a machine still works on."""
        return sum(self.counts.get(status, 0) for status in UNDER_WAY)


UNDER_WAY = (
    Status.BIO_CAPTURED,
    Status.SENT_FOR_ENROLLMENT,
    Status.PRINT_READY_RECORD,
    Status.SENT_FOR_CARD_PRINTING,
)


@translate_redis_errors
def read_board(ledger: Ledger, stations: Sequence[StationCode]) -> Board:
    """Read the whole board in two round trips."""
    now_ms, speed = ledger.time()
    pipe = ledger.server.pipeline(transaction=True)
    pipe.hgetall(ledger.key("counts"))
    pipe.hgetall(ledger.key("circuit"))
    pipe.hgetall(ledger.key("printers"))
    pipe.zrange(ledger.key("asked"), 0, 0, withscores=True)
    for code in stations:
        pipe.zrevrangebyscore(ledger.key("open_seats", code), now_ms, "-inf", start=0, num=1)
        pipe.zcard(ledger.key("in_flight", code))
        pipe.zcard(ledger.key("ready", code))
        pipe.zcount(ledger.key("scheduled", code), "-inf", now_ms)
        pipe.hgetall(ledger.key("stock", code))
    counts, circuit, printers, asked, *rows = pipe.execute()
    views = tuple(
        StationView(code, int(step[0].rpartition("|")[2]) if step else 0, busy, ready + soon, stock_of(stock))
        for code, step, busy, ready, soon, stock in zip(stations, *(rows[i::5] for i in range(5)), strict=True)
    )
    known = {Status(name): int(count) for name, count in counts.items()}
    waiting = tuple(one for one in read_printers(printers) if one.waits)
    return Board(now_ms, speed, known, views, circuit_of(circuit), waiting, int(asked[0][1]) if asked else None)


def stock_of(row: dict[str, str]) -> Stock:
    """Return the ledger's row of a stock in numbers."""
    return Stock(**{name: int(row.get(name, 0)) for name in Stock.__slots__})
