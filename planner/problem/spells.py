"""Slow spells of the centre that no scenario names: found in the hours that were seen, and drawn for those to come."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from lembur.domain.rate import Rate
from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import Generator

SLOW: Final = 2.0
"""An hour is slow if its answers took this many times the usual time."""
FEWEST_ANSWERS: Final = 3.0
"""Least work of an hour at the centre, in usual answers. An hour with less shows nothing."""
BELIEVED_HOURS: Final = 4
"""Weight of the scenario beside the hours seen, in hours."""
SLOWEST: Final = 0.05
"""Least speed of a spell: below it hours look alike."""


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the centre: the answers that its lines had time for at the usual speed, and those that came."""

    possible: float
    answers: int

    @property
    def slowness(self) -> float:
        """Return how many times the usual time an answer took."""
        return self.possible / max(1, self.answers)


@dataclass(frozen=True, slots=True)
class Spells:
    """Slow spells to expect: hours between two, length in hours, speed within. `slow_now` means that one goes on."""

    every_h: float
    length_h: float
    speed: float
    slow_now: bool

    def draw(self, chance: Generator, now_ms: int, until_ms: int) -> list[tuple[int, int]]:
        """Draw the begin and end of each spell from now on. How long one has lasted gives no hint of its end."""
        found, at, slow = [], float(now_ms), self.slow_now
        while at < until_ms:
            length = HOUR_MS * chance.exponential(self.length_h if slow else self.every_h)
            if slow:
                found.append((round(at), round(at + length)))
            at, slow = at + length, not slow
        return found


def slow_hours(hours: Mapping[int, Hour]) -> set[int]:
    """Return the slow hours. The usual time is the median of all hours and of a few with the scenario's own time."""
    watched = {hour: one.slowness for hour, one in hours.items() if one.possible >= FEWEST_ANSWERS}
    usual = median([*watched.values(), *(1.0,) * BELIEVED_HOURS])
    return {hour for hour, slowness in watched.items() if slowness >= SLOW * usual}


def find_spells(hours: Mapping[int, Hour], last: int) -> Spells | None:
    """Find the slow spells in the hours seen, until the `last` whole one. Without any seen, expect none."""
    slow = slow_hours(hours)
    if not slow:
        return None
    watched = [hour for hour, one in hours.items() if one.possible >= FEWEST_ANSWERS]
    spells = sum(hour - 1 not in slow for hour in slow)
    within, outside = (_slowness([hours[hour] for hour in some]) for some in (slow, set(watched) - slow))
    return Spells(
        every_h=(len(watched) - len(slow) + 1) / spells,
        length_h=len(slow) / spells,
        speed=max(SLOWEST, outside / within),
        slow_now=last in slow,
    )


def _slowness(some: Sequence[Hour]) -> float:
    """Return the slowness of some hours together; 1 where there are none."""
    possible, answers = sum(one.possible for one in some), sum(one.answers for one in some)
    return possible / max(1, answers) if some else 1.0


def slow_down(rate: Rate, spells: list[tuple[int, int]], speed: float) -> Rate:
    """Return a rate that is slower in some spells, given in order."""
    edges = sorted({*rate.starts_ms, *(edge for spell in spells for edge in spell)})
    base = [rate.speeds[max(0, sum(start <= edge for start in rate.starts_ms) - 1)] for edge in edges]
    slow = [any(begin <= edge < end for begin, end in spells) for edge in edges]
    return Rate(tuple(edges), tuple(at * speed if one else at for at, one in zip(base, slow, strict=True)))
