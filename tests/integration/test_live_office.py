"""The office that benchmarks forecast live: what its ledger would show at a moment adds up, and is believed in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.live_forecasts import moments, office_unlike, plan_cases, play_plan
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS, moment_ms
from planner.problem import estimate_rates
from reference.live_office import LiveOffice

if TYPE_CHECKING:
    from lembur.domain.scenario import Scenario


@pytest.fixture(scope="module")
def believed() -> Scenario:
    """Solo by its own scenario."""
    return load("solo-2016")


@pytest.fixture(scope="module")
def office(believed: Scenario) -> LiveOffice:
    """An office whose prints, answers, spoilage and breakdowns are others."""
    return LiveOffice(office_unlike(believed, 3, 0.3), 3)


@pytest.mark.parametrize("hours", [0.5, 4.5, 8.0, 25.0, 60.0])
def test_every_card_is_in_one_place(office: LiveOffice, hours: float) -> None:
    """Each who came waits, is in hand, printed or refused; the backlog is that of the history."""
    now = moment_ms(office.scenario.starts) + round(hours * HOUR_MS)
    seen, past = office.snapshot(now), office.history()
    there = np.concatenate([seen.waiting.number, seen.printing.number])

    assert len(np.unique(there)) == len(there)
    assert len(there) == past.waiting(now).sum()
    assert set(there.tolist()).isdisjoint({*seen.unsent.number.tolist(), *seen.asked.number.tolist()})
    assert sum(room.position for room in seen.stations) >= seen.observed.total("printed", "jebres")


def test_after_a_day_the_rates_are_those_of_the_office(believed: Scenario, office: LiveOffice) -> None:
    """The factors that the ledger shows are nearly the ones that were drawn."""
    seen = estimate_rates(believed, office.snapshot(moment_ms(believed.starts) + DAY_MS).observed)

    truth = office.scenario
    assert seen.print_time == pytest.approx(truth.printing.median_s / believed.printing.median_s, abs=0.06)
    assert seen.answer_time == pytest.approx(truth.centre.median_s / believed.centre.median_s, abs=0.06)


def test_an_office_as_its_scenario_is_the_scenario(believed: Scenario) -> None:
    """Off by nothing, nothing is changed."""
    assert office_unlike(believed, 1, 0.0) == believed


def test_a_plan_made_live_is_played_as_it_promised() -> None:
    """At noon of the first day the office orders what its ledger shows to be needed, and is clear in time by it."""
    played = play_plan(plan_cases()["solo-2016"], 5, 0.0, 0.95, worlds=200)

    assert played.chance >= 0.9
    assert played.kept
    assert played.finish_ms > played.deadline_ms - 3 * DAY_MS


def test_orders_given_at_noon_change_no_print_before(believed: Scenario) -> None:
    """An office with orders from noon on is the same office until noon."""
    noon = next(moments(believed))
    order = SeatOrder(StationCode("jebres"), 2, noon, noon + 8 * HOUR_MS, "Bu Sri", "a test")
    unordered = believed.model_copy(update={"overtime": ()})
    without, ordered = LiveOffice(unordered, 5), LiveOffice(unordered, 5, (order,))

    assert ordered.snapshot(noon).observed == without.snapshot(noon).observed
    assert (ordered.history().printed_ms < NEVER_MS).sum() > (without.history().printed_ms < NEVER_MS).sum()
