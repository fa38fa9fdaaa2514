"""Speeds over time: of printing and of the centre."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lembur.domain.rate import STEADY, Rate
from lembur.domain.time import at_ms, day_of, days, moment_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from lembur.domain.scenario import Pace, Scenario, Spell

BEYOND: Final = timedelta(days=60)
"""Rates are computed until this long after the scenario's end. After that the last one holds."""


@lru_cache(maxsize=8)
def print_rate(scenario: Scenario) -> Rate:
    """Return the pace of printing over time."""
    return _rate(scenario, scenario.printing.pace, ())


@lru_cache(maxsize=8)
def centre_rate(scenario: Scenario) -> Rate:
    """Return the centre's speed over time: its day profile, times every slow spell and outage in force."""
    return _rate(scenario, scenario.centre.profile, scenario.centre.spells)


def _rate(scenario: Scenario, profile: Sequence[Pace], spells: Sequence[Spell]) -> Rate:
    stretches = [(moment_ms(spell.begins), moment_ms(spell.ends), spell.speed) for spell in spells]
    first = day_of(min([moment_ms(scenario.starts), *(begins for begins, _, _ in stretches)]), scenario.zone)
    last = day_of(max([moment_ms(scenario.ends + BEYOND), *(ends for _, ends, _ in stretches)]), scenario.zone)
    edges = {at_ms(day, pace.at, scenario.zone) for day in days(first, last) for pace in profile}
    edges.update(edge for begins, ends, _ in stretches for edge in (begins, ends))
    if not edges:
        return STEADY
    by_time = sorted(profile, key=lambda pace: pace.at)
    starts: list[int] = []
    speeds: list[float] = []
    for edge in [0, *sorted(edges)]:
        speed = _profile_speed(by_time, edge, scenario.zone)
        for begins, ends, factor in stretches:
            if begins <= edge < ends:
                speed *= factor
        if not speeds or speeds[-1] != speed:
            starts.append(edge)
            speeds.append(speed)
    return Rate(tuple(starts), tuple(speeds))


def _profile_speed(by_time: Sequence[Pace], moment: int, zone: tzinfo) -> float:
    # Before the first entry of a day, the last entry of the day before still holds.
    day = day_of(moment, zone)
    passed = [pace.speed for pace in by_time if at_ms(day, pace.at, zone) <= moment]
    return (passed or [pace.speed for pace in by_time] or [1.0])[-1]
