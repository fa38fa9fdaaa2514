"""The period that a person asks a report for: a day, one of its shifts, or several days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final

from lembur.domain.calendar import Calendar
from lembur.domain.errors import Sentence, SettingsError
from lembur.domain.seats import Window
from lembur.domain.time import at_ms, day_of, moment_ms
from lembur.ledger import HOURLY_DAYS

if TYPE_CHECKING:
    from lembur.domain.scenario import Scenario

DAYS_BACK: Final = {"today": 0, "hari ini": 0, "yesterday": 1, "kemarin": 1}
EXAMPLES: Final = "2016-08-25, today or kemarin"


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """The words of a person for a period: a day, the last one with any work if None, alone or until another day.

    `until` is the last day of the period. `shift` is a part of one day, the first is 1.
    """

    day: str | None = None
    until: str | None = None
    shift: int | None = None


def period_of(scenario: Scenario, now_ms: int, last_ms: int, choice: PeriodChoice) -> Window:
    """Return the period that was chosen, from the opening of the office until now at most.

    A shift goes on until the next one opens, so that its overtime belongs to it; the first has the morning before it.
    """
    found = _read_day(choice.day, scenario, now_ms) if choice.day else day_of(last_ms, scenario.zone)
    shift, last = choice.shift, found
    if choice.until:
        last = _read_day(choice.until, scenario, now_ms)
        _check_order(found, last, shift)
    window = _days(scenario, found, last) if shift is None else _shift(scenario, found, shift)
    starts_ms = moment_ms(scenario.starts)
    newest = day_of(min(now_ms, moment_ms(scenario.ends)), scenario.zone)
    if shift is not None and found < newest - timedelta(days=HOURLY_DAYS):
        raise SettingsError(
            "%(day)s has no report of shift %(shift)s: hours are kept for %(kept)s days, older counts by the "
            "day; ask for the whole day",
            day=found,
            shift=shift,
            kept=HOURLY_DAYS,
        )
    if window.end_ms <= starts_ms or window.start_ms > now_ms:
        first, last = day_of(starts_ms, scenario.zone), day_of(now_ms, scenario.zone)
        raise SettingsError(
            "%(day)s is no day of this office: give one from %(first)s to %(last)s", day=found, first=first, last=last
        )
    return Window(window.start_ms, max(window.start_ms, min(window.end_ms, now_ms)))


def _check_order(first: date, last: date, shift: int | None) -> None:
    if shift is not None:
        raise SettingsError("shift %(shift)s is a part of one day: leave the shift out, or the last day", shift=shift)
    if last < first:
        raise SettingsError(
            "the last day %(last)s is before the first, %(first)s: give them the other way round",
            last=last,
            first=first,
        )


def _read_day(text: str, scenario: Scenario, now_ms: int) -> date:
    words = " ".join(text.lower().split())
    if words in DAYS_BACK:
        return day_of(now_ms, scenario.zone) - timedelta(days=DAYS_BACK[words])
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise SettingsError("a day must be like %(examples)s, not '%(text)s'", examples=EXAMPLES, text=text) from None


def _days(scenario: Scenario, first: date, last: date) -> Window:
    return Window(at_ms(first, time(), scenario.zone), at_ms(last + timedelta(days=1), time(), scenario.zone))


def _shift(scenario: Scenario, day: date, number: int) -> Window:
    whole = _days(scenario, day, day)
    shifts = sorted(
        {
            (shift.start_ms, shift.end_ms)
            for station in scenario.stations
            for shift in Calendar.of_station(scenario, station).shifts(day, day)
            if shift.start_ms >= whole.start_ms
        }
    )
    if not 1 <= number <= len(shifts):
        raise SettingsError(
            "there is no shift %(number)s on %(day)s, which has %(shifts)s: ask for another, or the whole day",
            number=number,
            day=day,
            shifts=len(shifts) or Sentence("none"),
        )
    begins = [whole.start_ms, *(start for start, _ in shifts[1:])]
    last_end = max(whole.end_ms, *(end for _, end in shifts))
    return Window(begins[number - 1], begins[number] if number < len(shifts) else last_end)
