"""The search for the cheapest overtime: what it finds, and that it finds what trying everything finds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.calendar import Calendar as WorkingTime
from lembur.domain.scenario import preset
from lembur.domain.seats import StationCode
from lembur.domain.time import NEVER_MS
from planner.arrays import Steps
from planner.decision.cost import cost_of
from planner.decision.plan import make_plan
from planner.decision.search import Chance, Search, edge, grid
from planner.problem.problem import Cards, NoArrivals, Problem, ProblemError
from planner.problem.replications import draw_worlds
from planner.problem.roster import Roster, orders, spread
from reference.pooled import HOURS, pooled


def small(**changed: object) -> Problem:
    """Ask a problem that is answered in milliseconds: a tenth of Solo's case."""
    given = {"waiting": 282, "cards_a_day": 14, "seats": 1, "max_seats": 3, "max_hours": 3.0, "worlds": 100}
    return pooled(**{**given, **changed})  # type: ignore[arg-type]


@settings(max_examples=5, deadline=None)
@given(
    waiting=st.integers(0, 400),
    spoil=st.sampled_from([0.0, 0.02, 0.3]),
    every=st.sampled_from([0.0, 5.0, 40.0]),
    seed=st.integers(0, 99),
)
def test_the_staircase_finds_what_trying_everything_finds(waiting: int, spoil: float, every: float, seed: int) -> None:
    """Every corner of the whole grid's edge is on the staircase, and no other."""
    problem = small(waiting=waiting, spoil_rate=spoil, breakdown_every_h=every, seed=seed)
    worlds = draw_worlds(problem)

    walked = edge(Search(problem, worlds).staircase())

    everything = Search(problem, worlds)
    assert walked == edge([everything.look(roster) for roster in grid(problem)])


def test_the_chance_rises_with_seats_and_hours() -> None:
    """On the same worlds no roster with more does worse."""
    problem = small()
    search = Search(problem, draw_worlds(problem))
    clear = {roster: search.chance(roster).clear for roster in grid(problem)}

    for one, less in clear.items():
        for other, more in clear.items():
            assert less <= more or one.seats > other.seats or one.hours > other.hours


def test_the_answer_is_the_same_by_seed_and_with_threads() -> None:
    """Who draws which block, and when, changes nothing."""
    problem = small()
    with ThreadPoolExecutor(2) as threads:
        side_by_side = Search(problem, draw_worlds(problem), threads).staircase()

    assert side_by_side == Search(problem, draw_worlds(problem)).staircase()
    other = replace(problem, seed=2)
    assert Search(other, draw_worlds(other)).staircase() != side_by_side


@pytest.mark.parametrize("changed", ["seats", "printers", "stock", "breakdowns", "worlds", "faults for longer"])
def test_worlds_under_a_changed_question_are_those_drawn_anew(changed: str) -> None:
    """What is taken from the worlds there are is what drawing would give."""
    problem, until = small(), None
    station = problem.stations[0]
    if changed == "seats":
        other = replace(problem, stations=(replace(station, seats=2),))
    elif changed == "printers":
        other = replace(problem, stations=(replace(station, printers=6),))
    elif changed == "stock":
        other = replace(problem, stations=(replace(station, blanks=Steps.of([(0, 100)])),))
    elif changed == "breakdowns":
        other = replace(problem, timing=replace(problem.timing, breakdown_every_h=3.0))
    elif changed == "worlds":
        other = replace(problem, worlds=50)
    else:
        other, until = problem, problem.deadline_ms + 10**9

    taken = draw_worlds(problem).for_problem(other, faults_until_ms=until)
    anew = draw_worlds(other, faults_until_ms=until)

    assert taken.blocks() == anew.blocks()
    for one, another in zip(taken.block(0).queues, anew.block(0).queues, strict=True):
        assert same(one, another)


def same(one: Any, other: Any) -> bool:
    """Compare what holds arrays, part by part."""
    if is_dataclass(one):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return bool(np.array_equal(one, other))


