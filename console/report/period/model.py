"""The record of a period (a shift, a day, a whole run): every figure that its outputs show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.ui import Times
    from lembur.domain.observation import Quantiles, Score
    from lembur.domain.seats import SeatOrder, StationCode, Window


@dataclass(frozen=True, slots=True)
class Blanks:
    """The blanks of a period by use; `received` includes those of its beginning.

    `unaccounted` is zero if all is well.
    """

    received: int
    used: int
    spoiled: int
    reserved: int
    destroyed: int
    left: int
    moved: int
    unaccounted: int
    opening: int = 0

    @property
    def delivered(self) -> int:
        """Blanks that came during the period."""
        return self.received - self.opening


@dataclass(frozen=True, slots=True)
class StationReport:
    """One print station over the period. Hours are seat hours until its end, or until the queue was clear."""

    code: StationCode
    name: str
    printers: int
    printed: int
    spoiled: int
    late: int
    waiting: int
    blanks: Blanks
    last_print_ms: int | None
    open_seat_hours: float
    overtime_seat_hours: float
    overtime_rupiah: int
    ordered_seat_hours: float
    ordered_rupiah: int
    busy_seat_hours: float


@dataclass(frozen=True, slots=True)
class SpoiledCount:
    """Blanks that one station spoiled for one reason."""

    station: StationCode
    reason: str
    blanks: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """Lateness of one class or station: cards printed in the period, and cards that waited past their due time.

    `late` counts by the edges of `LATE_DAYS`; the last one has no end. `waiting` of the late cards were not printed by
    the end of the period. The quantiles are hours after the due time, of late cards only.
    """

    group: str
    cards: int
    in_time: int
    late: tuple[int, ...]
    waiting: int
    median_h: float | None
    p90_h: float | None


@dataclass(frozen=True, slots=True)
class PromisedFigure:
    """A figure that a plan or a forecast promised, its band from P10 to P90, and the fact (None: not known yet).

    `source` is 'plan', with its name, or 'forecast'. `at_ms` is the moment for which a backlog was promised. `unit` is
    'moment', 'count', 'hours' or 'rupiah'.
    """

    source: str
    name: str
    made_ms: int
    figure: str
    at_ms: int | None
    unit: str
    band: Quantiles
    fact: float | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of facts that differ from their promise: a factor of the expected figure, or lost seat hours.

    `of` is the number of prints, answers or people behind a factor, or the seat hours that were ordered.
    """

    name: str
    unit: str
    amount: float
    of: float

    @property
    def slows(self) -> bool:
        """True if the cause makes queues longer and cards later."""
        return self.amount >= self.least_h if self.unit == "hours" else self.amount >= 1 + NOTABLE

    @property
    def speeds(self) -> bool:
        """True if the cause makes queues shorter."""
        return self.unit == "factor" and self.amount <= 1 - NOTABLE

    @property
    def least_h(self) -> float:
        """Seat hours from which a loss is named."""
        return max(NOTABLE * self.of / 2, 0.5)


NOTABLE = 0.05
"""Distance from 1 from which a factor is a cause."""


@dataclass(frozen=True, slots=True)
class NumberedOrder:
    """A seat order with its number in the list of orders (0: the scenario's own overtime)."""

    number: int
    order: SeatOrder
    cancelled: bool


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """All figures of a period; all moments are virtual milliseconds UTC.

    `late_before` of the late cards were due before the period began.
    """

    scenario: str
    title: str
    times: Times
    window: Window
    stations: tuple[StationReport, ...]
    blanks: Blanks
    spoiled: tuple[SpoiledCount, ...]
    late_by_class: tuple[Lateness, ...]
    late_by_station: tuple[Lateness, ...]
    late_before: int
    overdue_on_shelves: int
    promises: tuple[PromisedFigure, ...]
    causes: tuple[Cause, ...]
    forecasts: int
    scores: tuple[Score, ...]
    orders: tuple[NumberedOrder, ...]

    @property
    def printed(self) -> int:
        """Cards printed in the period."""
        return sum(station.printed for station in self.stations)

    @property
    def late(self) -> int:
        """Cards printed late, and cards that waited for a machine past their due time at the end."""
        return sum(sum(row.late) for row in self.late_by_station)

    @property
    def waiting(self) -> int:
        """Cards that waited for a printer at the end."""
        return sum(station.waiting for station in self.stations)

    @property
    def overtime_seat_hours(self) -> float:
        """Overtime until the end of the period, all stations together."""
        return round(sum(station.overtime_seat_hours for station in self.stations), 2)

    @property
    def overtime_rupiah(self) -> int:
        """Pay of that overtime."""
        return sum(station.overtime_rupiah for station in self.stations)

    @property
    def spoil_reasons(self) -> dict[str, int]:
        """Spoiled blanks by reason, most first."""
        found: dict[str, int] = {}
        for one in self.spoiled:
            found[one.reason] = found.get(one.reason, 0) + one.blanks
        return dict(sorted(found.items(), key=lambda row: -row[1]))
