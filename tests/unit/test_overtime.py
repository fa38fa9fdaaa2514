"""Overtime: one definition and one price, for the plan, its orders, the exporter and the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.report.compose import Run, compose
from console.report.period import Facts
from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import Status
from lembur.domain.observation import CardRecords
from lembur.domain.overtime import DatedScenario, overtime_by_date, overtime_of
from lembur.domain.scenario import load, preset
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Step, Window
from lembur.domain.time import HOUR_MS, NEVER_MS, at_ms, moment_ms
from lembur.ledger.queries import Board, StationView, Stock
from monitoring.overtime import cost_until
from planner.decision.choices import Choices
from planner.decision.cost import cost_of, overtime_by_station, price_rupiah
from planner.problem import Problem, Terms, orders, problem_from_scenario, uniform_roster
from reference.pooled import pooled
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.report.model import Report
    from lembur.domain.scenario import Scenario

THURSDAY, FRIDAY, SATURDAY = date(2016, 8, 25), date(2016, 8, 26), date(2016, 8, 27)
NONE = np.zeros(0, dtype=np.int64)
LAWEYAN = StationCode("laweyan")


@cache
def solo(pay: str = "civil-ii") -> Scenario:
    """Solo without the overtime in its file."""
    return load("solo-2016").model_copy(update={"overtime": (), "overtime_pay": preset(pay)})


def dated(scenario: Scenario) -> DatedScenario:
    """A scenario that was never changed."""
    return DatedScenario(Window(0, NEVER_MS), scenario)


@cache
def problem(pay: str = "civil-ii") -> Problem:
    """Solo's problem until Saturday noon, so that a day off is inside."""
    deadline = at_ms(SATURDAY, time(12), JAKARTA)
    return problem_from_scenario(solo(pay), Terms(deadline_ms=deadline, max_hours=8.0, worlds=1))


def day(when: date, opens: time, closes: time, seats: int) -> list[Step]:
    """Seats from when until when."""
    return [Step(at_ms(when, opens, JAKARTA), seats), Step(at_ms(when, closes, JAKARTA), 0)]


class CountedCalendar(Calendar):
    """A calendar that counts the days for which it is asked for shifts."""

    days = 0

    def shifts(self, first: date, last: date) -> list[Window]:
        """List the shifts, and count their days."""
        self.days += (last - first).days + 1
        return super().shifts(first, last)


def test_overtime_is_looked_for_on_its_own_days() -> None:
    """A letter is about two evenings, and not about all the days since 1970."""
    calendar = CountedCalendar(solo().hours, solo().zone)
    wanted = [Step(0, 0), *day(THURSDAY, time(16), time(18), 2)]
    found = overtime_of(wanted, calendar, Window(0, at_ms(SATURDAY, time(), JAKARTA)))

    assert found.seat_hours == 4
    assert calendar.days == 2


def overtime(*steps: Step) -> dict[tuple[date, int], float]:
    """Overtime of these seats in Solo's week."""
    window = Window(at_ms(THURSDAY, time(0), JAKARTA), at_ms(date(2016, 8, 29), time(0), JAKARTA))
    return dict(overtime_of(steps, Calendar.of(solo()), window).hours)


def test_only_time_outside_the_working_time_is_overtime() -> None:
    """Two people from opening to 18:00 make two hours of overtime each: a seat in working time is a person needed."""
    assert overtime(*day(THURSDAY, time(7, 30), time(18), 2)) == {(THURSDAY, 0): 2.0, (THURSDAY, 1): 2.0}
    assert overtime(*day(THURSDAY, time(6), time(16), 1)) == {(THURSDAY, 0): 1.5}
    assert overtime(*day(THURSDAY, time(7, 30), time(16), 3)) == {}


def test_a_day_off_is_overtime_from_the_first_minute() -> None:
    """A Saturday morning has no working time. Its rate is that of days off: twice Rp 17,000, and the meal."""
    found = overtime_of(
        day(SATURDAY, time(8), time(11), 1),
        Calendar.of(solo()),
        Window(at_ms(SATURDAY, time(0), JAKARTA), at_ms(SATURDAY, time(23), JAKARTA)),
    )

    assert found.seat_hours == 3.0
    assert found.rupiah(preset("civil-ii")) == 3 * 2 * 17_000 + 35_000


