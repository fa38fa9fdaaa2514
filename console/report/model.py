"""The record of a run: every figure that the terminal, the page and the JSON show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.card import SHELVES, Status

if TYPE_CHECKING:
    from console.report.hourly import Series
    from console.ui import Times
    from lembur.domain.seats import SeatOrder, StationCode
    from lembur.ledger.audit import Violation


@dataclass(frozen=True, slots=True)
class Blanks:
    """The blanks by use; `unaccounted` is zero, or something is wrong."""

    received: int
    used: int
    spoiled: int
    reserved: int
    destroyed: int
    left: int
    moved: int
    unaccounted: int


@dataclass(frozen=True, slots=True)
class StationReport:
    """One print station over the run; hours are seat hours from the start until the queue was clear."""

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
class CentreReport:
    """The centre over the run: its lines, its answers, its failures, and the cards that still wait for it."""

    lines: int
    answered: dict[str, int]
    retries: dict[str, int]
    waiting: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run; all moments are virtual milliseconds UTC.

    `late` counts cards printed after they were due and cards that still wait for a machine past their due time.
    Cards that wait for a person are counted apart, in `overdue_on_shelves`: no overtime prints them.
    `late_at_start` of the late cards were due before the run began.
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
    late: int
    late_at_start: int
    overdue_on_shelves: int
    cleared_ms: int | None
    blanks: Blanks
    spoil_reasons: dict[str, int]
    stations: tuple[StationReport, ...]
    centre: CentreReport
    orders: tuple[SeatOrder, ...]
    lag_ms: dict[str, float | None]
    violations: tuple[Violation, ...]
    series: Series

    @property
    def overtime_seat_hours(self) -> float:
        """Overtime until the end of the report, all stations together."""
        return round(sum(station.overtime_seat_hours for station in self.stations), 2)

    @property
    def overtime_rupiah(self) -> int:
        """Pay of the overtime until the end of the report."""
        return sum(station.overtime_rupiah for station in self.stations)

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
    def waiting(self) -> int:
        """Cards that still wait for a machine."""
        return self.enrolled - self.printed - self.shelved
