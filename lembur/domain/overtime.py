"""Overtime: its definition, its hours and its price, for plan, orders, exporter and report alike.

Overtime is the time for which a seat is ordered outside the regular working time: before opening, after closing, on a
day off. It is paid as ordered: a broken printer does not send its operator home. A seat more than usual, inside the
regular working time, is no overtime: it is work at usual pay.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from lembur.domain.calendar import Calendar
from lembur.domain.seats import Step, Window
from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from lembur.domain.scenario import OvertimePay, Scenario


class DatedScenario(NamedTuple):
    """A scenario of an office, and the time in which its hours and its pay were in force."""

    window: Window
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Overtime:
    """Overtime of a station: hours by day and seat, and the days off among these days."""

    hours: Mapping[tuple[date, int], float]
    days_off: frozenset[date]

    @property
    def seat_hours(self) -> float:
        """Hours of all seats added up."""
        return sum(self.hours.values())

    def rupiah(self, pay: OvertimePay) -> float:
        """Return the pay of all seats. Each seat is one person on each day."""
        return sum(
            pay.on(day).pay_rupiah(hours, day_off=day in self.days_off) for (day, _), hours in self.hours.items()
        )


def overtime_of(wanted: Sequence[Step], calendar: Calendar, window: Window) -> Overtime:
    """Return the overtime of a station's ordered seats inside a window.

    A break is no overtime, because no seat is open.
    """
    hours: dict[tuple[date, int], float] = {}
    for part, seats in overtime_stretches(wanted, calendar, window):
        for seat in range(seats):
            key = (calendar.day_of(part.start_ms), seat)
            hours[key] = hours.get(key, 0.0) + (part.end_ms - part.start_ms) / HOUR_MS
    return Overtime(hours, frozenset(day for day, _ in hours if not calendar.is_working_day(day)))


def overtime_by_date(
    dated: Sequence[DatedScenario], station: str, wanted: Sequence[Step], window: Window
) -> tuple[float, float]:
    """Return the seat hours and the pay of a station's overtime, each by the scenario of its time."""
    seat_hours = rupiah = 0.0
    for of, scenario in dated:
        part = Window(max(of.start_ms, window.start_ms), min(of.end_ms, window.end_ms))
        own = next((one for one in scenario.stations if one.code == station), None)
        if own and part.start_ms < part.end_ms:
            found = overtime_of(wanted, Calendar.of_station(scenario, own), part)
            seat_hours += found.seat_hours
            rupiah += found.rupiah(scenario.overtime_pay)
    return seat_hours, rupiah


def overtime_stretches(wanted: Sequence[Step], calendar: Calendar, window: Window) -> Iterator[tuple[Window, int]]:
    """Yield the stretches outside the working time in which seats are ordered, and their number."""
    begin_ms = max(window.start_ms, next((step.at_ms for step in wanted if step.seats), window.start_ms))
    first = calendar.day_of(begin_ms) - timedelta(days=1)
    shifts = calendar.shifts(first, calendar.day_of(min(window.end_ms, max(begin_ms, _last_ms(wanted)))))
    for stretch, seats in _stretches(wanted, window):
        for part in outside(stretch, shifts):
            yield part, seats


def _last_ms(wanted: Sequence[Step]) -> int:
    return wanted[-1].at_ms if wanted else 0


def _stretches(wanted: Sequence[Step], window: Window) -> Iterator[tuple[Window, int]]:
    """Yield the stretches inside the window in which seats are ordered, and their number."""
    for step, after in pairwise([*wanted, Step(window.end_ms, 0)]):
        begin, end = max(step.at_ms, window.start_ms), min(after.at_ms, window.end_ms)
        if step.seats and begin < end:
            yield Window(begin, end), step.seats


def outside(stretch: Window, shifts: Sequence[Window]) -> Iterator[Window]:
    """Yield the parts of a stretch outside all shifts. The shifts are in order of time."""
    begin = stretch.start_ms
    for shift in shifts[bisect_right(shifts, begin, key=lambda shift: shift.end_ms) :]:
        if shift.start_ms >= stretch.end_ms:
            break
        if begin < shift.start_ms:
            yield Window(begin, shift.start_ms)
        begin = max(begin, shift.end_ms)
    if begin < stretch.end_ms:
        yield Window(begin, stretch.end_ms)
