"""Values of the ledger's verbs: lots, offers, enrolments, refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from lembur.domain.seats import SeatOrder, StationCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lembur.domain.card import CardId, Priority
    from lembur.domain.seats import SeatPlan, Step

HEARTBEAT_TIMEOUT_MS = 10_000
"""A process counts as alive this long after its last heartbeat.

It sends one every second, less often on a busy machine.
"""
Wakes = dict[StationCode, int]
"""Wake-ups to send, by station."""


class ClaimRefusal(StrEnum):
    """The reason why a seat gets no lot now."""

    EMPTY = "EMPTY"
    NO_SEAT = "NO_SEAT"
    NO_BLANKS = "NO_BLANKS"
    NO_RIBBON = "NO_RIBBON"
    CLOSED = "CLOSED"
    BEHIND = "BEHIND"
    OUTAGE = "OUTAGE"


class Finding(StrEnum):
    """Finding of a person at a printer that gave no answer."""

    PRINTED = "printed"
    SPOILED = "spoiled"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Offer:
    """The next start of a station: position of the first card, moment, end of the open seats, cards.

    `most` is the number of cards asked for. If the offer no longer holds, the next one has the same number.
    """

    station: StationCode
    position: int
    start_ms: int
    until_ms: int
    cards: tuple[CardId, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Cards that a seat holds under a lease, with the end of each, milliseconds UTC of virtual time.

    The lease holds until `held_until_s` by the monotonic clock of the process that claimed it. No printer may begin
    later, because a person may have confirmed meanwhile that nothing was printed. `is_over` when nobody has to wait for
    its planned end: at full speed every moment is now.
    """

    name: str
    station: StationCode
    position: int
    start_ms: int
    cards: tuple[CardId, ...]
    ends_ms: tuple[int, ...]
    wakes: Wakes = field(default_factory=dict)
    held_until_s: float = inf
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class LotEnd:
    """The end of a lot: the wake-ups that follow, and the next offer for its own seat, if the seat asked and is needed.

    An offer takes the place of one of the wake-ups of its station.
    """

    wakes: Wakes
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict on one attempt of one card, as a centre outside gave it."""

    card: CardId
    attempt: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Asking:
    """The end of a lot that the centre took: wake-ups, and verdicts that were heard before it."""

    wakes: Wakes
    early: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """The result of hearing: wake-ups, the next cursor, and the number of verdicts that changed nothing."""

    wakes: Wakes
    cursor: str
    strays: int


class Enrolment(NamedTuple):
    """One recorded identity at intake. Of its NIK it has only a keyed hash and a mask.

    `verified_ms` is the moment of a verdict that the centre gave before intake.
    """

    nik: str
    mask: str
    stream: str
    priority: Priority
    due_ms: int
    ready_ms: int
    station: StationCode
    kelurahan: str
    first_issue: bool
    verified_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SeatTable:
    """The seats of one station over time: open seats, and planned seats for a station with shifts."""

    steps: Sequence[Step]
    plan: Sequence[SeatPlan] = ()


SeatTables = Mapping[StationCode, SeatTable]


@dataclass(frozen=True, slots=True)
class StationSetup:
    """A station as the ledger opens it: printers (or lines), open seats over time, stock, expected deliveries.

    `plan` gives the reason of closed seats. A station without one has no shifts and no printers that break.
    """

    code: StationCode
    printers: int
    steps: Sequence[Step]
    blanks: int = 0
    ribbon_cards: int = 0
    promised: Sequence[Mapping[str, int]] = ()
    plan: Sequence[SeatPlan] = ()


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A real printer's own report: its waits, and the ribbon and blanks left in it (None: unknown).

    The ribbon suffices for at least `ribbon_cards`. The ledger sets `since_ms`, the virtual time of the last change of
    `waits`, and `prints`, the prints of this printer that were committed before the report.
    """

    name: str
    station: StationCode
    waits: tuple[str, ...] = ()
    ribbon_percent: int | None = None
    ribbon_cards: int | None = None
    blanks: int | None = None
    since_ms: int = 0
    prints: int = 0


def read_printers(rows: Mapping[str, str]) -> list[PrinterState]:
    """Return the ledger's reports of printers, by name."""
    states = [PrinterState(**json.loads(rows[name])) for name in sorted(rows)]
    return [replace(state, waits=tuple(state.waits)) for state in states]


def read_orders(rows: Iterable[str]) -> list[SeatOrder]:
    """Return the ledger's rows of seat orders as records, the oldest first."""
    return [SeatOrder(**json.loads(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Pulse:
    """State of the office at an advance: wake-ups due, now, the next event, lots in hand, waiting cards."""

    wakes: Wakes
    now_ms: int
    next_ms: int
    busy: int
    waiting: int
