"""Randomness by position: what a draw is depends on seed, purpose and position, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.draws import lognormal_ms, pick, uniforms


@settings(max_examples=50)
@given(st.integers(0, 2**63), st.integers(0, 10**12), st.integers(0, 20), st.integers(1, 20))
def test_a_draw_belongs_to_its_position(seed: int, first: int, skipped: int, count: int) -> None:
    """Asking for other rows before it does not change a row."""
    whole = uniforms(seed, "print/dinas", first, skipped + count)

    assert np.array_equal(whole[skipped:], uniforms(seed, "print/dinas", first + skipped, count))


def test_seeds_and_purposes_have_worlds_of_their_own() -> None:
    """No two share a row."""
    rows = [uniforms(seed, purpose, 0, 50) for seed in (1, 2) for purpose in ("centre", "route")]

    assert len({float(value) for row in rows for value in row.ravel()}) == 4 * 50 * 4


def test_draws_are_the_same_for_ever() -> None:
    """A run can be repeated years later: the very numbers are kept here."""
    assert uniforms(2016, "centre", 7, 1)[0].tolist() == [
        0.7210825226267863,
        0.6037667361779384,
        0.6293080984065564,
        0.37455491092777043,
    ]


def test_draws_are_inside_and_even() -> None:
    """Never 0 or 1, whose logarithms have no place; mean one half, each column on its own."""
    draws = uniforms(1, "evenness", 0, 100_000)

    assert 0.0 < draws.min() < draws.max() < 1.0
    assert np.allclose(draws.mean(axis=0), 0.5, atol=0.004)
    assert np.allclose(np.corrcoef(draws.T), np.eye(4), atol=0.015)


@pytest.mark.parametrize(("median_s", "p90_s"), [(90.0, 180.0), (420.0, 600.0)])
def test_lognormal_times_have_their_median_and_90th_percentile(median_s: float, p90_s: float) -> None:
    """The two figures of a scenario are the quantiles of what is drawn, and the mean is theirs."""
    times = lognormal_ms(uniforms(3, "quantiles", 0, 200_000), median_s=median_s, p90_s=p90_s) / 1000.0
    sigma = np.log(p90_s / median_s) / 1.2815515655446004

    assert np.quantile(times, 0.5) == pytest.approx(median_s, rel=0.01)
    assert np.quantile(times, 0.9) == pytest.approx(p90_s, rel=0.01)
    assert times.mean() == pytest.approx(median_s * np.exp(sigma**2 / 2), rel=0.01)


def test_equal_quantiles_mean_always_the_same_time() -> None:
    """A 90th percentile equal to the median is a constant."""
    assert set(lognormal_ms(uniforms(3, "constant", 0, 1000), median_s=5.0, p90_s=5.0).tolist()) == {5000}


def test_no_work_takes_no_time_at_all() -> None:
    """At least a millisecond, so that the order of ends is one of starts."""
    assert lognormal_ms(uniforms(3, "short", 0, 1000), median_s=1e-9, p90_s=1e-9).min() == 1


def test_picks_come_by_their_shares() -> None:
    """The frequencies are the shares, and a share of nothing is never picked."""
    shares = [0.2, 0.0, 0.5, 0.3]
    picked = np.bincount(pick(uniforms(4, "pick", 0, 100_000)[:, 0], shares), minlength=4) / 100_000

    assert picked == pytest.approx(shares, abs=0.006)
    assert picked[1] == 0.0


def test_shares_that_sum_to_a_little_less_still_pick_something() -> None:
    """What rounding leaves over belongs to the last."""
    assert pick(np.array([0.9999999]), [0.3, 0.3, 0.3999]).tolist() == [2]
