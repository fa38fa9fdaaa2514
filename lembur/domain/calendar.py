"""Working time of an office: working days, shifts, breaks, and the SLA clock that counts working days."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from lembur.domain.seats import Window
from lembur.domain.time import DAY_MS, FRIDAY, JAKARTA, NEVER_MS, WEEKDAYS, at_ms, day_of, days

if TYPE_CHECKING:
    from datetime import tzinfo

    from lembur.domain.scenario import Hours, Scenario

FIRST_DAY: Final = date(2000, 1, 1)
_LOOK_AHEAD_DAYS: Final = 3660
"""A working day that is further away than ten years never comes."""


class Calendar:
    """The working time of an office: its `Hours` in its zone."""

    def __init__(self, hours: Hours, zone: tzinfo = JAKARTA) -> None:
        self.hours = hours
        self.zone = zone
        self._weekdays = frozenset(WEEKDAYS.index(day) for day in hours.workdays)
        self._closed = frozenset(hours.closed)
        self._first_ms = at_ms(FIRST_DAY, time(), zone)
        self._due: dict[tuple[int, int], int] = {}

    def day_of(self, ms: int) -> date:
        """Return the day of a moment."""
        return day_of(ms, self.zone)

    def at_ms(self, day: date, at: time) -> int:
        """Return the moment of a time of day."""
        return at_ms(day, at, self.zone)

    @classmethod
    def of(cls, scenario: Scenario) -> Calendar:
        """Build the calendar of a scenario's office."""
        return cls(scenario.hours, scenario.zone)

    def is_holiday(self, day: date) -> bool:
        """Tell whether nobody works on this day, whatever the weekday: a national holiday, or closed by the office."""
        if day in self._closed:
            return True
        return self.hours.national_holidays and day in _holidays(
            self.hours.country, day.year, joint_leave=self.hours.joint_leave
        )

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office keeps its regular hours on this day."""
        return day.weekday() in self._weekdays and not self.is_holiday(day)

    def shifts(self, first: date, last: date) -> list[Window]:
        """List the regular stretch from opening to closing of each working day, breaks not cut out."""
        opens, closes = self.hours.opens, self.hours.closes
        return [
            Window(self.at_ms(day, opens), self.at_ms(day, closes))
            for day in days(first, last)
            if self.is_working_day(day)
        ]

    def breaks(self, first: date, last: date) -> list[Window]:
        """List the break of every day, also of days off: who works on a Saturday by order has a break too."""
        return [window for day in days(first, last) if (window := self.break_of(day)).start_ms < window.end_ms]

    def break_of(self, day: date) -> Window:
        """Tell the break of a day, empty where the hours give none; Friday's is its own, for prayer."""
        hours = self.hours
        if day.weekday() == FRIDAY:
            return Window(self.at_ms(day, hours.friday_break_from), self.at_ms(day, hours.friday_break_until))
        return Window(self.at_ms(day, hours.break_from), self.at_ms(day, hours.break_until))

    def open_parts(self, day: date) -> list[Window]:
        """List the regular working time of a day: its shift with the break cut out, nothing on a day off."""
        rest = self.break_of(day)
        return [
            part
            for shift in self.shifts(day, day)
            for part in (
                Window(shift.start_ms, min(shift.end_ms, rest.start_ms)),
                Window(max(shift.start_ms, rest.end_ms), shift.end_ms),
            )
            if part.start_ms < part.end_ms
        ]

    def due_ms(self, recorded_ms: int, sla_days: int) -> int:
        """Tell when a card is due: closing time of the `sla_days`-th working day after the day it was recorded.

        The hour of recording does not matter. What is recorded on a day off counts as recorded on the next working
        day. With three days: Monday is due on Thursday, Friday on Wednesday, Saturday and Sunday on Thursday.
        """
        number = (recorded_ms - self._first_ms) // DAY_MS  # no zone of an office has summer time
        due = self._due.get((number, sla_days))
        if due is None:
            due = self._due[number, sla_days] = self._due_of(FIRST_DAY + timedelta(days=number), sla_days)
        return due

    def _due_of(self, recorded: date, sla_days: int) -> int:
        left = sla_days + 1
        for day in days(recorded, recorded + timedelta(days=_LOOK_AHEAD_DAYS)):
            left -= self.is_working_day(day)
            if not left:
                return self.at_ms(day, self.hours.closes)
        return NEVER_MS

    def days_before(self, day: date, count: int) -> list[date]:
        """List the `count` working days before a day, oldest first."""
        earlier = (day - timedelta(days=back) for back in range(1, _LOOK_AHEAD_DAYS))
        return list(islice(filter(self.is_working_day, earlier), count))[::-1]


@cache
def _holidays(country: str, year: int, *, joint_leave: bool) -> frozenset[date]:
    import holidays

    kinds = ("public", "government") if joint_leave else ("public",)
    return frozenset(holidays.country_holidays(country, years=year, categories=kinds))
