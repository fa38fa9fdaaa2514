"""Completion of a roster, world by world: when the queue is clear, and how many cards are late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.time import DAY_MS, NEVER_MS
from planner.problem import staffings
from planner.simulation import assign_prints, replay_queue

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.arrays import Integers
    from planner.problem import Block, Problem, Roster, Worlds
    from planner.simulation import Staffing

SHOWN_WORLDS: Final = 200
"""Number of worlds used for finish times and late cards. Matching prints to cards is slower than the replay."""
HORIZON_DAYS: Final = (14, 60, 240)
"""Days beyond the deadline to trace, one after the other, until the queue is clear."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Result in each world: the moment at which all counted cards are printed (or never), late cards, cards in time."""

    finish_ms: Integers
    late: Integers
    in_time: Integers
    overrun_ms: Integers

    def finish_quantile_ms(self, share: float) -> int:
        """Return the finish that this share of the worlds reaches.

        It is the finish of one world, so never stays never.
        """
        return int(np.sort(self.finish_ms)[max(0, int(np.ceil(share * len(self.finish_ms))) - 1)])


def trace_completion(worlds: Worlds, roster: Roster, *, threads: Executor | None = None) -> Completion:
    """Trace a roster beyond the deadline, on regular hours, until the queue is clear or the horizon is reached."""
    found = _trace(worlds, roster, HORIZON_DAYS[0], threads)
    for days in HORIZON_DAYS[1:]:
        if (found.finish_ms < NEVER_MS).all() or not _has_seats(worlds.problem):
            break
        found = _trace(worlds, roster, days, threads)
    return found


def _has_seats(problem: Problem) -> bool:
    """Check that every station with waiting cards has a regular seat. Without one, more days do not help."""
    return all(station.seats or not len(station.waiting) for station in problem.stations)


def _trace(worlds: Worlds, roster: Roster, days: int, threads: Executor | None) -> Completion:
    problem = worlds.problem
    few = replace(problem, worlds=min(problem.worlds, SHOWN_WORLDS))
    until = problem.deadline_ms + days * DAY_MS
    longer, placed = worlds.for_problem(few, faults_until_ms=until), staffings(problem, roster, until_ms=until)
    together = threads.map if threads else map
    parts = list(together(lambda number: _in_block(few, longer.block(number), placed), range(longer.blocks())))
    return Completion(*(np.concatenate([part[column] for part in parts]) for column in range(4)))


def _in_block(problem: Problem, block: Block, placed: list[Staffing]) -> list[Integers]:
    worlds = len(block.queues[0])
    late, in_time, overrun = (np.zeros(worlds, dtype=np.int64) for _ in range(3))
    finish = np.full(worlds, problem.now_ms)
    for index, (queue, staffing) in enumerate(zip(block.queues, placed, strict=True)):
        made = replay_queue(queue, staffing, keep=True)
        order = block.queue_order(index, problem.stations[index].waiting)
        done_ms = assign_prints(made, queue, order.turns).done_ms
        finish = np.maximum(finish, made.finish_ms)
        overrun += made.overrun_ms
        late += queue.cards.count(done_ms > order.due_ms)
        in_time += queue.cards.count(done_ms <= problem.deadline_ms)
    return [finish, late, in_time, overrun]
