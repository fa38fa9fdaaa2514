"""The cheapest roster that clears: every roster is looked at on the same worlds, along a staircase.

More seats and more hours delay no card in any world, so the chance rises with both, and so does the cost: what is worth
having lies on the edge between rosters that suffice and rosters that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from planner.problem import BLOCK, STEP_H, Roster, least_seats, most_seats, staffings
from planner.simulation import replay_queue

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from planner.problem import Problem, Worlds
    from planner.simulation import ReplayResult, Staffing

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
class Evaluation:
    """A roster and the chance that it clears."""

    roster: Roster
    chance: Chance
    suffices: bool


@dataclass(slots=True)
class Search:
    """Looks at rosters on the same worlds, and replays no station twice under the same hours and seats.

    Blocks are replayed side by side in threads: the kernel and the drawing leave the interpreter free. How many there
    are changes no answer, since a look stops after every second block or not at all.
    """

    problem: Problem
    worlds: Worlds
    threads: Executor | None = None
    progress: Progress = field(default=lambda _: None)
    _known: dict[tuple[int, int, bytes, bytes], ReplayResult] = field(default_factory=dict)
    _looks: dict[Roster, Evaluation] = field(default_factory=dict)

    def look(self, roster: Roster) -> Evaluation:
        """Tell whether a roster suffices, from no more worlds than that needs."""
        if roster not in self._looks:
            self.progress(len(self._looks))
            self._looks[roster] = self._decide(roster)
        return self._looks[roster]

    def _decide(self, roster: Roster) -> Evaluation:
        confidence, placed = self.problem.confidence, staffings(self.problem, roster)
        chance = Chance(0, 0)
        for first in range(0, self.worlds.blocks(), TOGETHER):
            numbers = range(first, min(first + TOGETHER, self.worlds.blocks()))
            chance = self._more(chance, numbers, placed)
            if chance.decided(confidence):
                break
        return Evaluation(roster, chance, suffices=chance.share >= confidence)

    def chance(self, roster: Roster) -> Chance:
        """Tell the chance from all worlds."""
        return self._more(Chance(0, 0), range(self.worlds.blocks()), staffings(self.problem, roster))

    def _more(self, chance: Chance, numbers: range, placed: list[Staffing]) -> Chance:
        together = self.threads.map if self.threads else map
        found = list(together(lambda number: self._cleared(number, placed), numbers))
        clear, worlds = sum(int(part.sum()) for part in found), sum(len(part) for part in found)
        return Chance(chance.clear + clear, chance.worlds + worlds)

    def in_time(self, roster: Roster) -> float:
        """Tell how many cards are begun by the deadline and come out good, on average over all worlds."""
        placed = staffings(self.problem, roster)
        printed = [
            int(self._replayed(number, station, roster).printed.sum())
            for number in range(self.worlds.blocks())
            for station, roster in enumerate(placed)
        ]
        return sum(printed) / self.problem.worlds

    def _cleared(self, number: int, placed: list[Staffing]) -> NDArray[np.bool_]:
        """Tell which worlds of a block are clear in time at every station."""
        clear: NDArray[np.bool_] | None = None
        for station, roster in enumerate(placed):
            here = self._replayed(number, station, roster).finish_ms <= self.problem.deadline_ms
            clear = here if clear is None else clear & here
        return np.ones(BLOCK, dtype=np.bool_) if clear is None else clear

    def _replayed(self, number: int, station: int, roster: Staffing) -> ReplayResult:
        key = (number, station, roster.seats.at_ms.tobytes(), roster.seats.values.tobytes())
        if key not in self._known:
            self._known[key] = replay_queue(
                self.worlds.block(number).queues[station], roster, limit_ms=self.problem.deadline_ms
            )
        return self._known[key]

    def staircase(self) -> list[Evaluation]:
        """Walk along the edge, from most seats and least hours: each look in turn, whether it sufficed or not."""
        return list(self._walk())

    def _walk(self) -> Iterator[Evaluation]:
        seats, steps = most_seats(self.problem), 0
        while seats >= max(1, least_seats(self.problem)) and steps * STEP_H <= self.problem.max_hours:
            look = self.look(Roster(seats, steps * STEP_H))
            yield look
            if look.suffices:
                seats -= 1
            else:
                steps += 1


def grid(problem: Problem) -> list[Roster]:
    """List every roster there is."""
    hours = [step * STEP_H for step in range(int(problem.max_hours / STEP_H) + 1)]
    return [Roster(seats, h) for seats in range(max(1, least_seats(problem)), most_seats(problem) + 1) for h in hours]


def edge(looks: list[Evaluation]) -> list[Evaluation]:
    """Keep the rosters that suffice where no other does with no more seats and no more hours."""
    good = [look for look in looks if look.suffices]
    return sorted(
        (a for a in good if not any(_below(b.roster, a.roster) for b in good)), key=lambda look: look.roster.hours
    )


def cheapest_first(looks: list[Evaluation], price: Callable[[Roster], float]) -> list[Evaluation]:
    """Sort by price; at the same price fewer seats go first, then fewer hours."""
    return sorted(looks, key=lambda look: (price(look.roster), look.roster))


def _below(one: Roster, other: Roster) -> bool:
    return one != other and one.seats <= other.seats and one.hours <= other.hours
