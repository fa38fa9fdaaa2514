"""How many cards wait at a moment, world by world: ready to print, and not yet printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.problem.roster import staffings
from planner.simulation.replay import Integers, assign_prints, replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planner.problem.problem import StationInput
    from planner.problem.replications import Worlds
    from planner.problem.roster import Roster
    from planner.simulation.replay import Queue, ReplayResult


@dataclass(frozen=True, slots=True)
class StationTrace:
    """One station in a block of worlds: its queue, its prints, and of each card when it is printed and was due.

    Of the cards of a world those come first that wait as the problem is put.
    """

    station: StationInput
    queue: Queue
    made: ReplayResult
    done_ms: Integers
    due_ms: Integers

    def first(self) -> Integers:
        """Tell where the cards are that wait now: one row a world."""
        return self.queue.cards.edges[:-1, None] + np.arange(len(self.queue.waiting_ms))

    def backlog(self, moments_ms: Sequence[int]) -> Integers:
        """Count the cards ready and not yet printed at some moments: one row a world. Those in a printer count."""
        columns = [
            len(self.queue.waiting_ms)
            + self.queue.came.count(self.queue.came_ms <= at)
            - self.queue.cards.count(self.done_ms <= at)
            + int((self.station.printing.ready_ms > at).sum())
            for at in moments_ms
        ]
        return np.stack(columns, axis=1)


def trace_stations(worlds: Worlds, roster: Roster, *, until_ms: int, blocks: int = 0) -> Iterator[list[StationTrace]]:
    """Follow a roster in worlds: block by block, all stations of it; `blocks` are enough where it is not 0."""
    placed = staffings(worlds.problem, roster, until_ms=until_ms)
    for number in range(blocks or worlds.blocks()):
        block, found = worlds.block(number), []
        for index, (queue, staffing) in enumerate(zip(block.queues, placed, strict=True)):
            station = worlds.problem.stations[index]
            made, order = replay(queue, staffing, keep=True), block.queue_order(index, station.waiting)
            found.append(
                StationTrace(station, queue, made, assign_prints(made, queue, order.turns).done_ms, order.due_ms)
            )
        yield found


def backlog(worlds: Worlds, roster: Roster, moments_ms: Sequence[int]) -> Integers:
    """Count the cards that wait in the whole office at some moments, one row a world."""
    until = max(moments_ms)
    return np.concatenate(
        [sum(one.backlog(moments_ms) for one in block) for block in trace_stations(worlds, roster, until_ms=until)]
    )
