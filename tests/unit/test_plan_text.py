"""What `lembur plan` writes about the second city: twelve stations, and no blank before Wednesday."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from console.plan import count_people, describe_answer, print_plan
from console.ui import times_of
from lembur.domain.scenario import load, preset
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import DAY_MS, HOUR_MS, moment_ms
from planner.decision import Plan, apply_what_if, make_plan
from planner.decision.search import Chance
from planner.outcomes import trace_completion
from planner.problem import Problem, Terms, draw_worlds, problem_from_scenario, regular_roster
from planner.question import Lack

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
    what_if = re.search(r'overtime that is left then: --what-if "(.*)"', text)
    assert what_if is not None
    best = make_plan(apply_what_if(question(FRIDAY_21), what_if[1]))
    assert best.best is not None
    assert (best.holds, best.best.cost.seat_hours, best.best.cost.rupiah) == (True, 0, 0)
    assert count_people(best) > 0


def test_a_capped_day_names_its_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Workers may do 3 h of overtime on a day, where 5 h were asked for."""
    found = replace(plan_for(FRIDAY_21), problem=replace(question(FRIDAY_21), pay=preset("workers")))

    assert "overtime: 3 h on a working day at most, not 5 h (UU 13/2003" in printed(found, capsys)


def unmanned(orders: tuple[SeatOrder, ...]) -> Plan:
    """Return the plan where the fourth station has no regular seat, and three cards of it stay in every world."""
    found = plan_for(FRIDAY_21)
    stations = list(found.problem.stations)
    stations[3] = replace(stations[3], seats=0)
    completion = found.regular.completion
    left = np.zeros_like(completion.left)
    left[:, 3] = 3
    problem = replace(found.problem, stations=tuple(stations), ordered=orders)
    regular = replace(found.regular, roster=regular_roster(problem), completion=replace(completion, left=left))
    return replace(found, problem=problem, regular=regular)


def test_a_station_without_operators_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a regular seat and without an order a queue is never clear, and the answer names the reason."""
    assert "no seat is ordered" not in printed(plan_for(FRIDAY_21), capsys)
    assert "no seat is ordered at selatan, so nobody prints there: up to 3 cards stay (P90)" in printed(
        unmanned(()), capsys
    )


def test_the_end_of_the_orders_is_named_where_no_seat_is_regular(capsys: pytest.CaptureFixture[str]) -> None:
    """A queue that is not clear when the last order ends is never clear, and the answer names that moment."""
    until = [FRIDAY_21 - 3 * HOUR_MS, FRIDAY_21 - HOUR_MS, FRIDAY_21 - 2 * HOUR_MS]
    code = JAYAPURA.stations[3].code
    orders = tuple(SeatOrder(StationCode(code), 1, FRIDAY_21 - DAY_MS, end, "Bu Sri", "a backlog") for end in until)

    text = printed(unmanned(orders), capsys)

    assert (
        "no seat is ordered at selatan after Fri 11 Nov 2016 20:00, so nobody prints there: up to 3 cards stay (P90)"
        in text
    )


def test_the_cards_that_stay_are_counted_by_station() -> None:
    """Where nobody prints after the last order, the cards of that station stay, in each world, and no other ones."""
    problem = question(FRIDAY_21)
    stations = list(problem.stations)
    stations[3] = replace(stations[3], seats=0)
    closed = replace(problem, stations=tuple(stations), worlds=50)

    completion = trace_completion(draw_worlds(closed), regular_roster(closed))

    assert (completion.left[:, 3] > 0).all()
    (found,) = (one for one in completion.list_staying(closed, regular_roster(closed)) if one.lack is Lack.SEATS)
    assert found.stations == ("selatan",)
    assert found.end_ms == 0
    assert (completion.left[:, 3] <= found.cards).mean() >= 0.9
    assert (completion.left[:, 3] <= found.cards - 1).mean() < 0.9


def test_blanks_that_are_too_few_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A queue that lacks blanks is never clear either; the stations are named, with the cards that stay."""
    found = plan_for(FRIDAY_21)
    (staying,) = found.most.completion.list_staying(found.problem, found.most.roster)

    assert staying.lack is Lack.BLANKS
    assert f"regular hours and the most allowed: {staying.describe(TIMES.zone)}" in printed(found, capsys)
    assert staying.describe(TIMES.zone).startswith("blanks are too few at utara, ")


def test_a_chance_below_the_one_asked_for_never_looks_like_it() -> None:
    """94.96 % is written as 94.9 %, beside the 95 % that were asked for."""
    found = plan_for(FRIDAY_21)
    short = replace(found.most, chance=Chance(9_496, 10_000))

    text = describe_answer(replace(found, best=short, needed=None), TIMES, live=False)

    assert text.startswith("below the 95% asked for: ")
    assert text.endswith("with a chance of 94.9%")
