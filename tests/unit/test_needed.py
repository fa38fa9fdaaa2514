"""The ways that would suffice where the limits do not: asked as the next question, each of them has a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lembur.domain.scenario import load
from lembur.domain.time import HOUR_MS, NEVER_MS, moment_ms, round_up_ms
from planner.arrays import Steps
from planner.decision import Plan, make_plan
from planner.decision.needed import STEP_MS, Needed, _clear_ms
from planner.decision.plan import FRESH
from planner.decision.search import Search
from planner.problem import Problem, Terms, draw_worlds, problem_from_scenario
from reference.brute_force import random_problem
from reference.pooled import pooled

SOLO = load("solo-2016")
FRIDAY_20 = moment_ms(SOLO.starts) + 37 * HOUR_MS


def needed(problem: Problem) -> Needed:
    """Ask a problem without a plan for the ways out."""
    found = make_plan(problem)
    assert found.best is None
    assert found.needed is not None
    return found.needed


def wider(problem: Problem, seats: int) -> Plan:
    """Plan with more seats, each with a printer."""
    stations = tuple(replace(station, printers=seats, printer_each=True) for station in problem.stations)
    return make_plan(replace(problem, max_seats=seats, stations=stations))


@pytest.mark.parametrize("deadline_ms", [FRIDAY_20, FRIDAY_20 + HOUR_MS])
@pytest.mark.parametrize("max_hours", [2.0, 4.0])
def test_solo_is_offered_what_suffices(deadline_ms: int, max_hours: float) -> None:
    """The deadline and the hours that are offered have a plan when they are asked for, with the chance asked for."""
    terms = Terms(deadline_ms=deadline_ms, max_seats=9, max_hours=max_hours, worlds=200)
    problem = problem_from_scenario(SOLO.model_copy(update={"overtime": ()}), terms)

    ways = needed(problem)

    assert ways.earliest_ms > deadline_ms
    assert ways.earliest_ms % STEP_MS == 0
    assert make_plan(replace(problem, deadline_ms=ways.earliest_ms)).holds
    if ways.longer_h is not None:
        assert ways.longer_h > max_hours
        assert make_plan(replace(problem, max_hours=ways.longer_h)).holds


def test_each_way_out_of_a_small_question_suffices() -> None:
    """Of forty random questions those without a plan are asked again with each way that was offered."""
    chance, refused = np.random.Generator(np.random.SFC64(11)), 0
    for problem in (random_problem(chance) for _ in range(40)):
        found = make_plan(problem)
        if found.needed is None:
            continue
        refused += 1
        ways = found.needed
        if ways.earliest_ms < NEVER_MS:
            assert ways.earliest_ms > problem.deadline_ms
            assert make_plan(replace(problem, deadline_ms=ways.earliest_ms)).holds
        if ways.longer_h is not None:
            assert make_plan(replace(problem, max_hours=ways.longer_h)).holds
        if ways.more_seats is not None:
            assert wider(problem, ways.more_seats).holds
    assert refused > 5


def test_a_deadline_that_is_missed_by_seconds_is_not_offered_again() -> None:
    """A queue that is clear some seconds after the deadline is offered the next quarter of an hour."""
    problem = pooled(waiting=282, cards_a_day=0, seats=1, max_seats=1, max_hours=3.0, worlds=100)
    both = (Search(problem, draw_worlds(problem, seed=problem.seed + more)) for more in (0, FRESH))
    short = replace(problem, deadline_ms=min(map(_clear_ms, both)) - 30_000)

    ways = needed(short)

    assert ways.earliest_ms >= round_up_ms(short.deadline_ms + 1, STEP_MS)
    assert make_plan(replace(short, deadline_ms=ways.earliest_ms)).holds


def test_a_queue_that_lacks_blanks_is_offered_no_deadline() -> None:
    """More time prints no card without a blank."""
    problem = pooled(waiting=282, cards_a_day=0, seats=3, worlds=50)
    bare = replace(problem, stations=(replace(problem.stations[0], blanks=Steps.of([(problem.now_ms, 100)])),))

    assert needed(bare) == Needed(longer_h=None, more_seats=None, earliest_ms=NEVER_MS, moved_blanks=None)


@pytest.mark.parametrize(("at_ms", "minute"), [(0, 0), (1, 60_000), (60_000, 60_000), (60_001, 120_000)])
def test_a_moment_is_rounded_up_to_the_minute(at_ms: int, minute: int) -> None:
    """What is done at 20:00:01 is not done by 20:00; never stays never."""
    assert round_up_ms(at_ms) == minute
    assert round_up_ms(NEVER_MS) == NEVER_MS
