"""A rate that varies in time, and when work ends under it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.rate import STEADY, Rate
from lembur.domain.time import NEVER_MS

SPEEDS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0]), min_size=1, max_size=6)
GAPS = st.lists(st.integers(1, 5_000), min_size=6, max_size=6)


def rate(speeds: list[float], gaps: list[int]) -> Rate:
    """Lay speeds out one after the other."""
    return Rate(tuple(sum(gaps[:index]) for index in range(len(speeds))), tuple(speeds))


def test_steady_work_takes_as_long_as_it_is() -> None:
    """At speed one a second is a second."""
    assert STEADY.end_ms(1_000, 500) == 1_500


def test_work_goes_on_over_a_change_of_speed() -> None:
    """Half of it at speed 1, the other half at a quarter of that."""
    assert Rate((0, 1_000), (1.0, 0.25)).end_ms(500, 1_000) == 1_000 + 2_000


def test_an_outage_is_waited_through() -> None:
    """Speed 0 stands still, and what was done before is kept."""
    assert Rate((0, 1_000, 9_000), (1.0, 0.0, 1.0)).end_ms(900, 200) == 9_100


def test_work_that_ends_as_the_outage_begins_is_done() -> None:
    """Stretches are half-open: the last millisecond before it counts."""
    assert Rate((0, 1_000, 9_000), (1.0, 0.0, 1.0)).end_ms(900, 100) == 1_000


def test_before_the_first_start_the_first_speed_holds() -> None:
    """There is always a speed."""
    assert Rate((1_000,), (2.0,)).end_ms(0, 100) == 50


def test_what_stands_still_for_ever_never_ends() -> None:
    """NEVER is a number that the ledger can hold."""
    assert Rate((0, 1_000), (1.0, 0.0)).end_ms(900, 200) == NEVER_MS
    assert int(float(NEVER_MS)) == NEVER_MS


@settings(max_examples=80)
@given(SPEEDS, GAPS, st.integers(0, 20_000), st.integers(0, 5_000), st.integers(1, 9_000))
def test_what_starts_later_never_ends_earlier(
    speeds: list[float], gaps: list[int], start: int, later: int, work: int
) -> None:
    """The order of starts is kept, which the planner's search relies on; and more work never ends earlier."""
    varying = rate(speeds, gaps)

    assert varying.end_ms(start, work) <= varying.end_ms(start + later, work)
    assert varying.end_ms(start, work) <= varying.end_ms(start, work + later)
    assert varying.end_ms(start, work) >= start


@settings(max_examples=80)
@given(SPEEDS, GAPS, st.integers(0, 20_000), st.integers(1, 9_000))
def test_the_work_done_until_the_end_is_the_work(speeds: list[float], gaps: list[int], start: int, work: int) -> None:
    """Integrated over the stretches, the speed gives the work back within rounding."""
    varying = rate(speeds, gaps)
    end = varying.end_ms(start, work)
    if end == NEVER_MS:
        return

    edges = [*varying.starts_ms[1:], NEVER_MS]
    done = sum(
        speed * max(0, min(until, end) - max(since, start))
        for since, until, speed in zip((0, *varying.starts_ms[1:]), edges, speeds, strict=True)
    )

    assert done == pytest.approx(work, abs=2.0)
