"""Numbers, money, dates and durations in Indonesian or English, in the office's time zone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from lembur.domain.errors import LemburError, Sentence
from lembur.domain.observation import AHEAD_DAYS
from lembur.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, NEVER_MS, moment_ms, round_up_ms
from web.language.names import NAMES

if TYPE_CHECKING:
    from datetime import tzinfo

    from web.language.catalogue import Words

LONG_DAYS: Final = 2
"""A duration is written in days from here on."""
MOMENT: Final = "EEE d MMM HH:mm"


@dataclass(frozen=True, slots=True)
class Formats:
    """Indonesian writes 1.234,5 and 16.00; English writes 1,234.5 and 16:00, as commands and papers do."""

    language: str
    words: Words
    zone: tzinfo

    def number(self, value: float) -> str:
        """Write a number; a fraction gets one decimal."""
        return format_decimal(round(value, 1), locale=self.language)

    def percent(self, share: float) -> str:
        """Write a share in whole percent; only a certain thing is 0 or 100."""
        shown = min(max(share, 0.01), 0.99) if 0 < share < 1 else share
        return format_percent(round(shown, 2), locale=self.language)

    def chance(self, share: float) -> str:
        """Write the chance of success, rounded down: '94,9%' of 0.9496. What is below the chance asked for looks so."""
        # Seven more digits are kept first: 0.57 times a thousand is a little less than 570.
        return format_percent(math.floor(round(1000 * share, 7)) / 1000, "#,##0.0%", locale=self.language)

    def risk(self, share: float) -> str:
        """Write the chance of a failure in whole percent, rounded up; only a certain one is 100."""
        shown = math.ceil(round(100 * share, 7))
        return format_percent((min(99, shown) if share < 1 else 100) / 100, locale=self.language)

    def rupiah(self, value: float) -> str:
        """Write an amount of money."""
        return format_decimal(round(value), "'Rp'\u00a0#,##0", locale=self.language)

    def local(self, at_ms: float) -> datetime:
        """Convert a moment to the office's own date and time."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)

    def is_never(self, at_ms: float) -> bool:
        """Return True for a moment that never comes, or a duration without an end."""
        return at_ms >= NEVER_MS

    def moment(self, at_ms: float | None) -> str:
        """Write a day with its time: 'Kam 25 Agu 18.40' or 'Thu 25 Aug 18:40'."""
        return self._write(at_ms, MOMENT)

    def done_by(self, at_ms: float) -> str:
        """Write the first full minute by which something is done, with its day."""
        return self.moment(round_up_ms(at_ms))

    def time_from(self, now_ms: float, at_ms: float) -> str:
        """Write a moment as short as it is clear: today's as '18.40', another day's as 'Kam 25 Agu 18.40'."""
        same_day = self.local(now_ms).date() == self.local(at_ms).date()
        return self._write(at_ms, "HH:mm") if same_day else self.moment(at_ms)

    def date(self, at_ms: float) -> str:
        """Write a day: 'Kam 25 Agu'."""
        return self._write(at_ms, "EEE d MMM")

    def stretch(self, from_ms: float, until_ms: float) -> str:
        """Write the hours from one moment until another, and the day of the end if it is another."""
        same_day = self.local(from_ms).date() == self.local(until_ms).date()
        return f"{self._write(from_ms, 'HH:mm')} - {self._write(until_ms, 'HH:mm' if same_day else 'EEE HH:mm')}"

    def hour(self, at_ms: float) -> str:
        """Write a day with its hour for the axis of a chart."""
        return self._write(at_ms, "EEE HH:mm")

    def clock(self, at_ms: float | None) -> str:
        """Write a time of day to the second, with the name of the zone."""
        zone = "" if at_ms is None else f" {self.zone_name(at_ms)}"
        return f"{self._write(at_ms, 'HH:mm:ss')}{zone}"

    def full(self, at_ms: float | None) -> str:
        """Write a date with its time to the second."""
        return self._write(at_ms, "EEE d MMM y HH:mm:ss")

    def day(self, at_ms: float) -> str:
        """Write a date in words."""
        return format_date(self.local(at_ms), "EEEE d MMMM y", locale=self.language)

    def zone_name(self, at_ms: float) -> str:
        """Return the short name of the zone, such as WIB."""
        return self.local(at_ms).tzname() or ""

    def field(self, at_ms: float) -> str:
        """Write a moment as a browser's field for date and time takes it."""
        return f"{self.local(at_ms):%Y-%m-%dT%H:%M}"

    def span(self, duration_ms: float) -> str:
        """Write a duration in its largest fitting unit."""
        if self.is_never(duration_ms):
            return self.words.gettext("never")
        if duration_ms >= LONG_DAYS * DAY_MS:
            return self._plural("%(num)s day", "%(num)s days", duration_ms / DAY_MS)
        if duration_ms >= HOUR_MS:
            return self._plural("%(num)s hour", "%(num)s hours", duration_ms / HOUR_MS)
        return self._plural("%(num)s minute", "%(num)s minutes", duration_ms / MINUTE_MS)

    def runway(self, seconds: float) -> str:
        """Write the time that a stock lasts, rounded down; beyond the horizon of a forecast a lower bound is known."""
        if seconds >= AHEAD_DAYS * DAY_MS / 1000:
            text = self.words.ngettext("%(num)s day or more", "%(num)s days or more", AHEAD_DAYS)
            return text % {"num": self.number(AHEAD_DAYS)}
        if seconds >= LONG_DAYS * DAY_MS / 1000:
            return self._plural("%(num)s day", "%(num)s days", seconds * 1000 // DAY_MS)
        return self._plural("%(num)s hour", "%(num)s hours", seconds * 1000 // HOUR_MS)

    def sentence(self, given: str | LemburError) -> str:
        """Write a sentence, or the one of a refusal, in this language; other text stays as it is."""
        found = given.sentence if isinstance(given, LemburError) else given
        if not isinstance(found, Sentence):
            return found
        one, many = found.template
        number = found.values.get("num")
        text = self.words.ngettext(one, many, int(str(number))) if many else self.words.gettext(one)
        return text % {name: self._value(value) for name, value in found.values.items()} if found.values else text

    def name(self, one: str) -> str:
        """Write the name of a state, a finding or a collector; a text that is none of them stays as it is."""
        return self.sentence(NAMES.get(one, one))

    def _value(self, value: object) -> str:
        """Write a value of a sentence."""
        match value:
            case StrEnum():
                text = self.name(value)
            case Path():
                text = value.name
            case str() | LemburError():
                text = self.sentence(value)
            case tuple():
                text = "; ".join(map(self._value, value))
            case int() | float():
                text = format_decimal(value, locale=self.language)
            case datetime():
                text = self._write_local(value.astimezone(self.zone), MOMENT)
            case date():
                text = format_date(value, "d MMMM y", locale=self.language)
            case _:
                text = str(value)
        return text

    def _plural(self, one: str, many: str, value: float) -> str:
        return self.words.ngettext(one, many, round(value)) % {"num": self.number(round(value))}

    def _write(self, at_ms: float | None, form: str) -> str:
        if at_ms is None:
            return "-"
        if self.is_never(at_ms):
            return self.words.gettext("never")
        return self._write_local(self.local(at_ms), form)

    def _write_local(self, local: datetime, form: str) -> str:
        return format_datetime(local, form.replace(":", ".") if self.language == "id" else form, locale=self.language)


def read_field(text: str, zone: tzinfo) -> int:
    """Read a browser's field for date and time, in the office's zone; ValueError for any other text."""
    return moment_ms(datetime.fromisoformat(text).replace(tzinfo=zone))
