"""The record of a run: every figure that the terminal, the page and the JSON show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lembur.domain.card import SHELVES, Status

if TYPE_CHECKING:
    from console.report.hourly import Series
    from console.report.period import Blanks, PeriodReport, StationReport
    from console.ui import Times
    from lembur.domain.seats import SeatOrder
    from lembur.ledger.audit import Violation


BEHIND_MS: Final = 72_000
"""Two percent of an hour: a run that is later than this does not show the office as it is at that moment."""
LONGEST_LAG_MS: Final = 60_000
"""Real time of the last bucket of the lag; `None` is longer."""


@dataclass(frozen=True, slots=True)
class CentreReport:
    """The centre over the run: its lines, its answers, its failures, and the cards that still wait for it."""

    lines: int
    answered: dict[str, int]
    retries: dict[str, int]
    waiting: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run; all moments are virtual milliseconds UTC.

    `period` is the report of its whole time. `late` counts two kinds of cards: printed after they were due, or still
    waiting for a machine past their due time. Cards that wait for a person are counted in `overdue_on_shelves`, because
    no overtime prints them. `late_at_start` of the late cards were due before the run began.
    """

    scenario: str
    title: str
    times: Times
    seed: int
    speed: float
    started_ms: int
    ended_ms: int
    wall_s: float
    backlog: int
    enrolled: int
    refused: int
    by_status: dict[Status, int]
    printed: int
    printed_per_day: dict[str, int]
    cleared_ms: int | None
    period: PeriodReport
    centre: CentreReport
    orders: tuple[SeatOrder, ...]
    lag_ms: dict[str, float | None]
    violations: tuple[Violation, ...]
    series: Series

    @property
    def stations(self) -> tuple[StationReport, ...]:
        """The print stations."""
        return self.period.stations

    @property
    def blanks(self) -> Blanks:
        """The blanks of all stations."""
        return self.period.blanks

    @property
    def spoil_reasons(self) -> dict[str, int]:
        """Spoiled blanks by reason, most first."""
        return self.period.spoil_reasons

    @property
    def late(self) -> int:
        """Cards printed late, and cards that wait for a machine past their due time."""
        return self.period.late

    @property
    def late_at_start(self) -> int:
        """Late cards that were due before the run began."""
        return self.period.late_before

    @property
    def overdue_on_shelves(self) -> int:
        """Cards that wait for a person past their due time."""
        return self.period.overdue_on_shelves

    @property
    def overtime_seat_hours(self) -> float:
        """Overtime until the end of the report, all stations together."""
        return self.period.overtime_seat_hours

    @property
    def overtime_rupiah(self) -> int:
        """Pay of the overtime until the end of the report."""
        return self.period.overtime_rupiah

    @property
    def ordered_seat_hours(self) -> float:
        """Overtime of all orders, also of those that end after the report."""
        return round(sum(station.ordered_seat_hours for station in self.stations), 2)

    @property
    def ordered_rupiah(self) -> int:
        """Pay of the overtime of all orders."""
        return sum(station.ordered_rupiah for station in self.stations)

    @property
    def shelved(self) -> int:
        """Cards that wait for a person."""
        return sum(self.by_status.get(status, 0) for status in SHELVES)

    @property
    def behind_ms(self) -> float:
        """Office time by which half of the lots ended late; 0 where the machine keeps the speed of the run."""
        lag_ms = self.lag_ms.get("p50", 0.0)
        behind_ms = self.speed * (LONGEST_LAG_MS if lag_ms is None else lag_ms)
        return behind_ms if behind_ms > BEHIND_MS else 0.0

    @property
    def waiting(self) -> int:
        """Cards that still wait for a machine."""
        return self.enrolled - self.printed - self.shelved
