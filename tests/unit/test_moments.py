"""The grammar of moments: each form leads to one moment, and other text to one sentence."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ui import parse_moment
from console.ui.moments import DAYS_AHEAD, WEEKDAYS
from lembur.domain.errors import SettingsError

JAKARTA = ZoneInfo("Asia/Jakarta")
THURSDAY = datetime(2016, 8, 25, 8, 0, tzinfo=JAKARTA)

zones = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC"]).map(ZoneInfo)
first, last = datetime(2000, 1, 1), datetime(2099, 1, 1)  # noqa: DTZ001 - the zone is drawn beside it
moments = st.datetimes(first, last).map(lambda moment: moment.replace(microsecond=0))
times = st.times().map(lambda at: at.replace(microsecond=0))
signs = st.sampled_from(["{0:%H:%M}", "{0:%H.%M}", "{0:%H:%M:%S}", "{0:%-H:%M}"])


def parse(text: str, now: datetime = THURSDAY) -> datetime:
    """Read a moment at a time of the office, and give it in the office's zone."""
    assert now.tzinfo
    found = parse_moment(text, option="--by", now_ms=round(now.timestamp() * 1000), zone=now.tzinfo)
    return datetime.fromtimestamp(found / 1000, now.tzinfo)


@pytest.mark.parametrize(
    ("text", "day", "hour", "minute"),
    [
        ("Thursday 17:00", 25, 17, 0),
        ("thu 07:59", 32, 7, 59),
        ("Friday 21:00", 26, 21, 0),
        ("Jumat 21.00", 26, 21, 0),
        ("Jum'at 21:00", 26, 21, 0),
        ("rabu 9:00", 31, 9, 0),
        ("Minggu 10:00", 28, 10, 0),
        ("21:00", 25, 21, 0),
        ("07:45", 25, 7, 45),
        ("today 18:30", 25, 18, 30),
        ("hari  ini 18:30", 25, 18, 30),
        ("tomorrow 18:00", 26, 18, 0),
        ("Besok 18.00", 26, 18, 0),
        ("lusa 18:00", 27, 18, 0),
        ("2016-08-25 17:00", 25, 17, 0),
        ("2016-08-25T17:00:30", 25, 17, 0),
        ("2016-08-25T10:00Z", 25, 17, 0),
        ("2016-08-25 19:00+09:00", 25, 17, 0),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, day: int, hour: int, minute: int) -> None:
    """In English and Indonesian, at 08:00 of Thursday 25 August 2016."""
    found = parse(text)

    assert found.replace(second=0) == datetime(2016, 8, 1, hour, minute, tzinfo=JAKARTA) + timedelta(days=day - 1)


@given(moment=moments, zone=zones, now=moments)
def test_a_date_with_a_time_is_itself(moment: datetime, zone: ZoneInfo, now: datetime) -> None:
    """Whatever the time is now: in the office's zone, or in the zone that is written."""
    there = now.replace(tzinfo=zone)

    assert parse(f"{moment:%Y-%m-%d %H:%M:%S}", there) == moment.replace(tzinfo=zone)
    assert parse(f"{moment:%Y-%m-%dT%H:%M:%S}Z", there) == moment.replace(tzinfo=UTC)


@given(
    name=st.sampled_from([name for names in WEEKDAYS for name in names]),
    letters=st.integers(3, 9),
    at=times,
    now=moments,
    zone=zones,
    sign=signs,
)
def test_a_weekday_is_the_next_one(name: str, letters: int, at: time, now: datetime, zone: ZoneInfo, sign: str) -> None:
    """It lies within the coming seven days, on that weekday and at that time; capitals change nothing."""
    there, written = now.replace(tzinfo=zone), sign.format(at)

    found = parse(f"{name[:letters].upper()} {written}", there)

    assert timedelta(0) < found - there <= timedelta(days=7)
    assert found.weekday() == next(number for number, names in enumerate(WEEKDAYS) if name in names)
    assert sign.format(found.time()) == written


@given(word=st.sampled_from(["", *DAYS_AHEAD]), at=times, now=moments, zone=zones)
def test_today_and_tomorrow_count_from_the_offices_day(word: str, at: time, now: datetime, zone: ZoneInfo) -> None:
    """A time alone is today's, past or not: the command decides whether it may be past."""
    there = now.replace(tzinfo=zone)

    found = parse(f"{word} {at:%H:%M}", there)

    assert found.date() == there.date() + timedelta(days=DAYS_AHEAD.get(word, 0))
    assert (found.hour, found.minute) == (at.hour, at.minute)


@given(text=st.text() | st.from_regex(r"[a-z]{0,9} ?[0-9]{0,4}[-:. ]?[0-9]{0,3}[-:.+Tz]?[0-9]{0,2}", fullmatch=True))
def test_any_other_text_is_one_sentence(text: str) -> None:
    """No text ends in a traceback."""
    with suppress(SettingsError):
        assert isinstance(parse(text), datetime)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "Friday",
        "2016-08-25",
        "25:00",
        "Fr 21:00",
        "s 21:00",
        "Friday 21",
        "1999-12-31 10:00",
        "\u0662\u0661:\u0660\u0660",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A day without a time, a time that does not exist, fewer than three letters, a year far away."""
    with pytest.raises(SettingsError, match="must be like"):
        parse(text)
