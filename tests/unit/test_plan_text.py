"""What `lembur plan` writes about the second city: twelve stations, and no blank before Wednesday."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from console.plan import count_people, describe_answer, print_plan
from console.ui import times_of
from lembur.domain.scenario import load, preset
from lembur.domain.seats import SeatOrder
from lembur.domain.time import DAY_MS, HOUR_MS, moment_ms
from planner.decision import Plan, apply_what_if, make_plan
from planner.problem import Problem, Terms, problem_from_scenario

if TYPE_CHECKING:
    import pytest

JAYAPURA = load("jayapura-2016")
TIMES = times_of(JAYAPURA)
FRIDAY_21 = moment_ms(JAYAPURA.starts) + 110 * HOUR_MS


def question(deadline_ms: int) -> Problem:
    """Ask for Friday evening, with all printers and five hours of overtime a day, in a fifth of the worlds."""
    terms = Terms(deadline_ms=deadline_ms, max_seats=26, max_hours=5.0, worlds=200)
    return problem_from_scenario(JAYAPURA, terms)


@cache
def plan_for(deadline_ms: int) -> Plan:
    """Answer it once for all tests."""
    return make_plan(question(deadline_ms))


def printed(found: Plan, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the command writes."""
    print_plan(found, (), TIMES)
    return capsys.readouterr().out


def test_a_minute_changes_no_answer() -> None:
    """By Friday 21:00 and by 20:59 the same blanks are moved, and nothing else would do."""
    nine, sooner = plan_for(FRIDAY_21), plan_for(FRIDAY_21 - 60_000)

    one, other = (describe_answer(found, TIMES, live=False) for found in (nine, sooner))
    assert one.replace("21:00:00", "20:59:00") == other
    assert nine.transfer is not None
    assert sooner.transfer is not None
    assert nine.transfer.moves == sooner.transfer.moves


def test_the_recommended_move_can_be_planned(capsys: pytest.CaptureFixture[str]) -> None:
    """The blanks come on Wednesday. With the printed what-if people at all printers suffice, and no overtime at all."""
    text = printed(plan_for(FRIDAY_21), capsys)

    assert "blanks: nothing before Wed 9 Nov 10:00 at all stations" in text
    what_if = re.search(r'its overtime: --what-if "(.*)"', text)
    assert what_if is not None
    best = make_plan(apply_what_if(question(FRIDAY_21), what_if[1]))
    assert best.best is not None
    assert (best.holds, best.best.cost.seat_hours, best.best.cost.rupiah) == (True, 0, 0)
    assert count_people(best) > 0


def test_a_capped_day_names_its_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Workers may do 3 h of overtime on a day, where 5 h were asked for."""
    found = replace(plan_for(FRIDAY_21), problem=replace(question(FRIDAY_21), pay=preset("workers")))

    assert "overtime: 3 h on a working day at most, not 5 h (UU 13/2003" in printed(found, capsys)


def test_a_station_without_operators_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a regular seat and without an order a queue is never clear, and the answer names the reason."""
    found = plan_for(FRIDAY_21)
    closed = replace(found.problem.stations[3], seats=0)
    stations = (*found.problem.stations[:3], closed, *found.problem.stations[4:])

    assert "without orders" not in printed(found, capsys)
    text = printed(replace(found, problem=replace(found.problem, stations=stations)), capsys)
    assert "without orders nobody prints at selatan" in text


def test_the_end_of_the_orders_is_named_where_no_seat_is_regular(capsys: pytest.CaptureFixture[str]) -> None:
    """A queue that is not clear when the last order ends is never clear, and the answer names that moment."""
    found = plan_for(FRIDAY_21)
    closed = replace(found.problem.stations[3], seats=0)
    stations = (*found.problem.stations[:3], closed, *found.problem.stations[4:])
    until = [FRIDAY_21 - 3 * HOUR_MS, FRIDAY_21 - HOUR_MS, FRIDAY_21 - 2 * HOUR_MS]
    orders = tuple(SeatOrder(closed.code, 1, FRIDAY_21 - DAY_MS, end, "Bu Sri", "a backlog") for end in until)

    text = printed(replace(found, problem=replace(found.problem, stations=stations, ordered=orders)), capsys)

    assert "after the orders, Fri 11 Nov 20:00, nobody prints at selatan" in text
