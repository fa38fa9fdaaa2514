"""Read a moment that a person typed: the same grammar for `--by`, `--from` and `--until`."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from datetime import date, tzinfo

EXAMPLES: Final = "'Friday 21:00', 'besok 18:00', '2016-08-26 21:00' or '21:00'"
DAYS_AHEAD: Final = {"today": 0, "hari ini": 0, "tomorrow": 1, "besok": 1, "lusa": 2}
WEEKDAYS: Final = (
    ("monday", "senin"),
    ("tuesday", "selasa"),
    ("wednesday", "rabu"),
    ("thursday", "kamis"),
    ("friday", "jumat"),
    ("saturday", "sabtu"),
    ("sunday", "minggu", "ahad"),
)
SHORTEST: Final = 3
"""Letters that suffice to name a weekday."""
YEARS: Final = range(2000, 2101)
TIME: Final = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?")
"""A time of day; Indonesia writes 21.00 as well as 21:00."""
ISO: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ t](.+?) ?(z|[+-][0-9]{2}:[0-9]{2})?")


def parse_moment(text: str, *, option: str, now_ms: int, zone: tzinfo) -> int:
    """Read a moment: a time of today, a day with a time, or a date with a time, in the office's zone.

    A weekday means the next one. It may be today if the time is still to come.
    """
    words = " ".join(text.lower().replace("'", "").split())
    try:
        found = _read(words, datetime.fromtimestamp(now_ms / 1000, zone))
    except (ValueError, OverflowError) as fault:
        raise SettingsError(
            "%(option)s must be like %(examples)s, not '%(text)s'", option=option, examples=EXAMPLES, text=text
        ) from fault
    return round(found.timestamp() * 1000)


def _read(words: str, now: datetime) -> datetime:
    if iso := ISO.fullmatch(words):
        return _read_date(iso[1], iso[2], iso[3], now)
    day, _, clock = words.rpartition(" ")
    at = _read_time(clock)
    if not day or day in DAYS_AHEAD:
        return _combine(now.date() + timedelta(days=DAYS_AHEAD.get(day, 0)), at, now)
    ahead = (_read_weekday(day) - now.weekday()) % 7
    found = _combine(now.date() + timedelta(days=ahead), at, now)
    return found if found > now else _combine(now.date() + timedelta(days=ahead + 7), at, now)


def _read_date(day: str, clock: str, zone: str | None, now: datetime) -> datetime:
    at = datetime.fromisoformat(day)
    if at.year not in YEARS:
        raise ValueError(day)
    if zone is None:
        return _combine(at.date(), _read_time(clock), now)
    return datetime.fromisoformat(f"{day}T{_read_time(clock).isoformat()}{zone.upper()}")


def _read_time(text: str) -> time:
    found = TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]), int(found[3] or 0))


def _read_weekday(word: str) -> int:
    (found,) = (
        number
        for number, names in enumerate(WEEKDAYS)
        if len(word) >= SHORTEST and any(name.startswith(word) for name in names)
    )
    return found


def _combine(day: date, at: time, now: datetime) -> datetime:
    return datetime.combine(day, at, now.tzinfo)
