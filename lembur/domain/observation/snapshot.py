"""The office at one moment: every card that waits or is in hand, stock and orders, and the counts until then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lembur.domain.time import HOUR_MS, NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.seats import SeatOrder, StationCode, Window

Column = NDArray[np.int64]
HourlyCounts = dict[int, int]
"""Counts by hour, UTC hours since 1970."""

COUNTED: Final = frozenset({"printed", "spoiled", "busy_ms", "answered", "enrolled"})
"""Counts from which rates are estimated."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Cards column by column: number, moment from which it waits, due moment, class, and station that prints it.

    For a card in hand the moment is the end of its print or answer, or `NEVER_MS` if nobody knows it. A station is its
    position in the scenario.
    """

    number: Column
    ready_ms: Column
    due_ms: Column
    priority: Column
    station: Column

    def __len__(self) -> int:
        """Count the cards."""
        return len(self.number)

    def where(self, which: NDArray[np.bool_] | Column) -> Queued:
        """Keep some of the cards, or all in another order."""
        return Queued(*(column[which] for column in self.columns()))

    def columns(self) -> tuple[Column, Column, Column, Column, Column]:
        """Return the columns in the order of the fields."""
        return self.number, self.ready_ms, self.due_ms, self.priority, self.station


@dataclass(frozen=True, slots=True)
class ExpectedDelivery:
    """Stock on its way to a station: blanks, and ribbon in cards."""

    at_ms: int
    blanks: int
    ribbon_cards: int


@dataclass(frozen=True, slots=True)
class StationState:
    """A station without its cards, or the centre, which has no stock.

    `busy_ms` has the moment at which each busy seat becomes free (`NEVER_MS`: unknown). `broken` is the number of
    printers under repair, `position` the number of prints that were begun.
    """

    code: StationCode
    busy_ms: tuple[int, ...] = ()
    broken: int = 0
    position: int = 0
    blanks: int = 0
    ribbon_cards: int = 0
    promised: tuple[ExpectedDelivery, ...] = ()


@dataclass(frozen=True, slots=True)
class PrinterHours:
    """Breakdowns of printers: how many there were and how many are repaired, time between them and under repair."""

    breakdowns: int = 0
    repaired: int = 0
    sound_ms: int = 0
    repair_ms: int = 0

    def plus(self, repairs: Sequence[Window], printers: int, period: Window) -> PrinterHours:
        """Add the repairs of some printers in a period."""
        begun = [one for one in repairs if period.start_ms <= one.start_ms <= period.end_ms]
        still = sum(min(one.end_ms, period.end_ms) - one.start_ms for one in begun)
        return PrinterHours(
            self.breakdowns + len(begun),
            self.repaired + sum(one.end_ms <= period.end_ms for one in begun),
            self.sound_ms + printers * (period.end_ms - period.start_ms) - still,
            self.repair_ms + still,
        )


@dataclass(frozen=True, slots=True)
class Observed:
    """Counts between two moments, by what and where (`printed|jebres`) and by hour, and the breakdowns of printers.

    The present arrivals are expected since `expects_since_ms`: people who came earlier came by other hours or visits.
    """

    since_ms: int
    until_ms: int
    counts: Mapping[tuple[str, str], HourlyCounts]
    printers: PrinterHours = PrinterHours()
    expects_since_ms: int = 0

    @classmethod
    def between(
        cls,
        tally: Mapping[tuple[str, str, str], int],
        since_ms: int,
        until_ms: int,
        printers: PrinterHours = PrinterHours(),
        *,
        expects_since_ms: int = 0,
    ) -> Observed:
        """Select the ledger's hourly counts from which rates are estimated; the hours of both ends are whole."""
        hours = range(since_ms // HOUR_MS, (until_ms - 1) // HOUR_MS + 1)
        counts: dict[tuple[str, str], HourlyCounts] = {}
        for (what, where, part), n in tally.items():
            if what in COUNTED and int(part) in hours:
                counts.setdefault((what, where), {})[int(part)] = n
        return cls(since_ms, until_ms, counts, printers, expects_since_ms)

    def total(self, what: str, where: str) -> int:
        """Return the sum of the hours."""
        return sum(self.hours(what, where).values())

    def hours(self, what: str, where: str) -> HourlyCounts:
        """Return the counts by hour. An hour without any is left out."""
        return self.counts.get((what, where), {})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The office at one moment.

    Everybody who comes before `fed_ms` is in the ledger already. `waiting` cards are ready to print, now or at a known
    moment. `printing` cards are in a printer, `unsent` cards wait for the centre, `asked` cards are there. `stations`
    are the print stations. `orders` are all seat orders, the scenario's overtime first.
    """

    now_ms: int
    fed_ms: int
    waiting: Queued
    printing: Queued
    unsent: Queued
    asked: Queued
    stations: tuple[StationState, ...]
    centre: StationState
    orders: tuple[SeatOrder, ...]
    observed: Observed


def known_ms(ends: Column, now_ms: int, usual_ms: int) -> Column:
    """Replace each unknown end by a usual one, and each end in the past by now."""
    return np.where(ends >= NEVER_MS, usual_ms, np.maximum(ends, now_ms))
