"""Moments and days. The program counts milliseconds UTC; people see dates and times in the office's own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
NEVER_MS: Final = 9_000_000_000_000_000
"""A moment later than all others. The ledger (a double) and JSON both hold it exactly."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FRIDAY: Final = 4

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def moment_ms(moment: datetime) -> int:
    """Convert a moment with a zone to milliseconds UTC."""
    return (moment - _EPOCH) // _MS


def at_ms(day: date, at: time, zone: tzinfo) -> int:
    """Return the moment of a time of day."""
    return moment_ms(datetime.combine(day, at, zone))


def day_of(ms: int, zone: tzinfo) -> date:
    """Return the day of a moment."""
    return (_EPOCH + ms * _MS).astimezone(zone).date()


def next_midnight_ms(ms: int, zone: tzinfo) -> int:
    """Return the end of the day of a moment."""
    return at_ms(day_of(ms, zone) + timedelta(days=1), time(), zone)


def hours_ahead(ms: int, zone: tzinfo) -> int:
    """Return the whole hours by which a zone is ahead of UTC at a moment."""
    ahead = (_EPOCH + ms * _MS).astimezone(zone).utcoffset() or timedelta()
    return round(ahead / timedelta(hours=1))


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