def test_a_station_without_regular_seats_is_paid_by_the_working_day() -> None:
    """Laweyan has no regular seat; its Thursday evening costs what that of any station costs: 5 x 17,000 + 35,000."""
    order = SeatOrder(
        LAWEYAN, 1, at_ms(THURSDAY, time(7, 30), JAKARTA), at_ms(THURSDAY, time(21), JAKARTA), "Bu Sri", "backlog"
    )
    plan = {LAWEYAN: world.station_plan(solo(), LAWEYAN, until_ms=order.until_ms + HOUR_MS, orders=[order])}

    found = cost_until([dated(solo())], plan, order.until_ms, 0)

    assert (found.seat_hours[LAWEYAN], found.rupiah[LAWEYAN]) == (5.0, 5 * 17_000 + 35_000)


def test_only_the_window_counts() -> None:
    """At 18:30 two and a half hours are worked; civil servants are paid for the begun hour."""
    steps, calendar = day(THURSDAY, time(16), time(21), 1), Calendar.of(solo())

    found = overtime_of(
        steps, calendar, Window(at_ms(THURSDAY, time(0), JAKARTA), at_ms(THURSDAY, time(18, 30), JAKARTA))
    )

    assert found.seat_hours == 2.5
    assert found.rupiah(preset("civil-ii")) == 3 * 17_000 + 35_000


@pytest.mark.parametrize("pay", ["civil-ii", "workers"])
def test_the_cost_never_falls(pay: str) -> None:
    """Minute by minute it only grows: a counter must not fall."""
    steps, calendar = day(THURSDAY, time(7, 30), time(20), 3), Calendar.of(solo())
    start = at_ms(THURSDAY, time(15), JAKARTA)

    paid = [
        overtime_of(steps, calendar, Window(start, start + minute * 60_000)).rupiah(preset(pay))
        for minute in range(6 * 60)
    ]

    assert paid == sorted(paid)
    assert paid[-1] > 0


