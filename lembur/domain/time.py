"""Moments and days: milliseconds UTC in the program, dates and times of day for people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
NEVER_MS: Final = 9_000_000_000_000_000
"""Later than any time; a score in the ledger (a double) and JSON both hold it exactly."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FRIDAY: Final = 4

JAKARTA: Final = timezone(timedelta(hours=7), "WIB")
"""Asia/Jakarta has been UTC+7 without summer time since 1964; a test compares it with the zone database."""

OFFSET_MS: Final = 7 * HOUR_MS
EPOCH: Final = date(1970, 1, 1).toordinal()


def day_of(ms: int) -> date:
    """Return the day in Jakarta of a moment."""
    return date.fromordinal(EPOCH + (ms + OFFSET_MS) // DAY_MS)


def at_ms(day: date, at: time) -> int:
    """Return the moment of a time of day in Jakarta."""
    seconds = at.hour * 3600 + at.minute * 60 + at.second
    return (day.toordinal() - EPOCH) * DAY_MS - OFFSET_MS + seconds * 1000 + at.microsecond // 1000


def moment_ms(moment: datetime) -> int:
    """Turn a moment into milliseconds UTC; one without a zone is in Jakarta."""
    return at_ms(moment.date(), moment.time()) if moment.tzinfo is None else round(moment.timestamp() * 1000)


def days(first: date, last: date) -> Iterator[date]:
    """Walk over every day from `first` to `last`, both included."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def shown(ms: int) -> str:
    """Write a moment as people in Jakarta read it, 'Thu 25 Aug 2016 18:40:03'; 'never' for one that never comes."""
    if ms >= NEVER_MS:
        return "never"
    return datetime.fromtimestamp(ms / 1000, JAKARTA).strftime("%a %d %b %Y %H:%M:%S")


def brief(ms: int) -> str:
    """Write a moment shortly for tables, 'Thu 25 Aug 18:40'."""
    return datetime.fromtimestamp(ms / 1000, JAKARTA).strftime("%a %d %b %H:%M")
