"""Slow spells of the centre: found where answers take far longer than usual, and drawn for the hours to come."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lembur.domain.rate import Rate
from lembur.domain.time import HOUR_MS
from planner.problem.spells import Hour, Spells, find_spells, slow_down, slow_hours


def hours(*slowness: float, answers: int = 20) -> dict[int, Hour]:
    """Hours one after the other, in which answers took so many times the usual time."""
    return {hour: Hour(one * answers, answers) for hour, one in enumerate(slowness)}


def test_without_a_slow_hour_none_is_expected() -> None:
    """Answers that are a third slower than the scenario's all day long are no spell: the usual answer is slower."""
    assert find_spells(hours(1.3, 1.2, 1.4, 1.3), 3) is None
    assert find_spells({}, 3) is None


def test_spells_are_counted_with_their_length_and_speed() -> None:
    """Two spells of three hours in all within nine: six hours and the prior's one lie outside."""
    found = find_spells(hours(1, 1, 4, 4, 1, 1, 1, 4, 1), 8)

    assert found == Spells(every_h=3.5, length_h=1.5, speed=0.25, slow_now=False)


def test_a_spell_may_go_on() -> None:
    """The last whole hour is slow, so the centre is slow now; a spell that ended an hour ago is over."""
    for last, goes_on in ((3, True), (4, False)):
        found = find_spells(hours(1, 1, 1, 5), last)
        assert found is not None
        assert found.slow_now is goes_on


def test_a_centre_that_is_always_slow_has_no_spells() -> None:
    """Three times the usual time in each of nine hours: more hours than the scenario counts for."""
    assert slow_hours(hours(*[3.0] * 9)) == set()


def test_two_answers_show_nothing() -> None:
    """An hour with little work at the centre is not judged."""
    assert slow_hours(hours(1, 1, 1) | {3: Hour(2.9, 1)}) == set()
    assert slow_hours(hours(1, 1, 1) | {3: Hour(3.0, 1)}) == {3}


def test_spells_are_drawn_as_often_and_as_long_as_seen() -> None:
    """Over 2,000 days: every 8 hours one of 2 hours, from a slow moment on."""
    until = 48_000 * HOUR_MS
    drawn = Spells(8.0, 2.0, 0.2, slow_now=True).draw(np.random.Generator(np.random.SFC64(1)), 0, until)
    lengths = [end - begin for begin, end in drawn]

    assert drawn[0][0] == 0
    assert len(drawn) == pytest.approx(4_800, rel=0.05)
    assert np.mean(lengths) / HOUR_MS == pytest.approx(2.0, rel=0.05)
    assert all(before[1] <= after[0] for before, after in pairwise(drawn))


def test_a_rate_is_slower_within_a_spell_only() -> None:
    """Half speed from 5 to 12, over a rate that changes at 10."""
    slower = slow_down(Rate((0, 10), (1.0, 0.8)), [(5, 12)], 0.5)

    assert slower == Rate((0, 5, 10, 12), (1.0, 0.5, 0.4, 0.8))
