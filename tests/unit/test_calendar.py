"""Working time in Jakarta: shifts, breaks, holidays, and the SLA clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lembur.domain.calendar import Calendar
from lembur.domain.scenario import Hours, Shift
from lembur.domain.scenario.fields import ZoneName
from lembur.domain.seats import Window
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS, WEEKDAYS, at_ms, day_of, days, moment_ms
from support.zones import JAKARTA

THURSDAY, FRIDAY, SATURDAY, SUNDAY = (date(2016, 8, day) for day in (25, 26, 27, 28))
MOMENTS = st.integers(moment_ms(datetime(2000, 1, 1, tzinfo=UTC)), moment_ms(datetime(2037, 1, 1, tzinfo=UTC)))
DAYS = st.dates(date(2016, 1, 1), date(2018, 12, 31))


def solo(**changes: object) -> Calendar:
    """Build Solo's working time, with changes."""
    times = {
        "opens": time(7, 30),
        "closes": time(16),
        "break_from": time(12),
        "break_until": time(13),
        "friday_break_from": time(11, 30),
        "friday_break_until": time(13),
    }
    return Calendar(Hours.model_validate(times | changes), JAKARTA)


def ms(day: date, hour: int, minute: int = 0) -> int:
    """Tell a moment by the wall clock in Jakarta."""
    return moment_ms(datetime.combine(day, time(hour, minute), JAKARTA))


@given(MOMENTS, st.sampled_from(get_args(ZoneName)))
def test_days_and_times_are_those_of_the_zone_database(moment: int, name: str) -> None:
    """For every moment that a scenario can have."""
    zone = ZoneInfo(name)
    real = datetime.fromtimestamp(moment / 1000, zone)

    assert day_of(moment, zone) == real.date()
    assert at_ms(real.date(), real.time(), zone) == pytest.approx(moment, abs=1)


@given(MOMENTS, st.sampled_from(get_args(ZoneName)))
def test_no_zone_of_an_office_has_summer_time(moment: int, name: str) -> None:
    """So every day has 24 hours, and a due time can be found by the number of its day."""
    zone = ZoneInfo(name)

    assert datetime.fromtimestamp(moment / 1000, zone).utcoffset() == datetime(2000, 1, 1, tzinfo=zone).utcoffset()


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2016, 8, 17), False),  # Independence Day, a Wednesday
        (date(2016, 8, 16), True),
        (SATURDAY, False),
        (date(2016, 9, 12), False),  # Eid al-Adha, a Monday
        (date(2017, 4, 14), False),  # Good Friday
    ],
)
def test_holidays_and_weekends_are_days_off(day: date, *, works: bool) -> None:
    """Indonesia's public holidays close the office."""
    assert solo().is_working_day(day) is works


def test_a_day_on_which_one_shift_works_is_a_working_day() -> None:
    """A station may have a second shift on Saturdays only."""
    times = {"opens": time(8), "closes": time(12)}
    shifts = [Shift.model_validate({**times, "days": days}) for days in (["mon"], ["mon", "sat"])]
    calendar = Calendar(solo().hours, JAKARTA, shifts)

    assert calendar.is_working_day(SATURDAY)
    assert not calendar.is_working_day(SUNDAY)


def test_holidays_can_be_left_out_and_joint_leave_taken_in() -> None:
    """26 December 2016 was joint leave: a working day unless the scenario says otherwise."""
    assert solo(national_holidays=False).is_working_day(date(2016, 8, 17))
    assert solo().is_working_day(date(2016, 12, 26))
    assert not solo(joint_leave=True).is_working_day(date(2016, 12, 26))


def test_the_office_can_close_on_days_of_its_own() -> None:
    """A closed day is a day off and has no shift."""
    calendar = solo(closed=(THURSDAY,))

    assert not calendar.is_working_day(THURSDAY)
    assert calendar.shifts(THURSDAY, THURSDAY) == []


