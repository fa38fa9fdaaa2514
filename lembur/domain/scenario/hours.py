"""The hours of an office: regular shift, breaks, days off, and the days until a card is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from lembur.domain.scenario import checks
from lembur.domain.scenario.fields import Count, Day, Flag, Part, TimeOfDay, Weekday

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import time

    from lembur.domain.scenario.fields import Fault


class Shift(Part):
    """A shift of a station: days, hours and break. It ends on the next day if `closes` is before `opens`."""

    days: tuple[Weekday, ...] = ()
    opens: TimeOfDay
    closes: TimeOfDay
    break_from: TimeOfDay | None = None
    break_until: TimeOfDay | None = None
    friday_break_from: TimeOfDay | None = None
    friday_break_until: TimeOfDay | None = None

    def faults(self) -> Iterator[Fault]:
        """Check that the shift has a length, and that its breaks lie inside it."""
        if checks.are_read(self.opens, self.closes) and self.opens == self.closes:
            yield "closes", f"is {self.closes}, the same as opens: a shift is shorter than a day"
        for name, begin, end in (
            ("break", self.break_from, self.break_until),
            ("friday_break", self.friday_break_from, self.friday_break_until),
        ):
            if (begin is None) != (end is None):
                yield f"{name}_{'until' if end is None else 'from'}", "is missing: a break has both"
            elif begin is not None and end is not None and checks.are_read(self.opens, self.closes):
                inside = [self.minutes_after_opening(at) for at in (begin, end, self.closes)]
                if inside != sorted(inside):
                    yield f"{name}_from", f"{begin} to {end} is not inside {self.opens} to {self.closes}: move it"

    def minutes_after_opening(self, at: time) -> float:
        """Return the minutes from opening to a time of day, which may be on the next day."""
        opens, then = (each.hour * 60 + each.minute + each.second / 60 for each in (self.opens, at))
        return (then - opens) % (24 * 60)


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
INDONESIA: Final = "ID"


class Hours(Part):
    """The office's working time: regular shifts, breaks, closed days, and the SLA in working days."""

    workdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    opens: TimeOfDay
    closes: TimeOfDay
    break_from: TimeOfDay
    break_until: TimeOfDay
    friday_break_from: TimeOfDay
    friday_break_until: TimeOfDay
    national_holidays: Flag = True
    country: Country = INDONESIA
    joint_leave: Flag = False
    closed: tuple[Day, ...] = ()
    sla_days: Count = 3

    @property
    def shift(self) -> Shift:
        """The office's hours as a shift."""
        return Shift(
            days=self.workdays,
            opens=self.opens,
            closes=self.closes,
            break_from=self.break_from,
            break_until=self.break_until,
            friday_break_from=self.friday_break_from,
            friday_break_until=self.friday_break_until,
        )

    def faults(self) -> Iterator[Fault]:
        """Check that a shift ends after it starts, and that its breaks lie inside it."""
        shift = (self.opens, self.closes)
        yield from checks.in_order("closes", ("opens", self.opens), self.closes)
        yield from checks.break_inside("break", shift, (self.break_from, self.break_until))
        yield from checks.break_inside("friday_break", shift, (self.friday_break_from, self.friday_break_until))
        if self.workdays == ():
            yield "workdays", 'is empty, so the office never opens: name at least one day, such as ["mon"]'
        yield from self._country_faults()

    def _country_faults(self) -> Iterator[Fault]:
        if self.country in {None, INDONESIA}:
            return
        # Its names alone: `holidays.list_supported_countries` would load the calendars of all countries.
        from holidays.registry import EntityLoader

        if self.country not in EntityLoader.get_country_codes():
            yield "country", f'is "{self.country}", whose holidays are not known: use ID and list days off in `closed`'
        if self.joint_leave:
            yield "joint_leave", "is Indonesia's: set it to false, or the country to ID"
