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
from typing import TYPE_CHECKING, Final, NamedTuple

from lembur.domain.calendar import Calendar
from lembur.domain.seats import Step, Window
from lembur.domain.time import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from lembur.domain.scenario import OvertimePay, Scenario

    SeatHours = Mapping[tuple[date, int], float]
    """Hours of overtime by day and seat. Each seat is one person on each day."""


class DatedScenario(NamedTuple):
    """A scenario of an office, and the time in which its hours and its pay were in force."""

    window: Window
    scenario: Scenario


NO_HOURS: Final[SeatHours] = {}


def scenario_at(dated: Sequence[DatedScenario], at_ms: int) -> Scenario:
    """Return the scenario that was in force at a moment."""
    return next(one.scenario for one in dated if at_ms < one.window.end_ms)


@dataclass(frozen=True, slots=True)
class Overtime:
    """Overtime of a station: hours by day and seat, and the days off among these days."""

    hours: SeatHours
    days_off: frozenset[date]

    @property
    def seat_hours(self) -> float:
        """Hours of all seats added up."""
        return sum(self.hours.values())

    def rupiah(self, pay: OvertimePay, earlier: SeatHours = NO_HOURS) -> float:
        """Return the pay that this overtime adds to earlier hours of the same days and seats.

        A person's day counts once: its full hours, its bands and its meal are not paid again for a later part.
        """
        return sum(
            pay.on(day).pay_rupiah(earlier.get((day, seat), 0.0) + hours, day_off=day in self.days_off)
            - pay.on(day).pay_rupiah(earlier.get((day, seat), 0.0), day_off=day in self.days_off)
            for (day, seat), hours in self.hours.items()
        )


def add_hours(some: SeatHours, more: SeatHours) -> dict[tuple[date, int], float]:
    """Add up the hours of two periods by day and seat."""
    return {key: some.get(key, 0.0) + more.get(key, 0.0) for key in {**some, **more}}


def overtime_of(wanted: Sequence[Step], calendar: Calendar, window: Window) -> Overtime:
    """Return the overtime of a station's ordered seats inside a window.

    A break is no overtime, because no seat is open.
    """
    hours: dict[tuple[date, int], float] = {}
    for day, seat, part in seat_overtime(wanted, calendar, Window(window.start_ms - DAY_MS, window.end_ms)):
        inside_ms = part.end_ms - max(part.start_ms, window.start_ms)
        if inside_ms > 0:
            hours[day, seat] = hours.get((day, seat), 0.0) + inside_ms / HOUR_MS
    return Overtime(hours, frozenset(day for day, _ in hours if not calendar.is_working_day(day)))


def seat_overtime(wanted: Sequence[Step], calendar: Calendar, window: Window) -> Iterator[tuple[date, int, Window]]:
    """Yield the overtime of each seat, with its day.

    A stretch over midnight belongs to the day on which it begins, also where the number of seats changes in it.
    """
    begun: dict[int, tuple[int, date]] = {}
    for part, seats in _overtime_stretches(wanted, calendar, window):
        today = calendar.day_of(part.start_ms)
        for seat in range(seats):
            end_ms, day = begun.get(seat, (part.start_ms, today))
            day = day if end_ms == part.start_ms else today
            begun[seat] = (part.end_ms, day)
            yield day, seat, part


def overtime_by_date(
    dated: Sequence[DatedScenario], station: str, wanted: Sequence[Step], window: Window
) -> tuple[float, float]:
    """Return the seat hours and the pay of a station's overtime, each by the scenario of its time.

    A day counts once: hours before the window, or before a change of the office, are no second day.
    """
    before = Window(window.start_ms - DAY_MS, window.start_ms)
    earlier = worked_hours(dated, station, wanted, before)
    seat_hours = rupiah = 0.0
    for found, pay in _overtime_parts(dated, station, wanted, window):
        seat_hours += found.seat_hours
        rupiah += found.rupiah(pay, earlier)
        earlier = add_hours(earlier, found.hours)
    return seat_hours, rupiah


def worked_hours(dated: Sequence[DatedScenario], station: str, wanted: Sequence[Step], window: Window) -> SeatHours:
    """Return the hours of a station's overtime by day and seat, each by the working time that held."""
    hours: SeatHours = NO_HOURS
    for found, _ in _overtime_parts(dated, station, wanted, window):
        hours = add_hours(hours, found.hours)
    return hours


def _overtime_parts(
    dated: Sequence[DatedScenario], station: str, wanted: Sequence[Step], window: Window
) -> Iterator[tuple[Overtime, OvertimePay]]:
    """Yield the overtime and the pay of each scenario of the office inside a window."""
    for of, scenario in dated:
        part = Window(max(of.start_ms, window.start_ms), min(of.end_ms, window.end_ms))
        own = next((one for one in scenario.stations if one.code == station), None)
        if own and part.start_ms < part.end_ms:
            yield overtime_of(wanted, Calendar.of_station(scenario, own), part), scenario.overtime_pay


def _overtime_stretches(wanted: Sequence[Step], calendar: Calendar, window: Window) -> Iterator[tuple[Window, int]]:
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
