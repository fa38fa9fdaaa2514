"""The hours of an office: regular shift, breaks, days off, and the days until a card is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from lembur.domain.scenario import checks
from lembur.domain.scenario.fields import Count, Day, Flag, Part, TimeOfDay, Weekday

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.scenario.fields import Fault


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


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
    country: Country = "ID"
    joint_leave: Flag = False
    closed: tuple[Day, ...] = ()
    sla_days: Count = 3

    def faults(self) -> Iterator[Fault]:
        """See that a shift ends after it starts, and that its breaks lie inside it."""
        shift = (self.opens, self.closes)
        yield from checks.in_order("closes", ("opens", self.opens), self.closes)
        yield from checks.break_inside("break", shift, (self.break_from, self.break_until))
        yield from checks.break_inside("friday_break", shift, (self.friday_break_from, self.friday_break_until))
        if self.workdays == ():
            yield "workdays", 'is empty, so the office never opens: name at least one day, such as ["mon"]'
        yield from self._country_faults()

    def _country_faults(self) -> Iterator[Fault]:
        import holidays

        if self.country is None:
            return
        if self.country not in holidays.list_supported_countries():
            yield "country", f'is "{self.country}", whose holidays are not known: use ID and list days off in `closed`'
        if self.joint_leave and self.country != "ID":
            yield "joint_leave", "is Indonesia's: set it to false, or the country to ID"
