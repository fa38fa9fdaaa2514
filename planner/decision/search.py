"""Search for the cheapest roster: every roster is replayed on the same worlds.

More seats and more hours delay no card in any world. So the search begins with all that may be ordered and drops what
is not needed. A drop that was once too much stays too much, because everything else only shrinks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from math import sqrt
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from planner.decision.choices import Choices, Move
from planner.problem import BLOCK, regular_roster
from planner.simulation import replay_queue

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.problem import DaySeats, Problem, Roster, Worlds
    from planner.simulation import Staffing

SHOWN_Z: Final = 1.96
"""Standard deviations on each side of an interval of 95 %."""
BLOCKS_AT_ONCE: Final = 2
"""Blocks between two checks of the interval. The first blocks also rank the drops."""
WEIGHTS: Final = (1.0, 0.0, 4.0)
"""Weights of the saving against the worlds lost, in the ranking of drops."""
EVERY_WORLD: Final = -1
"""Bits of all worlds of a block."""
EXCHANGE_PRINTS: Final = 40_000_000
"""Prints that the improvement by exchange may replay."""

Progress = Callable[[int], None]
Row = tuple["DaySeats", ...]
"""Seats of a station by date."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Number of worlds that were clear in time, and of worlds evaluated."""

    clear: int
    worlds: int

    @property
    def share(self) -> float:
        """The chance itself."""
        return self.clear / self.worlds

    def interval(self, z: float = SHOWN_Z) -> tuple[float, float]:
        """Return Wilson's interval (1927), which holds near 0 and 1 too."""
        middle = (self.clear + z * z / 2) / (self.worlds + z * z)
        half = z / (self.worlds + z * z) * sqrt(self.clear * (self.worlds - self.clear) / self.worlds + z * z / 4)
        return max(0.0, middle - half), min(1.0, middle + half)

    def excludes(self, confidence: float) -> bool:
        """Return whether the confidence lies outside the interval."""
        low, high = self.interval()
        return low > confidence or high < confidence


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """Seats of one station by date, and by block: the worlds in which they suffice, one bit each, and the good prints.

    Good prints are those begun by the deadline.
    """

    station: int
    staffing: Staffing
    clear: dict[int, int] = field(default_factory=dict)
    printed: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Ranking:
    """The drops of a station, the best first, for its row and for the worlds in which every station is clear.

    `clear` holds the first worlds in which the station itself is clear. The first drop is none of the first `checked`
    moves that were refused.
    """

    row: Row
    clear: int
    everybody: int | None = None
    drops: list[tuple[float, Move]] = field(default_factory=list)
    checked: int = 0

    def best(self, refused: Sequence[Move]) -> list[tuple[float, Move]]:
        """Return the best drop that takes less away than every refused move, or nothing."""
        while self.drops:
            move = self.drops[0][1]
            if not any(move.below(other) for other in refused[self.checked :]):
                self.checked = len(refused)
                return self.drops[:1]
            self.drops.pop(0)
            self.checked = 0
        return []


@dataclass(frozen=True, slots=True)
class Drop:
    """A step down, the amount it saves, and the first worlds in which its station is clear after it."""

    move: Move
    saving: float
    clear: int


