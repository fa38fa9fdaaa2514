"""Moments and days. The program counts milliseconds UTC; people see dates and times in the office's own zone.

The formats of programs and of messages are here. Those of the terminal and of paper are in `console/ui`, those of the
browser in `web/language`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
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
    return _local(ms, zone).date()


def describe_moment(ms: int, zone: tzinfo) -> str:
    """Write a moment for a message: 'Thu 25 Aug 2016 18:40'."""
    return f"{_local(ms, zone):%a %-d %b %Y %H:%M}"


def time_of_day(ms: int, zone: tzinfo) -> str:
    """Write the time of day of a moment: '18:40'."""
    return f"{_local(ms, zone):%H:%M}"


def month_of(ms: int, zone: tzinfo) -> str:
    """Write the month of a moment: '2016-08'."""
    return f"{_local(ms, zone):%Y-%m}"


def utc_text(ms: float) -> str:
    """Write a moment for programs, by ISO 8601 in UTC: '2016-08-25T11:40:03Z'."""
    return f"{_local(int(ms), UTC):%Y-%m-%dT%H:%M:%SZ}"


def file_stamp(moment: datetime) -> str:
    """Write a moment as a part of a file's name, so that names sort by time: '20160825-184003'."""
    return f"{moment:%Y%m%d-%H%M%S}"


def round_up_ms(ms: float, step_ms: int = MINUTE_MS) -> int:
    """Return the first full minute, or other step, that is not before a moment: what is done by then stays done."""
    return int(-(-ms // step_ms)) * step_ms


def next_midnight_ms(ms: int, zone: tzinfo) -> int:
    """Return the end of the day of a moment."""
    return at_ms(day_of(ms, zone) + timedelta(days=1), time(), zone)


def hours_ahead(ms: int, zone: tzinfo) -> int:
    """Return the whole hours by which a zone is ahead of UTC at a moment."""
    ahead = _local(ms, zone).utcoffset() or timedelta()
    return round(ahead / timedelta(hours=1))


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _local(ms: int, zone: tzinfo) -> datetime:
    return (_EPOCH + ms * _MS).astimezone(zone)
