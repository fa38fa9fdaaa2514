"""Working time of an office: working days, shifts, breaks, and the SLA clock that counts working days."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from lembur.domain.seats import Window
from lembur.domain.time import DAY_MS, FRIDAY, NEVER_MS, WEEKDAYS, at_ms, day_of, days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from lembur.domain.scenario import Hours, Scenario, Shift, Station

FIRST_DAY: Final = date(2000, 1, 1)
_LOOK_AHEAD_DAYS: Final = 3660
"""A working day further away than ten years counts as never."""


class Calendar:
    """The working time of an office, or of a station with its own shifts."""

    def __init__(self, hours: Hours, zone: tzinfo, shifts: Sequence[Shift] = ()) -> None:
        self.hours = hours
        self.zone = zone
        self._shifts = [
            (shift, frozenset(WEEKDAYS.index(day) for day in shift.days or hours.workdays))
            for shift in shifts or (hours.shift,)
        ]
        self._closed = frozenset(hours.closed)
        self._first_ms = at_ms(FIRST_DAY, time(), zone)
        self._due: dict[tuple[int, int], int] = {}
        self._moments: dict[tuple[date, time], int] = {}

    @classmethod
    def of(cls, scenario: Scenario) -> Calendar:
        """Build the calendar of a scenario's office."""
        return cls(scenario.hours, scenario.zone)

    @classmethod
    def of_station(cls, scenario: Scenario, station: Station) -> Calendar:
        """Build the calendar of a station: its own shifts, or the office's hours if it has none."""
        return cls(scenario.hours, scenario.zone, station.shifts)

    def day_of(self, ms: int) -> date:
        """Return the day of a moment."""
        return day_of(ms, self.zone)

    def at_ms(self, day: date, at: time) -> int:
        """Return the moment of a time of day."""
        moment = self._moments.get((day, at))
        if moment is None:
            moment = self._moments[day, at] = at_ms(day, at, self.zone)
        return moment

    def is_holiday(self, day: date) -> bool:
        """Return True on a national holiday and on a day that the office lists as closed."""
        if day in self._closed:
            return True
        return self.hours.national_holidays and day in _holidays(
            self.hours.country, day.year, joint_leave=self.hours.joint_leave
        )

    def is_working_day(self, day: date) -> bool:
        """Return True if a regular shift begins on this day."""
        return any(day.weekday() in weekdays for _, weekdays in self._shifts) and not self.is_holiday(day)

    def shifts(self, first: date, last: date) -> list[Window]:
        """List the regular shifts that touch these days, from opening to closing, with their breaks.

        A shift over midnight belongs to the day on which it begins, also if the next day is a holiday.
        """
        found = [
            self._window(day, shift, shift.opens, shift.closes)
            for day in days(first - timedelta(days=1), last)
            for shift, weekdays in self._shifts
            if day.weekday() in weekdays and not self.is_holiday(day)
        ]
        begin_ms = self.at_ms(first, time())
        return sorted((window for window in found if window.end_ms > begin_ms), key=lambda window: window.start_ms)

    def breaks(self, first: date, last: date) -> list[Window]:
        """List the breaks that touch these days.

        Days off are included, because overtime on a Saturday has a break too.
        """
        found = [self._break(day, shift) for day in days(first - timedelta(days=1), last) for shift, _ in self._shifts]
        begin_ms = self.at_ms(first, time())
        return sorted(
            (window for window in found if window.start_ms < window.end_ms and window.end_ms > begin_ms),
            key=lambda window: window.start_ms,
        )

    def _break(self, day: date, shift: Shift) -> Window:
        """Return the break of a shift; it is empty if the shift has none. Friday has its own break, for prayer."""
        begin, end = shift.break_from, shift.break_until
        if day.weekday() == FRIDAY and shift.friday_break_from is not None:
            begin, end = shift.friday_break_from, shift.friday_break_until
        return self._window(day, shift, begin or shift.opens, end or shift.opens)

    def _window(self, day: date, shift: Shift, begin: time, end: time) -> Window:
        """Return two times of day as moments of the shift that begins on a day.

        Times before its opening are on the next day.
        """
        return Window(*(self.at_ms(day + timedelta(days=at < shift.opens), at) for at in (begin, end)))

    def open_parts(self, day: date) -> list[Window]:
        """List the regular working time of a day: its shifts without the breaks, and nothing on a day off."""
        parts = self.shifts(day, day)
        for rest in self.breaks(day, day):
            parts = [
                part
                for whole in parts
                for part in (
                    Window(whole.start_ms, min(whole.end_ms, rest.start_ms)),
                    Window(max(whole.start_ms, rest.end_ms), whole.end_ms),
                )
                if part.start_ms < part.end_ms
            ]
        return parts

    def due_ms(self, recorded_ms: int, sla_days: int) -> int:
        """Return the due moment: closing time of the office on the `sla_days`-th working day after the recording.

        The hour of the recording does not matter. A recording on a day off counts as one on the next working day. With
        three days, a card recorded on Monday is due on Thursday. One of Friday is due on Wednesday. One of Saturday or
        Sunday is due on Thursday.
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
