"""Doubt about rates: without observations that of the scenario, and less with each. Right values are by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lembur.domain.observation import Observed
from lembur.domain.scenario import load
from lembur.domain.time import moment_ms
from planner.arrays import Offsets
from planner.problem.doubt import (
    FEW_PRINTS,
    KNOWN,
    MOST_OFF,
    Doubt,
    count_weight,
    draw_factors,
    draw_shares,
    share_cases,
    time_weight,
)
from planner.problem.rates import count_factor, estimate_rates, mean_factor
from planner.problem.replications import _draw_spoiled

SPREAD = 0.6
"""Spread of a print time at Solo's desks, as a share of its mean."""


def chance() -> np.random.Generator:
    """Return the same random numbers for each test."""
    return np.random.Generator(np.random.Philox(7))


def test_the_scenario_weighs_as_much_as_twelve_prints() -> None:
    """Its print time is right within 0.3 / sqrt(3); twelve with a spread of 0.6 show it as well: 0.6^2 / 0.03."""
    assert time_weight(0, SPREAD) == 1.0
    assert time_weight(12, SPREAD) == pytest.approx(0.5)
    assert time_weight(108, SPREAD) == pytest.approx(0.1)


def test_the_scenario_weighs_as_much_as_33_people() -> None:
    """A third of a hundred expected people show a rate within 0.3 / sqrt(3): sqrt(100 / 3) / (100 / 3)."""
    assert count_weight(0.0) == 1.0
    assert count_weight(100 / 3) == pytest.approx(0.5)
    assert count_weight(300.0) == pytest.approx(0.1)


def test_the_scenario_weighs_as_much_as_196_prints_in_spoilage() -> None:
    """2 % that is right within half of it: 0.98 / (0.02 x 0.25). A share of 0 weighs as much as one print."""
    assert share_cases(0.02, 0) == pytest.approx(196.0)
    assert share_cases(0.02, 100) == pytest.approx(296.0)
    assert share_cases(0.0, 100) == 101.0


def test_before_any_print_every_time_of_the_scenario_is_as_likely() -> None:
    """From 30 % less to 30 % more: a tenth of the worlds lies in each tenth of that, and none beyond."""
    factors = draw_factors(chance(), 100_000, 1.0)

    tenths = np.histogram(factors, bins=np.linspace(1.0 - MOST_OFF, 1.0 + MOST_OFF, 11))[0]
    assert tenths.sum() == 100_000
    assert tenths == pytest.approx(np.full(10, 10_000), rel=0.05)


@pytest.mark.parametrize(("weight", "doubt"), [(1.0, 0.1732), (0.5, 0.1225), (0.1, 0.0548), (0.01, 0.0173)])
def test_the_doubt_shrinks_with_the_root_of_the_weight(weight: float, doubt: float) -> None:
    """That of the conjugate rule: 0.3 / sqrt(3) x sqrt(weight), which is 0.6 / sqrt(12 + n) for n prints."""
    factors = draw_factors(chance(), 100_000, weight)

    assert factors.mean() == pytest.approx(1.0, abs=0.003)
    assert factors.std() == pytest.approx(doubt, rel=0.02)


@pytest.mark.parametrize("prints", [0, 3, 12, 48, 500])
def test_the_band_of_a_print_time_holds_the_true_one_in_four_of_five_offices(prints: int) -> None:
    """Offices are truly off by up to 30 %, and show their prints: P10 to P90 of the worlds holds 80 % of them."""
    offices, draws = 20_000, chance()
    truth = 1.0 + MOST_OFF * draws.uniform(-1.0, 1.0, offices)
    shape = SPREAD**-2
    seen = draws.gamma(shape * prints, 1.0 / (shape * prints), offices) if prints else np.ones(offices)
    estimates = np.array([mean_factor(ratio, prints, SPREAD) for ratio in truth * seen])

    low, high = np.quantile(draw_factors(draws, 100_000, time_weight(prints, SPREAD)), (0.1, 0.9))

    assert np.mean((estimates * low <= truth) & (truth <= estimates * high)) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("expected", [1.0, 30.0, 400.0])