def test_a_shift_runs_from_opening_to_closing_of_each_working_day() -> None:
    """Thursday to Sunday has two."""
    assert solo().shifts(THURSDAY, SUNDAY) == [
        Window(ms(THURSDAY, 7, 30), ms(THURSDAY, 16)),
        Window(ms(FRIDAY, 7, 30), ms(FRIDAY, 16)),
    ]


def test_there_is_a_break_every_day_and_fridays_is_its_own() -> None:
    """Who works on a Saturday by order has a break too."""
    assert solo().breaks(THURSDAY, SATURDAY) == [
        Window(ms(THURSDAY, 12), ms(THURSDAY, 13)),
        Window(ms(FRIDAY, 11, 30), ms(FRIDAY, 13)),
        Window(ms(SATURDAY, 12), ms(SATURDAY, 13)),
    ]


def test_a_break_of_no_length_is_none() -> None:
    """Hours without a break write the same time twice."""
    calendar = solo(break_until=time(12))

    assert calendar.breaks(THURSDAY, THURSDAY) == []


def test_open_parts_are_the_shift_less_the_break() -> None:
    """A week is 4 x 7.5 h and Friday's 7 h."""
    parts = [part for day in days(date(2016, 8, 22), SUNDAY) for part in solo().open_parts(day)]

    assert sum(part.end_ms - part.start_ms for part in parts) == 37 * HOUR_MS
    assert len(parts) == 10


@pytest.mark.parametrize(
    ("recorded", "due"),
    [
        (ms(date(2016, 8, 22), 9), date(2016, 8, 25)),  # Monday: Thursday
        (ms(date(2016, 8, 22), 23, 59), date(2016, 8, 25)),  # the hour does not matter
        (ms(FRIDAY, 9), date(2016, 8, 31)),  # Friday: Wednesday
        (ms(SATURDAY, 9), date(2016, 9, 1)),  # Saturday counts as Monday: Thursday
        (ms(SUNDAY, 9), date(2016, 9, 1)),
        (ms(date(2016, 8, 16), 9), date(2016, 8, 22)),  # over Independence Day and a weekend
        (ms(date(2016, 8, 17), 9), date(2016, 8, 23)),  # a holiday counts as the next working day
    ],
)
def test_a_card_is_due_at_closing_of_the_third_working_day(recorded: int, due: date) -> None:
    """The SLA clock counts working days after the day of recording."""
    assert solo().due_ms(recorded, 3) == ms(due, 16)


def test_a_card_of_no_days_is_due_on_its_own_day() -> None:
    """Zero days is the same day's closing time, or the next working day's."""
    assert solo().due_ms(ms(THURSDAY, 9), 0) == ms(THURSDAY, 16)
    assert solo().due_ms(ms(SATURDAY, 9), 0) == ms(date(2016, 8, 29), 16)


@settings(max_examples=60)
@given(MOMENTS, st.integers(1, 20))
def test_due_is_so_many_working_days_later(recorded: int, sla_days: int) -> None:
    """Between the day of recording and the due day, that included, lie exactly so many working days."""
    calendar = solo(national_holidays=False)
    due = calendar.due_ms(recorded, sla_days)
    first = day_of(recorded, JAKARTA)
    while not calendar.is_working_day(first):
        first += timedelta(days=1)

    assert due > recorded
    assert due == ms(day_of(due, JAKARTA), 16)
    assert calendar.is_working_day(day_of(due, JAKARTA))
    assert (
        sum(calendar.is_working_day(day) for day in days(first + timedelta(days=1), day_of(due, JAKARTA))) == sla_days
    )


@settings(max_examples=40)
@given(MOMENTS, st.integers(0, 10 * DAY_MS), st.integers(0, 5))
def test_who_is_recorded_later_is_never_due_earlier(recorded: int, later: int, sla_days: int) -> None:
    """The SLA clock keeps the order of recording."""
    calendar = solo(national_holidays=False)

    assert calendar.due_ms(recorded, sla_days) <= calendar.due_ms(recorded + later, sla_days)


