"""What overtime costs on working days and days off, on top of what is ordered, and whose caps it would break."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING

import pytest

from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, at_ms
from planner.decision.overtime_pay import cost, policy
from planner.problem.roster import Roster
from reference.pooled import pooled

if TYPE_CHECKING:
    from planner.problem.problem import Problem

POOL = StationCode("pool")
SATURDAY = date(2016, 8, 27)


def week(days: int = 7) -> Problem:
    """Three printers and one regular seat, from Monday's opening on."""
    return pooled(waiting=282, cards_a_day=14, seats=1, max_seats=3, max_hours=6.0, days_left=days, worlds=50)


def order(seats: int, day: date, opens: int, closes: int) -> SeatOrder:
    """Seats by the hour."""
    return SeatOrder(POOL, seats, at_ms(day, time(opens)), at_ms(day, time(closes)), "Bu Sri", "a backlog")


def test_days_off_have_their_own_rates() -> None:
    """Civil servants get twice the hour; workers twice it for eight hours, three times for the ninth, then four."""
    civil, workers = policy("civil-ii", date(2024, 6, 1)), policy("workers", date(2024, 6, 1))

    assert civil.pay_rupiah(3.0, day_off=True) == 3 * 2 * 24_000 + 35_000
    assert workers.pay_rupiah(10.0, day_off=True) == pytest.approx((8 * 2 + 3 + 4) * 2_000_000 / 173)


def test_what_is_ordered_is_not_paid_twice() -> None:
    """Two of three seats are ordered for two hours on Monday: three hours of all three cost what they add."""
    problem = week(days=1)
    given = replace(problem, ordered=(order(2, date(2016, 8, 22), 16, 18),))
    rules = policy("civil-ii", date(2016, 8, 22))

    whole, more = cost(problem, Roster(3, 3.0), rules), cost(given, Roster(3, 3.0), rules)

    assert (whole.seat_hours, more.seat_hours) == (9.0, 9.0 - 4.0)
    assert more.rupiah == whole.rupiah - 2 * rules.pay_rupiah(2.0)
    assert cost(given, Roster(1, 0.0), rules).rupiah == 0


def test_a_saturday_that_is_ordered_breaks_no_cap_and_costs_nothing_more() -> None:
    """Rest days do not count in the caps of workers; what a plan adds to them is nothing, for it orders none."""
    problem = replace(week(), ordered=(order(3, SATURDAY, 8, 15),))
    rules = policy("workers", date(2024, 6, 1))

    found = cost(problem, Roster(1, 0.0), rules)

    assert (found.seat_hours, found.rupiah, found.broken) == (0.0, 0, ())


def test_the_weeks_cap_is_held_against_calendar_weeks() -> None:
    """Four hours on each of five days are twenty, two more than allowed; on Monday it begins anew."""
    rules = policy("workers", date(2024, 6, 1))

    five, three = (cost(week(days), Roster(3, 4.0), rules) for days in (5, 3))
    two_weeks = cost(week(8), Roster(3, 3.5), rules)

    assert [told.partition(";")[0] for told in five.broken] == ["20 h of overtime a week"]
    assert three.broken == ()
    assert two_weeks.broken == ()


def test_hours_of_a_day_that_is_under_way_count_from_now() -> None:
    """At 17:00 an hour of the evening is gone: four hours after closing are three."""
    problem = replace(week(days=1), now_ms=at_ms(date(2016, 8, 22), time(17)))

    assert cost(problem, Roster(2, 4.0), policy("civil-ii", date(2016, 8, 22))).seat_hours == 2 * 3.0
    assert problem.deadline_ms - problem.now_ms == 7 * HOUR_MS
