"""The worlds a question is judged by, drawn once and in blocks: every roster is replayed on the same ones.

What is drawn for block b depends on the seed, the purpose and b alone, so an answer is the same whatever was looked at
before, and whoever looks. Print times, spoilage and faults belong to positions and printers, never to a roster.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.calendar import HOUR_MS
from lembur.domain.chance import Z90
from lembur.domain.rates import STEADY
from planner.question import Cards, Place, Question
from planner.station import Flags, Integers, Queue, Rows, integers

if TYPE_CHECKING:
    from numpy.random import Generator

BLOCK: Final = 50
"""Worlds are drawn and looked at so many at a time: enough for one call, few enough to stop soon."""
SURE: Final = 6.0
"""So many standard deviations of prints are drawn beyond the mean: one world in a billion runs out of them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some worlds of all places: the queues, and the cards that stand in each, world by world in order of time."""

    queues: tuple[Queue, ...]
    cards: tuple[Cards, ...]


@dataclass(frozen=True, slots=True)
class Worlds:
    """The worlds of a question: cards that are ready before `cards_until_ms`, faults until `faults_until_ms`."""

    question: Question
    cards_until_ms: int
    faults_until_ms: int
    seed: int
    _drawn: dict[int, Block] = field(default_factory=dict)

    def blocks(self) -> int:
        """Count the blocks; the last one may be shorter."""
        return -(-self.question.worlds // BLOCK)

    def block(self, number: int) -> Block:
        """Draw a block, or take it as drawn before."""
        if number not in self._drawn:
            self._drawn[number] = self._draw(number)
        return self._drawn[number]

    def _draw(self, number: int) -> Block:
        worlds = min(BLOCK, self.question.worlds - number * BLOCK)
        came = self.question.coming.draw(self._chance(number, "coming"), worlds=worlds, until_ms=self.cards_until_ms)
        drawn = []
        for index, place in enumerate(self.question.places):
            there = came.place == index
            rows, cards = _standing(place.waiting, came.world[there], _taken(came.cards, there), worlds)
            drawn.append((self._queue(number, place, rows, cards), cards))
        return Block(tuple(queue for queue, _ in drawn), tuple(cards for _, cards in drawn))

    def _queue(self, number: int, place: Place, cards: Rows, standing: Cards) -> Queue:
        desk = self.question.desk
        prints = _prints_of(cards, place.spoil_rate)
        steady = len(set(desk.pace.speeds)) == 1 and desk.pace.speeds[0] > 0.0
        work = _work(self._chance(number, f"work/{place.code}"), prints, desk.median_s, desk.p90_s, desk.pace.speeds[0] if steady else 1.0)
        faults, fault_ms, printers = self._faults(self._chance(number, f"faults/{place.code}"), place, len(cards))
        return Queue(
            cards=cards,
            ready_ms=standing.ready_ms,
            prints=prints,
            work_ms=work,
            spoiled=_spoiled(self._chance(number, f"spoiled/{place.code}"), len(work), place.spoil_rate),
            extra_ms=desk.extra_ms(place.printed, prints.longest()),
            faults=faults,
            fault_ms=fault_ms,
            fault_printer=printers,
            stock=place.stock,
            rate=STEADY if steady else desk.pace,
            in_hand_ms=place.in_hand_ms,
        )

    def _faults(self, chance: Generator, place: Place, worlds: int) -> tuple[Rows, Integers, Integers]:
        """Let each printer break and be repaired in turn, by the clock, and lay the moments out in order of time."""
        every, repair = self.question.desk.breakdown_every_h * HOUR_MS, self.question.desk.repair_h * HOUR_MS
        if every <= 0 or repair <= 0:
            return Rows.of([0] * worlds), integers(()), integers(())
        now, breaks, mends = float(self.question.now_ms), [], []
        last = np.full((worlds, place.printers), now)
        while last.min() < self.faults_until_ms:
            spans = chance.standard_exponential((8, 2, worlds, place.printers)) * np.array([every, repair])[:, None, None]
            moments = last + np.cumsum(spans.reshape(16, worlds, place.printers), axis=0)
            breaks.append(moments[0::2])
            mends.append(moments[1::2])
            last = moments[-1]
        return _in_time(np.concatenate(breaks), np.concatenate(mends), self.faults_until_ms)

    def _chance(self, number: int, purpose: str) -> Generator:
        key = blake2b(f"{self.seed}/{purpose}/{number}".encode(), digest_size=24).digest()
        return np.random.Generator(np.random.SFC64(np.frombuffer(key, dtype=np.uint32)))


def drawn(question: Question, *, faults_until_ms: int | None = None, seed: int | None = None) -> Worlds:
    """Make ready to draw the worlds of a question; what happens after its deadline is drawn only when asked for."""
    until = question.deadline_ms if faults_until_ms is None else faults_until_ms
    return Worlds(question, question.cutoff_ms, until, question.seed if seed is None else seed)


def _taken(cards: Cards, which: Flags) -> Cards:
    return replace(cards, ready_ms=cards.ready_ms[which], due_ms=cards.due_ms[which], priority=cards.priority[which])


def _standing(waiting: Cards, world: Integers, came: Cards, worlds: int) -> tuple[Rows, Cards]:
    """Put the cards that wait and those that come into one row for each world, in order of time."""
    order = np.lexsort((came.ready_ms, world))
    counts = np.bincount(world, minlength=worlds)
    rows = Rows.of(counts + len(waiting))
    behind = np.arange(len(order)) + np.repeat((np.arange(worlds) + 1) * len(waiting), counts)
    places = np.ones(int(rows.edges[-1]), dtype=np.bool_)
    places[behind] = False
    columns = []
    for old, new in zip(
        (waiting.ready_ms, waiting.due_ms, waiting.priority), (came.ready_ms, came.due_ms, came.priority), strict=True
    ):
        column = np.empty(len(places), dtype=np.int64)
        column[behind] = new[order]
        column[places] = np.tile(old, worlds)
        columns.append(column)
    cards = Cards(*columns)
    if len(waiting) and len(came) and waiting.ready_ms.max() > came.ready_ms.min():
        again = np.lexsort((cards.ready_ms, np.repeat(np.arange(worlds), np.diff(rows.edges))))
        cards = Cards(cards.ready_ms[again], cards.due_ms[again], cards.priority[again])
    return rows, cards


def _prints_of(cards: Rows, spoil_rate: float) -> Rows:
    """Make room for the prints of each world: a card takes 1 / (1 - rate) on average."""
    many = np.diff(cards.edges)
    spoils = many * spoil_rate / (1.0 - spoil_rate)
    spread = np.sqrt(many * spoil_rate) / (1.0 - spoil_rate)
    more = np.ceil(spoils + SURE * spread + SURE * spoil_rate * SURE).astype(np.int64)
    return Rows.of(many + np.where(many > 0, more, 0))


def _work(chance: Generator, prints: Rows, median_s: float, p90_s: float, speed: float) -> Integers:
    """Draw lognormal print times; one speed for all hours is put in at once."""
    draws = chance.standard_normal(int(prints.edges[-1]))
    draws *= np.log(p90_s / median_s) / Z90
    np.exp(draws, out=draws)
    draws *= 1000.0 * median_s / speed
    np.rint(draws, out=draws)
    return np.maximum(draws, 1.0, out=draws).astype(np.int64)


def _spoiled(chance: Generator, count: int, rate: float) -> Flags:
    """Draw which prints are spoiled, by the gaps between them: two in a hundred need few numbers."""
    flags = np.zeros(count, dtype=np.bool_)
    position = -1
    while rate > 0.0 and position < count:
        gaps = chance.geometric(rate, size=int(count * rate + SURE * np.sqrt(count * rate) + 8))
        found = position + np.cumsum(gaps)
        flags[found[found < count]] = True
        position = int(found[-1])
    return flags


def _in_time(breaks: np.ndarray, mends: np.ndarray, until_ms: int) -> tuple[Rows, Integers, Integers]:
    """Lay out (cycle, world, printer) moments of breaking and repair by world and time; a printer p mended is ~p."""
    world = np.broadcast_to(np.arange(breaks.shape[1])[:, None], breaks.shape)
    printer = np.broadcast_to(np.arange(breaks.shape[2]), breaks.shape)
    seen = breaks < until_ms
    moments = np.rint(np.concatenate([breaks[seen], mends[seen]])).astype(np.int64)
    which = np.concatenate([printer[seen], ~printer[seen]])
    of = np.concatenate([world[seen], world[seen]])
    order = np.lexsort((moments, of))
    rows = Rows.of(np.bincount(of, minlength=breaks.shape[1]))
    return rows, moments[order], np.ascontiguousarray(which[order], dtype=np.int64)