@settings(max_examples=40)
@given(DAYS, st.integers(0, 30), st.sets(st.sampled_from(WEEKDAYS), min_size=1))
def test_shifts_and_breaks_come_in_order_and_only_when_they_should(first: date, many: int, workdays: set[str]) -> None:
    """One shift a working day, one break a day, none overlapping, all inside the range."""
    calendar = solo(workdays=tuple(workdays))
    last = first + timedelta(days=many)
    shifts, breaks = calendar.shifts(first, last), calendar.breaks(first, last)

    assert [day_of(shift.start_ms, JAKARTA) for shift in shifts] == [
        d for d in days(first, last) if calendar.is_working_day(d)
    ]
    assert [day_of(rest.start_ms, JAKARTA) for rest in breaks] == list(days(first, last))
    for windows in (shifts, breaks):
        assert all(one.end_ms <= next_.start_ms for one, next_ in pairwise(windows))


def test_the_working_days_before_a_day_are_the_last_ones() -> None:
    """Nine working days before Thursday 25 August 2016 begin on the 11th: the 17th was a holiday."""
    found = solo().days_before(THURSDAY, 9)

    assert found[0] == date(2016, 8, 11)
    assert found[-1] == date(2016, 8, 24)
    assert len(found) == 9


def test_an_office_that_never_opens_never_owes_a_card() -> None:
    """Closed for ten years on end: due never, and found without end of time."""
    every_day = tuple(days(THURSDAY, THURSDAY + timedelta(days=3700)))

    assert solo(closed=every_day).due_ms(ms(THURSDAY, 9), 3) == NEVER_MS


DAY = {"opens": time(7), "closes": time(19), "break_from": time(12), "break_until": time(13)}
NIGHT = {"opens": time(19), "closes": time(7), "break_from": time(23, 30), "break_until": time(0, 30)}


def station(*shifts: dict[str, Any], **changes: Any) -> Calendar:
    """Build the calendar of a station with shifts of its own."""
    return Calendar(solo(**changes).hours, JAKARTA, [Shift.model_validate(one) for one in shifts])


def test_two_shifts_follow_each_other_around_the_clock() -> None:
    """The night belongs to the day on which it begins, and reaches into the next."""
    assert station(DAY, NIGHT).shifts(FRIDAY, FRIDAY) == [
        Window(ms(THURSDAY, 19), ms(FRIDAY, 7)),
        Window(ms(FRIDAY, 7), ms(FRIDAY, 19)),
        Window(ms(FRIDAY, 19), ms(SATURDAY, 7)),
    ]


def test_a_shift_into_a_day_off_is_worked_to_its_end() -> None:
    """Friday's night ends on Saturday morning; none begins on Saturday, and none on the eve of a closed day."""
    assert station(NIGHT).shifts(SATURDAY, SUNDAY) == [Window(ms(FRIDAY, 19), ms(SATURDAY, 7))]
    assert station(NIGHT, closed=(FRIDAY,)).shifts(FRIDAY, SUNDAY) == [Window(ms(THURSDAY, 19), ms(FRIDAY, 7))]
    assert not station(NIGHT).is_working_day(SATURDAY)


def test_a_break_over_midnight_is_part_of_its_shift() -> None:
    """Every day has it, days off too."""
    assert station(NIGHT).breaks(FRIDAY, FRIDAY) == [
        Window(ms(THURSDAY, 23, 30), ms(FRIDAY, 0, 30)),
        Window(ms(FRIDAY, 23, 30), ms(SATURDAY, 0, 30)),
    ]


def test_a_shift_has_days_of_its_own() -> None:
    """On a Saturday the office is closed and the station works; on a holiday it does not."""
    saturday = station({**DAY, "days": ("sat",)})

    assert saturday.is_working_day(SATURDAY)
    assert not saturday.is_working_day(FRIDAY)
    assert saturday.shifts(THURSDAY, SUNDAY) == [Window(ms(SATURDAY, 7), ms(SATURDAY, 19))]
    assert not station({**DAY, "days": ("wed",)}).is_working_day(date(2016, 8, 17))