seat_orders = st.builds(
    lambda station, seats, day_of_month, begin, hours: SeatOrder(
        StationCode(station),
        seats,
        at_ms(date(2016, 8, day_of_month), time(begin // 2, begin % 2 * 30), JAKARTA),
        at_ms(date(2016, 8, day_of_month), time(begin // 2, begin % 2 * 30), JAKARTA) + hours * HOUR_MS // 2,
        "Bu Sri",
        "backlog",
    ),
    st.sampled_from([station.code for station in solo().stations]),
    st.integers(0, 2),
    st.integers(25, 26),
    st.integers(15, 40),
    st.integers(1, 12),
)


def report_of(pay: str, placed: Sequence[SeatOrder], ended_ms: int) -> Report:
    """A report of an office that ends at a moment, with these orders."""
    scenario, codes = solo(pay), [StationCode(station.code) for station in solo().stations]
    end_ms = at_ms(SATURDAY, time(12), JAKARTA)
    views = (StationView(CENTRE, 2, 0, 0, Stock()), *(StationView(code, 0, 0, 0, Stock()) for code in codes))
    facts = Facts(
        board=Board(end_ms, 1.0, dict.fromkeys(Status, 0), views),
        tally={},
        orders=placed,
        steps={code: [Step(0, 0)] for code in codes},
        plans={code: world.station_plan(scenario, code, until_ms=end_ms, orders=placed) for code in codes},
        dated=[dated(scenario)],
        last_print_ms={},
        records=CardRecords(0, NONE, NONE, NONE, NONE, NONE, NONE),
        ended_ms=ended_ms,
        lag_ms={},
    )
    return compose(scenario, facts, Run(seed=1, speed=1.0, wall_s=1.0))


def reported(pay: str, placed: Sequence[SeatOrder]) -> tuple[float, int]:
    """Seat hours and rupiah that the report shows as ordered."""
    made = report_of(pay, placed, at_ms(SATURDAY, time(12), JAKARTA))
    return made.ordered_seat_hours, made.ordered_rupiah


def exported(pay: str, placed: Sequence[SeatOrder], budget_rupiah: int = 0) -> tuple[float, float]:
    """Seat hours and rupiah that the exporter shows when all orders are over."""
    scenario, end_ms = solo(pay), at_ms(SATURDAY, time(12), JAKARTA)
    plans = {
        StationCode(station.code): world.station_plan(
            scenario, StationCode(station.code), until_ms=end_ms, orders=placed
        )
        for station in scenario.stations
    }
    found = cost_until([dated(scenario)], plans, end_ms, budget_rupiah)
    return sum(found.seat_hours.values()), sum(found.rupiah.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(seat_orders, max_size=6), st.sampled_from(["civil-ii", "civil-iv", "workers"]))
def test_plan_orders_exporter_and_report_agree(placed: list[SeatOrder], pay: str) -> None:
    """Whatever is ordered, all four show the same seat hours and the same rupiah."""
    planned = overtime_by_station(problem(pay), placed)
    hours = sum(one.seat_hours for one in planned.values())

    assert exported(pay, placed) == pytest.approx((hours, price_rupiah(problem(pay), planned)), abs=1)
    assert reported(pay, placed) == pytest.approx((hours, price_rupiah(problem(pay), planned)), abs=4)


def test_a_report_shows_the_overtime_worked_and_the_overtime_ordered() -> None:
    """The queue is clear on Friday at 18:00: 12 x (5 + 2) hours are worked, of 12 x (5 + 5) ordered."""
    made = report_of(
        "civil-ii", orders(problem(), uniform_roster(problem(), 12, 5.0)), at_ms(FRIDAY, time(18), JAKARTA)
    )

    assert (made.overtime_seat_hours, made.overtime_rupiah) == (84.0, 12 * (120_000 + 69_000))
    assert (made.ordered_seat_hours, made.ordered_rupiah) == (120.0, 12 * 2 * 120_000)


@settings(max_examples=20, deadline=None)
@given(st.integers(3, 12), st.integers(0, 8))
def test_a_budget_set_from_a_plan_is_used_up_exactly(seats: int, hours: int) -> None:
    """The plan's rupiah as the budget, its orders carried out: nothing is left, and nothing is missing."""
    roster = uniform_roster(problem(), seats, float(hours))
    budget = cost_of(problem(), roster).rupiah

    assert exported("civil-ii", orders(problem(), roster), budget)[1] == budget


def test_orders_given_already_are_not_paid_twice() -> None:
    """A plan beside orders costs only the overtime that it adds."""
    two, four = (uniform_roster(problem(), 12, hours) for hours in (2.0, 4.0))
    beside = replace(problem(), ordered=tuple(orders(problem(), two)))

    assert cost_of(beside, two).rupiah == 0
    assert cost_of(beside, four).rupiah == cost_of(problem(), four).rupiah - cost_of(problem(), two).rupiah


def test_the_day_of_the_start_counts_from_now() -> None:
    """Orders of the morning before the start are nobody's overtime."""
    assert moment_ms(solo().starts) == at_ms(THURSDAY, time(7, 30), JAKARTA)
    early = SeatOrder(
        LAWEYAN, 1, at_ms(THURSDAY, time(5), JAKARTA), at_ms(THURSDAY, time(7, 30), JAKARTA), "Bu Sri", "backlog"
    )

    assert exported("civil-ii", [early]) == (0.0, 0.0)


def week(days: int) -> Problem:
    """Three printers and one regular seat, from Monday's opening on, paid as workers."""
    asked = pooled(waiting=282, cards_a_day=14, seats=1, max_seats=3, max_hours=6.0, days_left=days, worlds=50)
    return replace(asked, pay=preset("workers"))


def test_the_cap_of_the_week_holds_for_calendar_weeks() -> None:
    """Three hours on five days are 15, one more than the 14 allowed in 2016; on Monday the count begins again."""
    five, four = (cost_of(week(days), uniform_roster(week(days), 3, 3.0)) for days in (5, 4))
    two_weeks = cost_of(week(9), uniform_roster(week(9), 3, 2.5))

    assert [sentence.partition(";")[0] for sentence in five.broken] == ["15 h of overtime a week"]
    assert four.broken == ()
    assert two_weeks.broken == ()


def test_a_saturday_breaks_no_cap() -> None:
    """Rest days do not count in the caps of workers."""
    saturday = SeatOrder(
        StationCode("pool"), 3, at_ms(SATURDAY, time(8), JAKARTA), at_ms(SATURDAY, time(15), JAKARTA), "Bu Sri", "x"
    )
    found = cost_of(replace(week(7), ordered=(saturday,)), uniform_roster(week(7), 1, 0.0))

    assert (found.seat_hours, found.rupiah, found.broken) == (0.0, 0, ())


def changed_at(moment_ms: int, before: Scenario, after: Scenario) -> list[DatedScenario]:
    """An office that was changed once."""
    return [DatedScenario(Window(0, moment_ms), before), DatedScenario(Window(moment_ms, NEVER_MS), after)]


def whole(dates: Sequence[DatedScenario], wanted: Sequence[Step], first: date, last: date) -> tuple[float, float]:
    """Overtime of a station from one midnight to another."""
    return overtime_by_date(dates, "dinas", wanted, Window(at_ms(first, time(), JAKARTA), at_ms(last, time(), JAKARTA)))


def test_an_evening_in_which_the_office_is_changed_is_one_day() -> None:
    """Three hours and one meal, also where the change at 17:30 leaves an hour and a half on each side."""
    dates = changed_at(at_ms(THURSDAY, time(17, 30), JAKARTA), solo(), solo())

    found = whole(dates, day(THURSDAY, time(16), time(19), 2), THURSDAY, FRIDAY)

    assert found == (6.0, 2 * (3 * 17_000 + 35_000))


def test_hours_after_a_change_are_the_later_hours_of_the_same_day() -> None:
    """Workers get 1.5 x for the first hour of a day and 2 x after it: the evening has no first hour again."""
    workers = solo("workers")
    before, evening = Step(at_ms(THURSDAY, time(6, 30), JAKARTA), 1), day(THURSDAY, time(16), time(18), 1)
    wanted = [before, Step(at_ms(THURSDAY, time(7, 30), JAKARTA), 0), *evening]
    dates = changed_at(at_ms(THURSDAY, time(12), JAKARTA), workers, workers)
    rule = workers.overtime_pay.on(THURSDAY)

    found = whole(dates, wanted, THURSDAY, FRIDAY)

    assert found == pytest.approx((3.0, rule.pay_rupiah(3.0, day_off=False)))


def test_a_new_pay_holds_for_the_hours_after_the_change() -> None:
    """Two hours by grade II with the meal; the third by grade IV, and no second meal."""
    dates = changed_at(at_ms(THURSDAY, time(18), JAKARTA), solo(), solo("civil-iv"))
    hour_iv = preset("civil-iv").on(THURSDAY).hourly_rupiah

    assert whole(dates, day(THURSDAY, time(16), time(19), 1), THURSDAY, FRIDAY) == (
        3.0,
        2 * 17_000 + 35_000 + hour_iv,
    )


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """From 22:00 to 02:00 one person, until 01:00 another: the third hour is no new day, whatever its seats are."""
    night = [
        Step(at_ms(THURSDAY, time(22), JAKARTA), 2),
        Step(at_ms(FRIDAY, time(1), JAKARTA), 1),
        Step(at_ms(FRIDAY, time(2), JAKARTA), 0),
    ]
    window = Window(at_ms(THURSDAY, time(), JAKARTA), at_ms(SATURDAY, time(), JAKARTA))

    assert overtime_of(night, Calendar.of(solo()), window).hours == {(THURSDAY, 0): 4.0, (THURSDAY, 1): 3.0}


def test_the_reports_of_two_days_add_up_to_the_night_between_them() -> None:
    """A person has one meal in a night, and each begun hour once, although midnight cuts the report."""
    night = [Step(at_ms(THURSDAY, time(21, 30), JAKARTA), 1), Step(at_ms(FRIDAY, time(2), JAKARTA), 0)]
    parts = [whole([dated(solo())], night, *days) for days in ((THURSDAY, FRIDAY), (FRIDAY, SATURDAY))]

    assert [sum(each) for each in zip(*parts, strict=True)] == [4.5, 5 * 17_000 + 35_000]


def with_worked(hours: float) -> Problem:
    """Solo's problem in which Laweyan's first seat has had overtime this Thursday before opening."""
    return replace(problem("workers"), max_hours=3.0, worked={LAWEYAN: {(THURSDAY, 0): hours}})


def test_the_overtime_of_the_morning_counts_for_the_cap_of_the_day() -> None:
    """Of three hours a day two were worked before opening: one is left for the evening, and three on Friday."""
    choices = Choices(with_worked(2.0))
    at = [station.code for station in choices.problem.stations].index(LAWEYAN)

    assert [max(seats.overtime, default=0) / 2 for seats in choices.most.seats[at][:2]] == [1.0, 3.0]
    assert [max(seats.overtime, default=0) / 2 for seats in choices.most.seats[at - 1][:2]] == [3.0, 3.0]


def test_the_overtime_of_the_morning_counts_for_the_price_and_the_caps() -> None:
    """An evening after two hours in the morning costs what it adds to the day, and may break the day's cap."""
    asked = with_worked(2.0)
    rule = asked.pay.on(THURSDAY)
    evening = SeatOrder(
        LAWEYAN, 1, at_ms(THURSDAY, time(16), JAKARTA), at_ms(THURSDAY, time(18), JAKARTA), "Bu Sri", "backlog"
    )

    found = cost_of(replace(asked, ordered=(evening,)), uniform_roster(asked, 3, 0.0))

    assert price_rupiah(asked, overtime_by_station(asked, [evening])) == round(
        rule.pay_rupiah(4.0, day_off=False) - rule.pay_rupiah(2.0, day_off=False)
    )
    assert found.broken[0].startswith("4 h of overtime on one day; 3 h are allowed")
