"""The cards a scenario may bring, draw_worlds by the planner, against those the domain draws for a live run."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lembur.domain import world
from lembur.domain.card import Priority, Stream
from lembur.domain.scenario import Scenario, kecamatan_of, load
from lembur.domain.time import HOUR_MS, at_ms, moment_ms
from planner.problem import ScenarioArrivals, Terms, problem_from_scenario
from planner.problem.doubt import Doubt
from planner.problem.replications import BLOCK, draw_worlds
from planner.problem.spells import Spells
from support.zones import JAKARTA

if TYPE_CHECKING:
    from planner.problem.problem import Problem

SEEDS = 60
MIDNIGHT = at_ms(date(2016, 8, 27), time(0), JAKARTA)


@pytest.fixture(scope="module")
def solo() -> Scenario:
    """Solo, 25 August 2016."""
    return load("solo-2016")


@pytest.fixture(scope="module")
def problem(solo: Scenario) -> Problem:
    """By Friday midnight."""
    return problem_from_scenario(solo, Terms(deadline_ms=MIDNIGHT, cutoff_ms=MIDNIGHT, worlds=2 * BLOCK))


def test_as_many_come_to_each_station_as_in_live_runs(solo: Scenario, problem: Problem) -> None:
    """The means of each station over 60 live draws and 1,000 of ours differ by less than four standard errors."""
    share = solo.centre.verdicts[next(iter(solo.centre.verdicts))]
    stations = [station.code for station in solo.stations]
    live = np.zeros((SEEDS, len(stations)))
    for seed in range(SEEDS):
        for each in world.arrivals_between(solo, seed, after_ms=moment_ms(solo.starts), before_ms=MIDNIGHT):
            station = stations.index(world.route(solo, seed, each.number, kecamatan_of(each.kelurahan_code)))
            live[seed, station] += share if each.stream is Stream.FIRST_ISSUE else 1.0

    came = problem.arrivals.draw(np.random.Generator(np.random.Philox(1)), worlds=1000, until_ms=MIDNIGHT)

    ours = np.bincount(came.station, minlength=len(stations)) / 1000
    assert np.all(np.abs(ours - live.mean(axis=0)) < 4 * live.std(axis=0) / np.sqrt(SEEDS) + 0.2)


def test_the_centre_takes_its_time(problem: Problem) -> None:
    """Half of its answers take seven minutes and more; without it the same people are ready when recorded."""
    draw = {"worlds": 50, "until_ms": MIDNIGHT}

    asked = problem.arrivals.draw(np.random.Generator(np.random.Philox(3)), **draw)
    without_centre = problem.arrivals.without_centre().draw(np.random.Generator(np.random.Philox(3)), **draw)

    later = np.median(asked.cards.ready_ms) - np.median(without_centre.cards.ready_ms)
    assert 4 * 60_000 < later < 20 * 60_000


def test_a_centre_that_needs_months_answers_nobody_in_two_days(solo: Scenario) -> None:
    """Half of the answers take 60 days: only replacements, which need no answer, become ready."""
    slow = solo.centre.model_copy(update={"median_s": 60 * 86_400.0, "p90_s": 61 * 86_400.0})
    problem = problem_from_scenario(
        solo.model_copy(update={"centre": slow}), Terms(deadline_ms=MIDNIGHT, cutoff_ms=MIDNIGHT)
    )

    came = problem.arrivals.draw(np.random.Generator(np.random.Philox(4)), worlds=50, until_ms=MIDNIGHT)

    assert set(came.cards.priority.tolist()) == {int(Priority.REPLACEMENT)}


def test_the_backlog_is_the_one_the_live_run_begins_with(solo: Scenario, problem: Problem) -> None:
    """All 2,822 cards wait, each at the station its number routes it to."""
    routed = [
        world.route(solo, solo.seed, each.number, kecamatan_of(each.kelurahan_code))
        for each in world.opening_backlog(solo, solo.seed)
    ]

    assert {station.code: len(station.waiting) for station in problem.stations} == Counter(routed)


def test_worlds_are_the_same_by_seed(problem: Problem) -> None:
    """Drawn twice, in another order, a block is the same; another block is not."""
    one, other = draw_worlds(problem), draw_worlds(problem)
    other.block(1)

    first, again = one.block(0).queues[0], other.block(0).queues[0]

    assert np.array_equal(first.work_ms, again.work_ms)
    assert np.array_equal(first.came_ms, again.came_ms)
    assert not np.array_equal(first.came_ms, one.block(1).queues[0].came_ms)


def test_a_centre_that_is_slow_now_stays_so_for_a_while(problem: Problem) -> None:
    """Spells of three hours at a tenth of the speed, one of them now: answers come later, in each world another way."""
    spells = Spells(every_h=5.0, length_h=3.0, speed=0.1, slow_now=True)
    draw = {"worlds": 50, "until_ms": MIDNIGHT}

    usual = problem.arrivals.draw(np.random.Generator(np.random.Philox(3)), **draw)
    slow = slowed(problem, spells=spells).draw(np.random.Generator(np.random.Philox(3)), **draw)

    assert np.mean(slow.cards.ready_ms) > np.mean(usual.cards.ready_ms) + HOUR_MS / 2
    assert len(slow.world) > 0.8 * len(usual.world)


def test_a_doubt_spreads_the_worlds(problem: Problem) -> None:
    """A third more or less people: their number differs from world to world far more than by chance alone."""
    draw = {"worlds": 200, "until_ms": MIDNIGHT}

    def spread(source: ScenarioArrivals) -> float:
        came = source.draw(np.random.Generator(np.random.Philox(5)), **draw)
        return float(np.bincount(came.world, minlength=200).std())

    assert spread(slowed(problem, doubt=Doubt(people=1.0))) > 2 * spread(slowed(problem))


def slowed(problem: Problem, **changes: Any) -> ScenarioArrivals:
    """The problem's arrivals with other rates."""
    assert isinstance(problem.arrivals, ScenarioArrivals)
    return replace(problem.arrivals, **changes)