@dataclass
class Search:
    """Evaluates rosters on the same worlds, and replays no station twice with the same seats.

    Threads replay blocks side by side: kernel and draws release the interpreter. Their number changes no answer,
    because an evaluation stops after every second block or not at all.
    """

    problem: Problem
    worlds: Worlds
    threads: Executor | None = None
    progress: Progress = field(default=lambda _: None)
    _rows: dict[tuple[int, Row], RowOutcome] = field(default_factory=dict)
    _drops: dict[tuple[int, Row], list[Drop]] = field(default_factory=dict)
    _suffices: dict[tuple[Roster, float], bool] = field(default_factory=dict)
    evaluated: int = 0

    @cached_property
    def choices(self) -> Choices:
        """Rosters of the problem."""
        return Choices(self.problem)

    def suffices(self, roster: Roster, confidence: float) -> bool:
        """Return whether a roster reaches the confidence, from no more worlds than needed."""
        self.evaluated += 1
        self.progress(self.evaluated)
        key = (roster, confidence)
        if key not in self._suffices:
            self._suffices[key] = self._evaluate(roster, confidence)
        return self._suffices[key]

    def _evaluate(self, roster: Roster, confidence: float) -> bool:
        chance = Chance(0, 0)
        for first in range(0, self.worlds.blocks(), BLOCKS_AT_ONCE):
            chance = self._add(chance, roster, range(first, min(first + BLOCKS_AT_ONCE, self.worlds.blocks())))
            if chance.excludes(confidence):
                break
        return chance.share >= confidence

    def chance(self, roster: Roster) -> Chance:
        """Return the chance in all worlds."""
        return self._add(Chance(0, 0), roster, range(self.worlds.blocks()))

    def _add(self, chance: Chance, roster: Roster, numbers: range) -> Chance:
        rows = [self._row(station, row) for station, row in enumerate(roster.seats)]
        if self.threads:
            new = [number for number in numbers if any(number not in row.clear for row in rows)]
            for _ in self.threads.map(lambda number: self._block_clear(number, rows), new):
                pass
        clear = sum(self._block_clear(number, rows).bit_count() for number in numbers)
        seen = min(numbers.stop * BLOCK, self.problem.worlds) - min(numbers.start * BLOCK, self.problem.worlds)
        return Chance(chance.clear + clear, chance.worlds + seen)

    def _block_clear(self, number: int, rows: Sequence[RowOutcome]) -> int:
        """Return the worlds of a block in which every station is clear in time, one bit each."""
        clear = EVERY_WORLD
        for row in rows:
            clear &= self._row_clear(number, row)
            if not clear:
                break
        return clear

    def _row(self, station: int, row: Row) -> RowOutcome:
        if (station, row) not in self._rows:
            self._rows[station, row] = RowOutcome(station, self.choices.staffing(station, row))
        return self._rows[station, row]

    def _row_clear(self, number: int, row: RowOutcome) -> int:
        if number not in row.clear:
            queue = self.worlds.block(number).queues[row.station]
            made = replay_queue(queue, row.staffing, limit_ms=self.problem.deadline_ms)
            row.clear[number] = int.from_bytes(np.packbits(made.finish_ms <= self.problem.deadline_ms).tobytes())
            row.printed[number] = int(made.printed.sum())
        return row.clear[number]

    def station_clear(self, number: int, station: int, row: Row) -> int:
        """Return the worlds of a block in which one station is clear in time, one bit each."""
        return self._row_clear(number, self._row(station, row))

    def in_time(self, roster: Roster) -> float:
        """Return the mean number of good prints begun by the deadline."""
        printed, rows = 0, [self._row(station, row) for station, row in enumerate(roster.seats)]
        for number in range(self.worlds.blocks()):
            for row in rows:
                self._row_clear(number, row)
                printed += row.printed[number]
        return printed / self.problem.worlds

    def cheapest(self, confidence: float) -> Roster | None:
        """Return the cheapest roster found that reaches the confidence; None if all that may be ordered does not."""
        nothing, start = regular_roster(self.problem), self.choices.most
        if not self.suffices(start, confidence):
            return None
        if self.suffices(nothing, confidence):
            return nothing
        return self._exchange(self._descend(start, confidence), confidence)

    def _descend(
        self, roster: Roster, confidence: float, *, too_much: Sequence[Move] = (), weight: float = 1.0
    ) -> Roster:
        """Drop hours and seats, the best saving for each lost world first, until every drop is too much."""
        refused: defaultdict[int, list[Move]] = defaultdict(list)
        for move in too_much:
            refused[move.station].append(move)
        many, ranked = 1, dict[int, Ranking]()
        while True:
            drops = self._rank(roster, refused, weight, ranked)
            if not drops:
                return roster
            batch = drops[: min(many, len(drops))]
            lower = self._with(roster, batch)
            if self.suffices(lower, confidence):
                roster, many = lower, 2 * many
            elif len(batch) == 1:
                refused[batch[0].station].append(batch[0])
            else:
                many = len(batch) // 2

    def _rank(
        self, roster: Roster, refused: Mapping[int, list[Move]], weight: float, ranked: dict[int, Ranking]
    ) -> list[Move]:
        """List the best drop of each station, the best saving for each lost world first.

        Rankings are renewed where the row or the worlds changed. Refused drops leave them.
        """
        everybody = EVERY_WORLD
        for station, row in enumerate(roster.seats):
            if station not in ranked or ranked[station].row is not row:
                ranked[station] = Ranking(row, self._few(station, row))
            everybody &= ranked[station].clear
        best: list[tuple[float, Move]] = []
        for station, found in ranked.items():
            if found.everybody != everybody:
                found.everybody, found.checked = everybody, 0
                found.drops = self._scores(roster, station, everybody, weight)
            best += found.best(refused[station])
        return [drop for _, drop in sorted(best, key=lambda each: -each[0])]

    def _scores(self, roster: Roster, station: int, everybody: int, weight: float) -> list[tuple[float, Move]]:
        """Score the drops of a station by their saving for each lost world, the best first."""
        scores = [
            (drop.saving**weight / ((everybody & ~drop.clear).bit_count() + 0.5), drop.move)
            for drop in self._drops_of(roster, station, roster.seats[station])
        ]
        return sorted(scores, key=itemgetter(0), reverse=True)

    def _drops_of(self, roster: Roster, station: int, row: Row) -> list[Drop]:
        """List the drops of a station, and the first worlds in which it is clear after each."""
        key = (station, row)
        if key not in self._drops:
            self._drops[key] = [
                Drop(
                    move,
                    self.choices.saving(roster, move),
                    self._few(station, (*row[: move.day], move.seats, *row[move.day + 1 :])),
                )
                for move in self.choices.drops(station, row)
            ]
        return self._drops[key]

    def _few(self, station: int, row: Row) -> int:
        """Return the first worlds in which a station is clear, one bit each. They are enough to rank the drops."""
        clear, found = 0, self._row(station, row)
        for number in range(min(BLOCKS_AT_ONCE, self.worlds.blocks())):
            clear = clear << 2 * BLOCK | self._row_clear(number, found)
        return clear

    def _exchange(self, roster: Roster, confidence: float) -> Roster:
        """Add one or two steps and drop what is not needed then, as long as that is cheaper."""
        limit, price = self.evaluated + self._most_evaluations(), self.choices.price
        pairs = True
        while pairs and self.evaluated < limit:
            for adds in self._exchanges(roster):
                if self.evaluated >= limit:
                    return roster
                other = min(self._try_exchange(roster, adds, confidence), key=price)
                if price(other) < price(roster) - 1e-6:
                    roster = other
                    break
            else:
                pairs = False
        return roster

    def _try_exchange(self, roster: Roster, adds: Sequence[Move], confidence: float) -> Iterator[Roster]:
        """Add steps, and drop those that are not needed then, in several orders.

        In some orders the added steps stay at first. In the others some of them may be dropped again, but not all.
        """
        higher = self._with(roster, adds)
        for weight in WEIGHTS:
            fixed = [replace(add, seats=self.choices.most.seats[add.station][add.day]) for add in adds]
            lower = self._descend(higher, confidence, too_much=fixed, weight=weight)
            yield self._descend(lower, confidence)
            before = [replace(add, seats=roster.seats[add.station][add.day]) for add in adds]
            yield self._descend(higher, confidence, too_much=before, weight=weight)

    def _most_evaluations(self) -> int:
        """Return the number of evaluations that exchanges may cost: few in a large problem, many in a small one."""
        cards = sum(len(station.waiting) for station in self.problem.stations) // len(self.problem.stations)
        return EXCHANGE_PRINTS // (self.problem.worlds * max(1, cards))

    def _exchanges(self, roster: Roster) -> Iterator[tuple[Move, ...]]:
        """Yield single steps up, the cheapest first, and then pairs of steps on different dates or stations."""
        adds = sorted(self.choices.adds(roster), key=lambda move: -self.choices.saving(roster, move))
        yield from ((one,) for one in adds)
        for one, other in combinations(adds, 2):
            if (one.station, one.day) != (other.station, other.day):
                yield one, other

    def _with(self, roster: Roster, moves: Sequence[Move]) -> Roster:
        for move in moves:
            roster = roster.with_seats(move.station, move.day, move.seats)
        return roster