def test_fridays_break_of_a_shift_is_its_own_or_the_usual() -> None:
    """Only a shift that names one has it."""
    prayer = {"friday_break_from": time(11, 30), "friday_break_until": time(13, 30)}

    assert station({**DAY, **prayer}).breaks(FRIDAY, FRIDAY) == [Window(ms(FRIDAY, 11, 30), ms(FRIDAY, 13, 30))]
    assert station(DAY).breaks(FRIDAY, FRIDAY) == [Window(ms(FRIDAY, 12), ms(FRIDAY, 13))]
    assert station({"opens": time(7), "closes": time(19)}).breaks(THURSDAY, SATURDAY) == []


def test_open_parts_of_a_night_are_cut_by_its_break() -> None:
    """Of Friday: what is left of Thursday's night, and Friday's own."""
    assert station(NIGHT).open_parts(FRIDAY) == [
        Window(ms(THURSDAY, 19), ms(THURSDAY, 23, 30)),
        Window(ms(FRIDAY, 0, 30), ms(FRIDAY, 7)),
        Window(ms(FRIDAY, 19), ms(FRIDAY, 23, 30)),
        Window(ms(SATURDAY, 0, 30), ms(SATURDAY, 7)),
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"closes": time(19)}, "closes: is 19:00:00, the same as opens"),
        ({"break_until": None}, "break_until: is missing"),
        ({"break_from": None}, "break_from: is missing"),
        ({"break_from": time(18)}, "break_from: 18:00:00 to 00:30:00 is not inside 19:00:00 to 07:00:00"),
        ({"break_until": time(7, 30)}, "break_from: 23:30:00 to 07:30:00 is not inside"),
        ({"friday_break_from": time(1)}, "friday_break_until: is missing"),
    ],
)
def test_a_shift_that_cannot_be_worked_is_refused(changes: dict[str, Any], fault: str) -> None:
    """It has a length below a day, and a break has both ends, inside it."""
    with pytest.raises(ValidationError, match=fault):
        Shift.model_validate({**NIGHT, **changes})


def test_the_zone_moves_everything() -> None:
    """Two hours east the same hours begin two hours earlier, and a card of the late evening is of another day."""
    east = Calendar(solo().hours, ZoneInfo("Asia/Jayapura"))
    evening = ms(THURSDAY, 22, 30)

    assert [one.start_ms for one in east.shifts(THURSDAY, THURSDAY)] == [ms(THURSDAY, 7, 30) - 2 * HOUR_MS]
    assert east.day_of(evening) == FRIDAY
    assert east.due_ms(evening, 1) == ms(date(2016, 8, 29), 16) - 2 * HOUR_MS
    assert solo().due_ms(evening, 1) == ms(FRIDAY, 16)


def test_an_unknown_country_and_leave_elsewhere_are_refused() -> None:
    """Joint leave is Indonesia's own."""
    with pytest.raises(ValidationError, match="country"):
        solo(country="XX")
    with pytest.raises(ValidationError, match="joint_leave: is Indonesia's"):
        solo(country="MY", joint_leave=True)
    assert not solo(country="MY").is_working_day(date(2016, 8, 31))


def test_what_ends_at_midnight_does_not_touch_the_next_day() -> None:
    """Neither a shift nor its break."""
    late = station({"opens": time(16), "closes": time(0), "break_from": time(23, 30), "break_until": time(0)})

    assert late.shifts(FRIDAY, FRIDAY) == [Window(ms(FRIDAY, 16), ms(SATURDAY, 0))]
    assert late.breaks(FRIDAY, FRIDAY) == [Window(ms(FRIDAY, 23, 30), ms(SATURDAY, 0))]


def test_a_break_at_opening_leaves_no_empty_part() -> None:
    """The working time then begins after the break."""
    early = station({"opens": time(7), "closes": time(19), "break_from": time(7), "break_until": time(8)})

    assert early.open_parts(THURSDAY) == [Window(ms(THURSDAY, 8), ms(THURSDAY, 19))]
