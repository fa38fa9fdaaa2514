"""The completion things take under a roster: when it is clear, how many cards are late, world by world."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.time import DAY_MS, NEVER_MS
from planner.problem.roster import staffings
from planner.simulation.replay import assign_prints, replay

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.problem.problem import Problem
    from planner.problem.replications import Block, Worlds
    from planner.problem.roster import Roster
    from planner.simulation.replay import Integers, Staffing

SHOWN_WORLDS: Final = 200
"""Finish and late cards are told from so many worlds: whose each print is takes longer than to replay it."""
LOOK_AHEAD_DAYS: Final = (14, 60, 240)
"""How far beyond the deadline the completion is trace_stations, until it ends."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What happens in each world: when all that counts is printed (or never), late cards, those printed in time."""

    finish_ms: Integers
    late: Integers
    in_time: Integers
    overrun_ms: Integers

    def finish_quantile_ms(self, share: float) -> int:
        """Tell by when it is clear in this share of the worlds: a moment of one of them, so that never stays never."""
        return int(np.sort(self.finish_ms)[max(0, int(np.ceil(share * len(self.finish_ms))) - 1)])


def completion(worlds: Worlds, roster: Roster, *, threads: Executor | None = None) -> Completion:
    """Follow a roster beyond the deadline, where regular hours go on, until it is clear or clearly never will be."""
    found = _followed(worlds, roster, LOOK_AHEAD_DAYS[0], threads)
    for days in LOOK_AHEAD_DAYS[1:]:
        if (found.finish_ms < NEVER_MS).all() or not _goes_on(worlds.problem):
            break
        found = _followed(worlds, roster, days, threads)
    return found


def _goes_on(problem: Problem) -> bool:
    """Tell whether every station with cards has a regular seat, so that waiting longer helps."""
    return all(station.seats or not len(station.waiting) for station in problem.stations)


def _followed(worlds: Worlds, roster: Roster, days: int, threads: Executor | None) -> Completion:
    problem = worlds.problem
    few = replace(problem, worlds=min(problem.worlds, SHOWN_WORLDS))
    until = problem.deadline_ms + days * DAY_MS
    longer, placed = worlds.under(few, faults_until_ms=until), staffings(problem, roster, until_ms=until)
    together = threads.map if threads else map
    parts = list(together(lambda number: _in_block(few, longer.block(number), placed), range(longer.blocks())))
    return Completion(*(np.concatenate([part[column] for part in parts]) for column in range(4)))


def _in_block(problem: Problem, block: Block, placed: list[Staffing]) -> list[Integers]:
    worlds = len(block.queues[0])
    late, in_time, overrun = (np.zeros(worlds, dtype=np.int64) for _ in range(3))
    finish = np.full(worlds, problem.now_ms)
    for index, (queue, staffing) in enumerate(zip(block.queues, placed, strict=True)):
        made = replay(queue, staffing, keep=True)
        order = block.queue_order(index, problem.stations[index].waiting)
        done_ms = assign_prints(made, queue, order.turns).done_ms
        finish = np.maximum(finish, made.finish_ms)
        overrun += made.overrun_ms
        late += queue.cards.count(done_ms > order.due_ms)
        in_time += queue.cards.count(done_ms <= problem.deadline_ms)
    return [finish, late, in_time, overrun]
