"""Random worlds of a problem, drawn once and in blocks. Every roster is replayed on the same worlds.

A block's draws depend only on the seed, the purpose and the block's number. So an answer never depends on the order of
work or on the threads. Print times, spoilage and faults belong to positions and printers, never to a roster.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.draws import Z90
from lembur.domain.rate import STEADY
from lembur.domain.time import HOUR_MS, NEVER_MS
from planner.arrays import LONGEST_MS, WORLD_BITS, Integers, Offsets, integers, order_by_time, rank
from planner.problem.doubt import draw_factors, draw_shares
from planner.simulation import Queue, Turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    from planner.problem.problem import ArrivingCards, Cards, Problem, StationInput

BLOCK: Final = 50
"""Worlds per block: enough for one call of the kernel, few enough to stop early."""
SURE: Final = 6.0
"""Spare prints, in standard deviations beyond the mean: one world in a billion needs more."""


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """Order of a station's cards in a block: the turn of each card, and its due moment, world by world."""

    turns: Turns
    due_ms: Integers


@dataclass(frozen=True, slots=True)
class Block:
    """Some worlds of all stations: their queues, and the cards that came beyond the waiting ones.

    `came` are those that count, by station; `drawn` also those after the cut-offs.
    """

    queues: tuple[Queue, ...]
    came: Sequence[ArrivingCards]
    drawn: ArrivingCards
    _orders: dict[int, QueueOrder] = field(default_factory=dict)

    def queue_order(self, station: int, waiting: Cards) -> QueueOrder:
        """Return the order of a station's cards: by class, then by due date."""
        if station not in self._orders:
            self._orders[station] = _order_queue(self.queues[station], waiting, self.came[station])
        return self._orders[station]


