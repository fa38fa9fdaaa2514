"""Write dates and moments in the time of an office. All formats of the terminal are here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from lembur.domain.scenario import Scenario


class DateForm(StrEnum):
    """Forms of a date, each with 25 August 2016 as its example."""

    WEEKDAY = "%a"
    """'Thu'."""
    SHORT = "%-d %b"
    """'25 Aug'."""
    BRIEF = "%a %-d %b %Y"
    """'Thu 25 Aug 2016'."""
    LONG = "%A %-d %B %Y"
    """'Thursday 25 August 2016'."""


def write_date(day: date | None, form: DateForm = DateForm.BRIEF) -> str:
    """Write a date; a missing one is '-'."""
    return f"{day:{form}}" if day else "-"


@dataclass(frozen=True, slots=True)
class Times:
    """Formats of moments in one time zone. A moment that never comes is 'never', and a missing one is '-'."""

    zone: tzinfo

    def local(self, at_ms: float) -> datetime:
        """Convert a moment to the office's own date and time."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)

    def full(self, at_ms: float | None) -> str:
        """Write date and time to the second: 'Thu 25 Aug 2016 18:40:03'."""
        return self._write(at_ms, "%a %-d %b %Y %H:%M:%S")

    def brief(self, at_ms: float | None) -> str:
        """Write date and time for a sentence or a table: 'Thu 25 Aug 18:40'."""
        return self._write(at_ms, "%a %-d %b %H:%M")

    def short(self, at_ms: float | None) -> str:
        """Write a moment of the next days for a narrow table: 'Thu 25 18:40'."""
        return self._write(at_ms, "%a %-d %H:%M")

    def clock(self, at_ms: float | None) -> str:
        """Write a time of day: '18:40'."""
        return self._write(at_ms, "%H:%M")

    def long(self, at_ms: float | None, *, dated: bool = True) -> str:
        """Write a moment in words: 'Thursday 25 August 18:40', or 'Thursday 18:40' without the date."""
        return self._write(at_ms, "%A %-d %B %H:%M" if dated else "%A %H:%M")

    def day(self, at_ms: float, *, brief: bool = False) -> str:
        """Write a date without its year: 'Thursday 25 August', or 'Thu 25 Aug'."""
        return self._write(at_ms, "%a %-d %b" if brief else "%A %-d %B")

    def iso(self, at_ms: float | None) -> str | None:
        """Write a moment for programs, by ISO 8601 with the zone; None for a moment that never comes."""
        if at_ms is None or at_ms >= NEVER_MS:
            return None
        return self.local(at_ms).isoformat(timespec="seconds")

    def _write(self, at_ms: float | None, form: str) -> str:
        if at_ms is None:
            return "-"
        return "never" if at_ms >= NEVER_MS else f"{self.local(at_ms):{form}}"


def times_of(scenario: Scenario) -> Times:
    """Make the formats of a scenario's office."""
    return Times(scenario.zone)