def test_the_band_of_a_rate_holds_the_true_one_in_four_of_five_offices(expected: float) -> None:
    """The same for people who come and for breakdowns, whose numbers are a Poisson's."""
    offices, draws = 20_000, chance()
    truth = 1.0 + MOST_OFF * draws.uniform(-1.0, 1.0, offices)
    estimates = np.array([count_factor(count, expected) for count in draws.poisson(expected * truth)])

    low, high = np.quantile(draw_factors(draws, 100_000, count_weight(expected)), (0.1, 0.9))

    assert np.mean((estimates * low <= truth) & (truth <= estimates * high)) == pytest.approx(0.8, abs=0.02)


def test_a_share_has_a_doubt_of_half_of_it() -> None:
    """2 % before any print: a standard deviation of 1 %; with 1,000 prints sqrt(0.02 x 0.98 / 1197) = 0.4 %."""
    assert draw_shares(chance(), 100_000, 0.02, share_cases(0.02, 0)).std() == pytest.approx(0.01, rel=0.02)
    assert draw_shares(chance(), 100_000, 0.02, share_cases(0.02, 1000)).std() == pytest.approx(0.00405, rel=0.02)


def test_what_is_given_is_not_doubted() -> None:
    """A scenario's own problem draws no doubt: neither factor nor share, and not one random number."""
    draws = chance()

    assert draw_factors(draws, 3, 0.0).tolist() == [1.0, 1.0, 1.0]
    assert draw_shares(draws, 3, 0.02, KNOWN).tolist() == [0.02, 0.02, 0.02]
    assert draw_shares(draws, 3, 0.0, 196.0).tolist() == [0.0, 0.0, 0.0]
    assert draws.random() == chance().random()
    assert Doubt() == Doubt(0.0, 0.0, 0.0, 0.0, 0.0, KNOWN)


def test_each_world_spoils_at_its_own_rate() -> None:
    """Three worlds of 100,000 prints at 1 %, 0 % and 4 %; their positions are those of their own prints."""
    prints = Offsets.of([100_000, 100_000, 100_000])

    spoils, spoiled = _draw_spoiled(chance(), prints, np.array([0.01, 0.0, 0.04]))

    assert np.diff(spoils.edges) == pytest.approx([1000, 0, 4000], rel=0.1)
    assert spoiled.min() >= 0
    assert spoiled.max() < 100_000


def test_an_office_that_has_just_opened_is_doubted_as_its_scenario_is() -> None:
    """No print, answer, arrival or breakdown was seen: the whole doubt is there, at every station."""
    solo = load("solo-2016")
    opened = moment_ms(solo.starts)

    found = estimate_rates(solo, Observed(opened, opened, {}))

    refused = 1.0 - 0.9772
    assert (found.doubt.prints, found.doubt.answers, found.doubt.repairs) == (1.0, 1.0, 1.0)
    assert (found.doubt.people, found.doubt.breakdowns) == (1.0, 1.0)
    assert found.doubt.verdicts == pytest.approx((1.0 - refused) / (refused * 0.25))
    assert found.spoil_cases == pytest.approx((196.0,) * 6)


def test_a_doubted_pace_is_named_with_its_figure() -> None:
    """Without prints the warning has the share of the doubt; with few hundred prints there is none."""
    warning = Doubt(prints=1.0).caution

    assert warning is not None
    assert f"up to {100 * MOST_OFF:.0f} % longer or shorter" in warning
    assert Doubt(prints=FEW_PRINTS).caution is None
    assert Doubt().caution is None


@pytest.mark.parametrize("page", ["README.md", "docs/planner.md", "docs/forecasts.md"])
def test_a_page_has_the_share_of_the_doubt(page: str) -> None:
    """Pages name the share by which a scenario may be off."""
    assert f"{100 * MOST_OFF:.0f} %" in (Path(__file__).parents[2] / page).read_text("utf-8")