@dataclass(frozen=True, slots=True)
class Worlds:
    """Worlds of a problem: cards that come until `cards_until_ms`, faults until `faults_until_ms`.

    Blocks that are not `kept` are drawn again each time: many cards leave no memory for two sets of worlds. With
    `base`, every draw that the changed problem does not affect is taken from there.
    """

    problem: Problem
    cards_until_ms: int
    faults_until_ms: int
    seed: int
    kept: bool = True
    base: Worlds | None = None
    _drawn: dict[int, Block] = field(default_factory=dict)
    _first: dict[tuple[int, int], Worlds] = field(default_factory=dict)

    def blocks(self) -> int:
        """Count the blocks. The last one may be shorter."""
        return -(-self.problem.worlds // BLOCK)

    def block(self, number: int) -> Block:
        """Return a block, drawn now or before."""
        if number in self._drawn:
            return self._drawn[number]
        block = self._draw(number) if self.base is None else self._reuse(self.base, number)
        if self.kept:
            self._drawn[number] = block
        return block

    def for_problem(self, problem: Problem, *, faults_until_ms: int | None = None) -> Worlds:
        """Return the same worlds for a problem with other seats, printers, stock, arrivals or number of worlds.

        The same people come, and the same prints are spoiled and take the same time.
        """
        until = self.faults_until_ms if faults_until_ms is None else faults_until_ms
        if problem.arrivals is not self.problem.arrivals:
            return Worlds(problem, self.cards_until_ms, until, self.seed)
        return Worlds(problem, self.cards_until_ms, until, self.seed, self.kept, self)

    def first(self, count: int, *, faults_until_ms: int) -> Worlds:
        """Return the first `count` of these worlds, with faults until a moment. A second call returns the same ones."""
        key = (count, faults_until_ms)
        if key not in self._first:
            few = replace(self.problem, worlds=min(self.problem.worlds, count))
            self._first[key] = self.for_problem(few, faults_until_ms=faults_until_ms)
        return self._first[key]

    def _draw(self, number: int) -> Block:
        worlds = min(BLOCK, self.problem.worlds - number * BLOCK)
        drawn = self.problem.arrivals.draw(self._chance(number, "coming"), worlds=worlds, until_ms=self.cards_until_ms)
        stations = self.problem.stations
        came = drawn.before(self.problem.cutoffs_ms).split(len(stations))
        of_stations = zip(stations, came, drawn.split(len(stations)), strict=True)
        queues = [self._queue(number, station, own, every.world, worlds) for station, own, every in of_stations]
        return Block(tuple(queues), came, drawn)

    def _reuse(self, base: Worlds, number: int) -> Block:
        block, cutoffs = base.block(number), self.problem.cutoffs_ms
        stations = zip(block.queues, base.problem.stations, self.problem.stations, strict=True)
        queues = [self._adapt(base, number, *each) for each in stations]
        if cutoffs == base.problem.cutoffs_ms:
            return replace(block, queues=tuple(queues))
        came = block.drawn.before(cutoffs).split(len(queues))
        of_stations = zip(queues, self.problem.stations, came, strict=True)
        counted = (_with_cards(*each, self.problem.now_ms) for each in of_stations)
        return Block(tuple(counted), came, block.drawn)

    def _adapt(self, base: Worlds, number: int, queue: Queue, before: StationInput, station: StationInput) -> Queue:
        """Give the queue the changed stock. Draw the faults again if the printers or the horizon changed."""
        if station is not before:
            queue = replace(queue, stock=station.stock)
        drawn_for = (base.problem.timing, before.printers, base.faults_until_ms)
        if drawn_for == (self.problem.timing, station.printers, self.faults_until_ms):
            return queue
        faults, fault_ms, printers = self._faults(number, station, len(queue))
        return replace(queue, faults=faults, fault_ms=fault_ms, fault_printer=printers)

    def _queue(self, number: int, station: StationInput, came: ArrivingCards, every: Integers, worlds: int) -> Queue:
        """Draw a station's queue. `every` card has prints, also one after the cut-off: so a cut-off changes no draw."""
        timing, now = self.problem.timing, station.waiting.ready_ms <= self.problem.now_ms
        rows, later_ms = _by_world(came, station.waiting.ready_ms[~now], worlds)
        rates = draw_shares(
            self._chance(number, f"spoil rate/{station.code}"), worlds, station.spoil_rate, station.spoil_cases
        )
        prints = _prints_of(np.bincount(every, minlength=worlds) + len(station.waiting), rates)
        steady = len(set(timing.pace.speeds)) == 1 and timing.pace.speeds[0] > 0.0
        median_s = timing.median_s / timing.pace.speeds[0] if steady else timing.median_s
        work = _draw_work(
            self._chance(number, f"work/{station.code}"), prints, median_s, timing.p90_s / timing.median_s
        )
        if timing.doubt.prints:
            work = _scale_worlds(work, prints, self._factors(number, "prints", worlds, timing.doubt.prints))
        spoils, spoiled = _draw_spoiled(self._chance(number, f"spoiled/{station.code}"), prints, rates)
        faults, fault_ms, printers = self._faults(number, station, worlds)
        return Queue(
            waiting_ms=station.waiting.ready_ms[now],
            came=rows,
            came_ms=later_ms,
            prints=prints,
            work_ms=work,
            extra_ms=timing.extra_ms(station.printed, prints.longest),
            spoils=spoils,
            spoiled=spoiled,
            faults=faults,
            fault_ms=fault_ms,
            fault_printer=printers,
            stock=station.stock,
            rate=STEADY if steady else timing.pace,
            in_hand_ms=station.in_hand_ms,
        )

    def _faults(self, number: int, station: StationInput, worlds: int) -> tuple[Offsets, Integers, Integers]:
        """Draw the faults and repairs of each printer, in order of time.

        A printer that is under repair now breaks at once. The time a repair has lasted gives no hint of the time it
        still needs.
        """
        chance, timing = self._chance(number, f"faults/{station.code}"), self.problem.timing
        if timing.breakdown_every_h <= 0 or timing.repair_h <= 0 or not station.printers:
            return Offsets.of([0] * worlds), integers(()), integers(())
        often = self._factors(number, "breakdowns", worlds, timing.doubt.breakdowns)
        longer = self._factors(number, "repairs", worlds, timing.doubt.repairs)
        means = HOUR_MS * np.array([timing.breakdown_every_h / often, timing.repair_h * longer])
        breaks: list[NDArray[np.float64]] = []
        mends: list[NDArray[np.float64]] = []
        last = np.full((worlds, station.printers), float(self.problem.now_ms))
        while last.min() < self.faults_until_ms:
            spans = chance.standard_exponential((8, 2, worlds, station.printers)) * means[..., None]
            if not breaks:
                spans[0, 0, :, : station.broken] = 0.0
            moments = last + np.cumsum(spans.reshape(16, worlds, station.printers), axis=0)
            breaks.append(moments[0::2])
            mends.append(moments[1::2])
            last = moments[-1]
        return _by_time(np.concatenate(breaks), np.concatenate(mends), self.faults_until_ms)

    def _factors(self, number: int, of: str, worlds: int, weight: float) -> NDArray[np.float64]:
        """Draw the factors of a rate in the worlds of a block, equal at every station."""
        return draw_factors(self._chance(number, f"doubt/{of}"), worlds, weight)

    def _chance(self, number: int, purpose: str) -> Generator:
        key = blake2b(f"{self.seed}/{purpose}/{number}".encode(), digest_size=24).digest()
        return np.random.Generator(np.random.SFC64(np.frombuffer(key, dtype=np.uint32)))


def draw_worlds(
    problem: Problem, *, faults_until_ms: int | None = None, seed: int | None = None, kept: bool = True
) -> Worlds:
    """Prepare the worlds of a problem. Faults after its deadline are drawn only on request."""
    until = problem.deadline_ms if faults_until_ms is None else faults_until_ms
    return Worlds(problem, problem.cards_until_ms, until, problem.seed if seed is None else seed, kept)


def _order_queue(queue: Queue, waiting: Cards, came: ArrivingCards) -> QueueOrder:
    """Find the turn and the due moment of each card, in the layout of the queue."""
    now = len(queue.waiting_ms)
    worlds = len(queue)
    # Order of the queue: cards that wait now, then in each world the others by time.
    of = np.concatenate([came.world, np.repeat(np.arange(worlds), len(waiting) - now)])
    later = [
        np.concatenate([new, np.tile(old[now:], worlds)])
        for old, new in zip(waiting.columns(), came.cards.columns(), strict=True)
    ]
    order = order_by_time(of, later[0])
    due, priority = (
        np.concatenate([old[:now], new[order]]) for old, new in zip(waiting.columns()[1:], later[1:], strict=True)
    )
    turn = rank(priority << WORLD_BITS | due)
    there = [np.concatenate([due[:now], due[now:][queue.came.row(world)]]) for world in range(worlds)]
    return QueueOrder(Turns(turn[:now], turn[now:]), np.concatenate(there))


def _with_cards(queue: Queue, station: StationInput, came: ArrivingCards, now_ms: int) -> Queue:
    """Return the queue with other cards that come."""
    later = station.waiting.ready_ms[station.waiting.ready_ms > now_ms]
    rows, came_ms = _by_world(came, later, len(queue))
    return replace(queue, came=rows, came_ms=came_ms)


def _by_world(came: ArrivingCards, later_ms: Integers, worlds: int) -> tuple[Offsets, Integers]:
    """Lay out future cards by world and time: those that come, and `later_ms`, equal in every world."""
    of = np.concatenate([came.world, np.repeat(np.arange(worlds), len(later_ms))])
    moments = np.concatenate([came.cards.ready_ms, np.tile(later_ms, worlds)])
    first = moments.min(initial=NEVER_MS)
    # World and moment in one integer: sorting pairs takes ten times as long.
    keys = np.sort(of << WORLD_BITS | (moments - first))
    return Offsets.of(np.bincount(of, minlength=worlds)), first + (keys & (1 << WORLD_BITS) - 1)


def _prints_of(cards: Integers, rates: NDArray[np.float64]) -> Offsets:
    """Make room for the prints of each world: a card takes 1 / (1 - rate) prints on average."""
    spoils = cards * rates / (1.0 - rates)
    spread = np.sqrt(cards * rates) / (1.0 - rates)
    spare = np.ceil(spoils + SURE * spread + SURE * SURE * rates).astype(np.int64)
    return Offsets.of(cards + np.where(cards > 0, spare, 0))


def _draw_work(chance: Generator, prints: Offsets, median_s: float, spread: float) -> NDArray[np.int32]:
    """Draw lognormal print times from the median and the ratio of the 90th percentile to it."""
    # Single precision is exact to the millisecond up to four hours, and a third faster.
    draws = chance.standard_normal(int(prints.edges[-1]), dtype=np.float32)
    draws *= np.float32(np.log(spread) / Z90)
    np.exp(draws, out=draws)
    draws *= np.float32(1000.0 * median_s)
    np.rint(draws, out=draws)
    return np.clip(draws, 1.0, LONGEST_MS, out=draws).astype(np.int32)


def _scale_worlds(work: NDArray[np.int32], prints: Offsets, factors: NDArray[np.float64]) -> NDArray[np.int32]:
    """Multiply all print times of a world by its factor."""
    longer: NDArray[np.float64] = np.multiply(work, np.repeat(factors, np.diff(prints.edges)))
    return np.clip(longer, 1.0, LONGEST_MS).astype(np.int32)


def _draw_spoiled(chance: Generator, prints: Offsets, rates: NDArray[np.float64]) -> tuple[Offsets, Integers]:
    """Draw the spoiled prints of each world by the gaps between them: a rate of 2 % needs few numbers.

    They are drawn at the highest rate of the worlds. Where a world's rate is lower, some are left out again.
    """
    found, count, rate = np.full(1, -1), int(prints.edges[-1]), float(rates.max())
    while rate > 0.0 and found[-1] < count:
        gaps = chance.geometric(rate, size=int(count * rate + SURE * np.sqrt(count * rate) + 8))
        found = np.concatenate([found, found[-1] + np.cumsum(gaps)])
    found = found[(found >= 0) & (found < count)]
    if rates.min() < rate:
        of = np.searchsorted(prints.edges, found, side="right") - 1
        found = found[chance.random(len(found)) * rate < rates[of]]
    edges = np.searchsorted(found, prints.edges)
    return Offsets(edges), found - np.repeat(prints.edges[:-1], np.diff(edges))


def _by_time(breaks: np.ndarray, mends: np.ndarray, until_ms: int) -> tuple[Offsets, Integers, Integers]:
    """Sort moments of breaking and repair, given as (cycle, world, printer), by world and time.

    A repair of printer p is ~p.
    """
    seen, (_, worlds, printers) = breaks < until_ms, breaks.shape
    _, of, printer = np.nonzero(seen)
    moments = np.rint(np.concatenate([breaks[seen], mends[seen]])).astype(np.int64)
    first, last = int(moments.min(initial=until_ms)), int(moments.max(initial=until_ms))
    # World, moment, repair and printer in one integer: finding an order takes ten times as long as sorting.
    world_and_moment = np.tile(of, 2) * (last - first + 1) + moments - first
    keys = np.sort(world_and_moment * 2 * printers + np.concatenate([printer, printers + printer]))
    rest, which = np.divmod(keys, 2 * printers)
    rows = Offsets.of(2 * np.bincount(of, minlength=worlds))
    return rows, first + rest % (last - first + 1), np.where(which < printers, which, ~(which - printers))
