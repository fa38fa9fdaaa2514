"""What the ledger says when it is asked: the board, one card's history, the tallies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lembur.domain.card import CardId, Status
from lembur.domain.errors import CardError
from lembur.domain.seats import StationCode
from lembur.ledger.connection import answering
from lembur.ledger.queries.circuit import Circuit, circuit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.ledger import Ledger

LOT = 1000
"""Cards asked for in one round trip."""


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
        """Blanks unaccounted for: zero, or something is wrong."""
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
    circuit: Circuit = field(default_factory=Circuit)

    @property
    def enrolled(self) -> int:
        """All cards there are."""
        return sum(self.counts.values())

    @property
    def open_cards(self) -> int:
        """Cards that a machine still has to do something with."""
        return sum(self.counts.get(status, 0) for status in UNDER_WAY)


UNDER_WAY = (
    Status.BIO_CAPTURED,
    Status.SENT_FOR_ENROLLMENT,
    Status.PRINT_READY_RECORD,
    Status.SENT_FOR_CARD_PRINTING,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a card's history."""

    at_ms: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class CardView:
    """Everything the ledger knows of a card, none of it a person's."""

    card: CardId
    status: Status
    station: StationCode
    priority: int
    due_ms: int
    kelurahan: str
    stream: str
    mask: str
    history: tuple[Moment, ...]


Tally = dict[tuple[str, str, str], int]
"""Counts by what happened, where, and in which hour (UTC hours since 1970) or why."""


@answering
def board(ledger: Ledger, places: Sequence[StationCode]) -> Board:
    """Read the whole board in two round trips."""
    now_ms, speed = ledger.time()
    pipe = ledger.server.pipeline(transaction=True)
    pipe.hgetall(ledger.prefix + "counts")
    pipe.hgetall(ledger.prefix + "circuit")
    for code in places:
        pipe.zrevrangebyscore(f"{ledger.prefix}steps:{code}", now_ms, "-inf", start=0, num=1)
        pipe.zcard(f"{ledger.prefix}flight:{code}")
        pipe.zcard(f"{ledger.prefix}wait:{code}")
        pipe.zcount(f"{ledger.prefix}soon:{code}", "-inf", now_ms)
        pipe.hgetall(f"{ledger.prefix}stock:{code}")
    counts, circuit, *rows = pipe.execute()
    stations = tuple(
        StationView(code, int(step[0].rpartition("|")[2]) if step else 0, busy, waiting + soon, stock_of(stock))
        for code, step, busy, waiting, soon, stock in zip(places, *(rows[i::5] for i in range(5)), strict=True)
    )
    known = {Status(name): int(count) for name, count in counts.items()}
    return Board(now_ms, speed, known, stations, circuit_of(circuit))


def stock_of(row: dict[str, str]) -> Stock:
    """A stock as the ledger keeps it, in numbers."""
    return Stock(**{name: int(row.get(name, 0)) for name in Stock.__slots__})


@answering
def card(ledger: Ledger, number: CardId) -> CardView:
    """One card with its whole history."""
    row = ledger.server.hgetall(f"{ledger.prefix}card:{number}")
    if not row:
        raise CardError(f"there is no card {number}")
    moments = sorted((name for name in row if name[0] == "h"), key=lambda name: int(name[1:]))
    return CardView(
        number,
        Status(row["s"]),
        StationCode(row["q"]),
        int(row["c"]),
        int(row["d"]),
        row["k"],
        row["t"],
        row["m"],
        tuple(_moment(row[name]) for name in moments),
    )


@answering
def unconfirmed(ledger: Ledger) -> list[tuple[CardId, int]]:
    """Cards that wait for a person to look at the printer, and since when, longest first."""
    found = ledger.server.zrange(ledger.prefix + "shelf", 0, -1, withscores=True)
    return [(CardId(card), int(since)) for card, since in found]


@answering
def card_of_nik(ledger: Ledger, digest: str) -> CardId | None:
    """The card enrolled under this keyed hash."""
    number = ledger.server.hget(ledger.prefix + "nik", digest)
    return CardId(str(number)) if number else None


@answering
def tally(ledger: Ledger) -> Tally:
    """All counts by what, where and when or why."""
    rows = ledger.server.hgetall(ledger.prefix + "tally")
    return {(what, where, part): int(n) for (what, where, part), n in ((k.split("|"), v) for k, v in rows.items())}


@answering
def totals(ledger: Ledger) -> dict[tuple[str, ...], int]:
    """What was counted since the office opened, by what, where and which."""
    rows = ledger.server.hgetall(ledger.prefix + "totals")
    return {tuple(name.split("|", 2)): int(n) for name, n in rows.items()}


@answering
def last_print_ms(ledger: Ledger, stations: Sequence[StationCode]) -> dict[StationCode, int]:
    """When each station's last good print ended; stations that printed nothing are left out."""
    pipe = ledger.server.pipeline(transaction=False)
    for code in stations:
        pipe.hget(f"{ledger.prefix}line:{code}", "printed")
    return {code: int(at) for code, at in zip(stations, pipe.execute(), strict=True) if at}


@answering
def due_before(ledger: Ledger, moments_ms: Sequence[int]) -> list[dict[Status, int]]:
    """How many cards were due before each of some moments, by the status they have now."""
    found: list[Counter[Status]] = [Counter() for _ in moments_ms]
    last = ledger.serial()
    for first in range(1, last + 1, LOT):
        pipe = ledger.server.pipeline(transaction=False)
        for number in range(first, min(first + LOT, last + 1)):
            pipe.hmget(f"{ledger.prefix}card:{number:08d}", "s", "d")
        rows = [(Status(status), int(due)) for status, due in pipe.execute() if due]
        for counted, at_ms in zip(found, moments_ms, strict=True):
            counted.update(status for status, due in rows if due < at_ms)
    return [dict(counted) for counted in found]


@answering
def lag_ms(ledger: Ledger) -> dict[str, float]:
    """How far the processes lagged behind the model: the edge of the bucket that holds each quantile, milliseconds."""
    buckets = ledger.server.hgetall(ledger.prefix + "lag")
    counted = sorted((float(edge), int(n)) for edge, n in buckets.items())
    total = sum(n for _, n in counted)
    return {name: _quantile(counted, total * share) for name, share in (("p50", 0.5), ("p99", 0.99))}


def _quantile(counted: list[tuple[float, int]], rank: float) -> float:
    below = 0
    for edge, n in counted:
        below += n
        if below >= rank:
            return edge
    return 0.0


def _moment(text: str) -> Moment:
    what, _, rest = text.partition("@")
    at, _, why = rest.partition("|")
    return Moment(int(at), what, why)
