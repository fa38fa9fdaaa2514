"""The cheapest overtime that clears: every roster is looked at on the same worlds, along a staircase.

More seats and more hours delay no card in any world, so the chance rises with both, and so does the cost: what is worth
having lies on the edge between rosters that suffice and rosters that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from planner.problem.problem import STEP_H
from planner.problem.replications import BLOCK
from planner.problem.roster import Overtime, least_seats, most_seats, rosters
from planner.simulation.replay import replay

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from planner.problem.problem import Question
    from planner.problem.replications import Worlds
    from planner.simulation.replay import Replayed, Roster

SHOWN_Z: Final = 1.96
"""Intervals are of 95 %. Looks that stop by them after every hundredth world: in Solo's case none of 208, in eight
seeds, said anything else than all 1,000 worlds."""
TOGETHER: Final = 2
"""After so many blocks the look asks whether that is enough."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Chance:
    """How many of the worlds looked at were clear in time."""

    clear: int
    worlds: int

    @property
    def share(self) -> float:
        """The chance itself."""
        return self.clear / self.worlds

    def interval(self, z: float = SHOWN_Z) -> tuple[float, float]:
        """Wilson's interval (1927), which holds near 0 and 1 too."""
        middle = (self.clear + z * z / 2) / (self.worlds + z * z)
        half = z / (self.worlds + z * z) * sqrt(self.clear * (self.worlds - self.clear) / self.worlds + z * z / 4)
        return max(0.0, middle - half), min(1.0, middle + half)

    def decided(self, confidence: float) -> bool:
        """Tell whether the confidence lies outside the interval."""
        low, high = self.interval()
        return low > confidence or high < confidence


@dataclass(frozen=True, slots=True)
class Look:
    """A roster and the chance that it clears."""

    overtime: Overtime
    chance: Chance
    suffices: bool


@dataclass(slots=True)
class Search:
    """Looks at rosters on the same worlds, and replays no station twice under the same hours and seats.

    Blocks are replayed side by side in threads: the kernel and the drawing leave the interpreter free. How many there
    are changes no answer, since a look stops after every second block or not at all.
    """

    question: Question
    worlds: Worlds
    threads: Executor | None = None
    progress: Progress = field(default=lambda _: None)
    _known: dict[tuple[int, int, bytes, bytes], Replayed] = field(default_factory=dict)
    _looks: dict[Overtime, Look] = field(default_factory=dict)

    def look(self, overtime: Overtime) -> Look:
        """Tell whether a roster suffices, from no more worlds than that needs."""
        if overtime not in self._looks:
            self.progress(len(self._looks))
            self._looks[overtime] = self._decide(overtime)
        return self._looks[overtime]

    def _decide(self, overtime: Overtime) -> Look:
        confidence, placed = self.question.confidence, rosters(self.question, overtime)
        chance = Chance(0, 0)
        for first in range(0, self.worlds.blocks(), TOGETHER):
            numbers = range(first, min(first + TOGETHER, self.worlds.blocks()))
            chance = self._more(chance, numbers, placed)
            if chance.decided(confidence):
                break
        return Look(overtime, chance, suffices=chance.share >= confidence)

    def chance(self, overtime: Overtime) -> Chance:
        """Tell the chance from all worlds."""
        return self._more(Chance(0, 0), range(self.worlds.blocks()), rosters(self.question, overtime))

    def _more(self, chance: Chance, numbers: range, placed: list[Roster]) -> Chance:
        together = self.threads.map if self.threads else map
        found = list(together(lambda number: self._cleared(number, placed), numbers))
        clear, worlds = sum(int(part.sum()) for part in found), sum(len(part) for part in found)
        return Chance(chance.clear + clear, chance.worlds + worlds)

    def in_time(self, overtime: Overtime) -> float:
        """Tell how many cards are begun by the deadline and come out good, on average over all worlds."""
        placed = rosters(self.question, overtime)
        printed = [
            int(self._replayed(number, place, roster).printed.sum())
            for number in range(self.worlds.blocks())
            for place, roster in enumerate(placed)
        ]
        return sum(printed) / self.question.worlds

    def _cleared(self, number: int, placed: list[Roster]) -> NDArray[np.bool_]:
        """Tell which worlds of a block are clear in time at every place."""
        clear: NDArray[np.bool_] | None = None
        for place, roster in enumerate(placed):
            here = self._replayed(number, place, roster).finish_ms <= self.question.deadline_ms
            clear = here if clear is None else clear & here
        return np.ones(BLOCK, dtype=np.bool_) if clear is None else clear

    def _replayed(self, number: int, place: int, roster: Roster) -> Replayed:
        key = (number, place, roster.seats.at_ms.tobytes(), roster.seats.values.tobytes())
        if key not in self._known:
            self._known[key] = replay(
                self.worlds.block(number).queues[place], roster, limit_ms=self.question.deadline_ms
            )
        return self._known[key]

    def staircase(self) -> list[Look]:
        """Walk along the edge, from most seats and least hours: each look in turn, whether it sufficed or not."""
        return list(self._walk())

    def _walk(self) -> Iterator[Look]:
        seats, steps = most_seats(self.question), 0
        while seats >= max(1, least_seats(self.question)) and steps * STEP_H <= self.question.max_hours:
            look = self.look(Overtime(seats, steps * STEP_H))
            yield look
            if look.suffices:
                seats -= 1
            else:
                steps += 1


def grid(question: Question) -> list[Overtime]:
    """List every roster there is."""
    hours = [step * STEP_H for step in range(int(question.max_hours / STEP_H) + 1)]
    return [
        Overtime(seats, h) for seats in range(max(1, least_seats(question)), most_seats(question) + 1) for h in hours
    ]


def edge(looks: list[Look]) -> list[Look]:
    """Keep the rosters that suffice where no other does with no more seats and no more hours."""
    good = [look for look in looks if look.suffices]
    return sorted(
        (a for a in good if not any(_below(b.overtime, a.overtime) for b in good)), key=lambda look: look.overtime.hours
    )


def cheapest_first(looks: list[Look], price: Callable[[Overtime], float]) -> list[Look]:
    """Sort by price; at the same price fewer seats go first, then fewer hours."""
    return sorted(looks, key=lambda look: (price(look.overtime), look.overtime))


def _below(one: Overtime, other: Overtime) -> bool:
    return one != other and one.seats <= other.seats and one.hours <= other.hours
