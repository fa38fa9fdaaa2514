"""Completion of a roster, world by world: when the queue is clear, and how many cards are late."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.time import DAY_MS, NEVER_MS
from planner.arrays import PLENTY
from planner.outcomes.backlog import trace_block
from planner.problem import orders, staffings
from planner.question import Lack, StayingCards

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from planner.arrays import Flags, Integers
    from planner.outcomes.backlog import StationTrace
    from planner.problem import Problem, Roster, StationInput, Worlds

SHOWN_WORLDS: Final = 200
"""Number of worlds used for finish times and late cards. Matching prints to cards is slower than the replay."""
HORIZON_DAYS: Final = 60
"""Days from now until which a queue is followed. A queue not clear by then counts as never clear."""
MOST_LEFT: Final = 0.9
"""Share of worlds in which no more cards stay than are named."""
NEAR_DAYS: Final = 14
"""Days to trace first, from now. Most queues are clear by then, and a longer trace needs more faults."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Result in each world: the moment at which all counted cards are printed (or never), late cards, cards in time.

    `left` holds the cards that stay at each station to the end of the trace, one row per world. `backlog` holds the
    waiting cards at the moments asked for, likewise.
    """

    finish_ms: Integers
    late: Integers
    in_time: Integers
    overrun_ms: Integers
    left: Integers
    backlog: Integers

    def finish_quantile_ms(self, share: float) -> int:
        """Return the finish that this share of the worlds reaches.

        It is the finish of one world, not a mean of two, so `NEVER_MS` stays `NEVER_MS`.
        """
        return _quantile(self.finish_ms, share)

    def late_quantile(self, share: float) -> int:
        """Return the late cards that this share of the worlds does not exceed."""
        return _quantile(self.late, share)

    def list_staying(self, problem: Problem, roster: Roster) -> tuple[StayingCards, ...]:
        """List the cards that are never printed, by their reason: no seat after the last order, no blank, no ribbon."""
        every = (*problem.ordered, *orders(problem, roster))
        ends = {order.station: order.until_ms for order in sorted(every, key=lambda order: order.until_ms)}
        by_reason: dict[tuple[Lack, int], list[int]] = {}
        for index, station in enumerate(problem.stations):
            lack = _find_lack(station)
            if lack and _quantile(self.left[:, index], MOST_LEFT):
                end_ms = ends.get(station.code, 0) if lack is Lack.SEATS else 0
                by_reason.setdefault((lack, end_ms), []).append(index)
        return tuple(
            StayingCards(
                lack,
                tuple(str(problem.stations[index].code) for index in indexes),
                end_ms,
                _quantile(self.left[:, indexes].sum(axis=1), MOST_LEFT),
            )
            for (lack, end_ms), indexes in sorted(by_reason.items())
        )


def _find_lack(station: StationInput) -> Lack | None:
    """Return what a station lacks where cards stay for ever: regular seats, or the stock that ends first."""
    if not station.seats:
        return Lack.SEATS
    blanks, ribbon = (int(stock.values.max(initial=0)) for stock in (station.blanks, station.ribbon))
    if min(blanks, ribbon) >= PLENTY:
        return None
    return Lack.BLANKS if blanks <= ribbon else Lack.RIBBON


def _quantile(values: Integers, share: float) -> int:
    return int(np.sort(values)[max(0, int(np.ceil(share * len(values))) - 1)])


def trace_completion(
    worlds: Worlds, roster: Roster, *, threads: Executor | None = None, moments_ms: Sequence[int] = ()
) -> Completion:
    """Trace a roster beyond the deadline, on regular hours, until the queue is clear or the horizon is reached."""
    problem = worlds.problem
    near, far = near_ms(problem), max(problem.deadline_ms, problem.now_ms + HORIZON_DAYS * DAY_MS)
    found, goes_on = _trace(worlds, roster, near, threads, moments_ms)
    if far > near and goes_on.any():
        found, _ = _trace(worlds, roster, far, threads, moments_ms)
    return found


def near_ms(problem: Problem) -> int:
    """Return the moment until which a completion is traced first."""
    return max(problem.deadline_ms, problem.now_ms + NEAR_DAYS * DAY_MS)


def _trace(
    worlds: Worlds, roster: Roster, until_ms: int, threads: Executor | None, moments_ms: Sequence[int]
) -> tuple[Completion, Flags]:
    """Trace until a moment. Return also the worlds in which a longer trace would show more."""
    problem = worlds.problem
    longer, placed = worlds.first(SHOWN_WORLDS, faults_until_ms=until_ms), staffings(problem, roster, until_ms=until_ms)

    def in_block(number: int) -> tuple[Completion, Flags]:
        block = trace_block(longer, number, placed)
        return _sum_up(problem, block, moments_ms), np.logical_or.reduce([_may_go_on(one) for one in block])

    found, go_on = zip(*(threads.map if threads else map)(in_block, range(longer.blocks())), strict=True)
    columns = ([getattr(part, each.name) for part in found] for each in fields(Completion))
    return Completion(*map(np.concatenate, columns)), np.concatenate(go_on)


def _sum_up(problem: Problem, block: list[StationTrace], moments_ms: Sequence[int]) -> Completion:
    """Add up the stations of a block."""
    finish = np.maximum.reduce([np.maximum(one.made.finish_ms, problem.now_ms) for one in block])

    def total(figure: Callable[[StationTrace], Integers]) -> Integers:
        summed: Integers = np.sum([figure(one) for one in block], axis=0, dtype=np.int64)
        return summed

    return Completion(
        finish_ms=finish,
        late=total(lambda one: one.queue.cards.count(one.done_ms > one.due_ms)),
        in_time=total(lambda one: one.queue.cards.count(one.done_ms <= problem.deadline_ms)),
        overrun_ms=total(lambda one: one.made.overrun_ms),
        left=np.stack([one.queue.cards.count(one.done_ms >= NEVER_MS) for one in block], axis=1),
        backlog=total(lambda one: one.backlog_at(moments_ms)),
    )


def _may_go_on(one: StationTrace) -> Flags:
    """Return the worlds in which a station is not clear and more days help: it has regular seats, and blanks left."""
    going: Flags = (one.made.finish_ms >= NEVER_MS) & (one.made.begun < one.station.stock.values.max(initial=0))
    return going & (one.station.seats > 0)