def test_wilsons_interval() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662; none of 20 gives 0 to 0.1611."""
    assert Chance(81, 263).interval() == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Chance(0, 20).interval() == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_a_plan_is_the_cheapest_that_holds_in_fresh_worlds() -> None:
    """The plan suffices, is confirmed, and costs no more than any other that is."""
    found = make_plan(small())

    assert found.best is not None
    assert found.confirmed is not None
    assert found.confirmed.share >= 0.95
    assert found.best.completion.finish_quantile_ms(0.9) <= found.problem.deadline_ms
    assert found.needed is None


def test_what_cannot_be_done_tells_what_would_be_needed() -> None:
    """Ten times the cards: no roster within the limits; more seats would do, or a later deadline."""
    found = make_plan(small(waiting=1500))

    assert found.best is None
    assert found.needed is not None
    assert found.needed.more is not None
    assert found.needed.more.seats > 3
    assert found.needed.earliest_ms > found.problem.deadline_ms


def test_an_empty_queue_needs_nothing() -> None:
    """Nothing waits and nobody comes: no roster."""
    found = make_plan(small(waiting=0, cards_a_day=0))

    assert found.best is not None
    assert found.best.roster.hours == 0.0
    assert found.best.cost.rupiah == 0
    assert found.best.completion.finish_quantile_ms(0.9) == found.problem.now_ms


@pytest.mark.parametrize("without", ["seats", "blanks", "hours"])
def test_where_nothing_can_be_printed_no_plan_is_made(without: str) -> None:
    """No seats at all, no blanks ever, an office that never opens: no plan, and the completion never ends."""
    problem = small()
    if without == "seats":
        problem = replace(problem, max_seats=0, stations=(replace(problem.stations[0], seats=0, printers=1),))
    elif without == "blanks":
        problem = replace(problem, stations=(replace(problem.stations[0], blanks=Steps.of([(0, 0)])),))
    else:
        never = WorkingTime(HOURS.model_copy(update={"workdays": ()}), problem.working.zone)
        problem = replace(problem, working=never, stations=(replace(problem.stations[0], working=never),))

    found = make_plan(problem)

    assert found.best is None
    assert found.regular.completion.finish_quantile_ms(0.5) == NEVER_MS


def test_too_many_cards_are_refused_with_the_memory_they_need() -> None:
    """Ten million cards in 1,000 worlds: 82 GB; some 490,000 cards would do."""
    station = small().stations[0]

    with pytest.raises(ProblemError, match=r"10,000,000 waiting cards in 1,000 worlds need 82 GB .* plan for 487,804"):
        replace(small(), worlds=1000, stations=(replace(station, waiting=Cards.alike(10_000_000, ready_ms=0)),))


def test_people_are_named_as_the_limit() -> None:
    """One operator and three printers that never break: people."""
    assert make_plan(small(breakdown_every_h=0.0)).limits.binding == "people"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"confidence": 1.0}, "between 0 and 1"),
        ({"confidence": 0.0}, "between 0 and 1"),
        ({"deadline_ms": 0}, "deadline has passed"),
        ({"worlds": 0}, "at least one"),
        ({"max_hours": 25.0}, "0 to 24"),
        ({"max_seats": -1}, "none or more"),
    ],
)
def test_a_question_without_an_answer_is_refused(changed: dict[str, float], said: str) -> None:
    """The fault is named, and what to ask instead."""
    with pytest.raises(ProblemError, match=said):
        replace(small(), **changed)  # type: ignore[arg-type]


def test_a_plan_becomes_seat_orders() -> None:
    """Two working days until midnight: one order a day, from opening until so long after closing."""
    problem = small()

    found = orders(problem, Roster(3, 2.0))

    assert [(order.seats, (order.until_ms - order.from_ms) / 3_600_000) for order in found] == [(3, 10.5), (3, 10.5)]
    assert [order.from_ms for order in orders(problem, Roster(1, 2.0))] == [
        order.until_ms - 7_200_000 for order in found
    ]


def test_one_seat_more_takes_nothing_from_a_station() -> None:
    """The seats of each station never fall as the sum rises, and never exceed its printers."""
    problem = small()
    stations = tuple(
        replace(problem.stations[0], code=StationCode(code), printers=printers, seats=seats)
        for code, printers, seats in (("a", 2, 1), ("b", 1, 0), ("c", 3, 0))
    )
    problem = replace(problem, stations=stations, arrivals=NoArrivals(3))

    shared = [spread(problem, seats) for seats in range(1, 8)]

    assert [sum(each.values()) for each in shared] == [1, 2, 3, 4, 5, 6, 6]
    assert all(less[code] <= more[code] for less, more in pairwise(shared) for code in less)
    assert shared[-1] == {"a": 2, "b": 1, "c": 3}


def test_seat_hours_and_broken_caps_are_told() -> None:
    """Three seats, five hours on two days: 30 seat hours, and one hour a day too many for workers."""
    problem = replace(small(max_hours=6.0), pay=preset("workers"))
    found = cost_of(problem, Roster(3, 5.0))

    assert found.seat_hours == 30.0
    assert "3 h are allowed" in found.broken[0]
