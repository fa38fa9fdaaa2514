"""How many cards wait at a moment, world by world: ready to print, and not yet printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.problem.roster import rosters
from planner.simulation.replay import Integers, replay, served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planner.problem.problem import Place
    from planner.problem.replications import Worlds
    from planner.problem.roster import Overtime
    from planner.simulation.replay import Queue, Replayed


@dataclass(frozen=True, slots=True)
class Followed:
    """One place in a block of worlds: its queue, its prints, and of each card when it is printed and was due.

    Of the cards of a world those come first that wait as the question is put.
    """

    place: Place
    queue: Queue
    made: Replayed
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
            + int((self.place.printing.ready_ms > at).sum())
            for at in moments_ms
        ]
        return np.stack(columns, axis=1)


def followed(worlds: Worlds, overtime: Overtime, *, until_ms: int, blocks: int = 0) -> Iterator[list[Followed]]:
    """Follow a roster in worlds: block by block, all places of it; `blocks` are enough where it is not 0."""
    placed = rosters(worlds.question, overtime, until_ms=until_ms)
    for number in range(blocks or worlds.blocks()):
        block, found = worlds.block(number), []
        for index, (queue, roster) in enumerate(zip(block.queues, placed, strict=True)):
            place = worlds.question.places[index]
            made, lined = replay(queue, roster, keep=True), block.lined(index, place.waiting)
            found.append(Followed(place, queue, made, served(made, queue, lined.turns).done_ms, lined.due_ms))
        yield found


def backlog(worlds: Worlds, overtime: Overtime, moments_ms: Sequence[int]) -> Integers:
    """Count the cards that wait in the whole office at some moments, one row a world."""
    until = max(moments_ms)
    return np.concatenate(
        [sum(one.backlog(moments_ms) for one in block) for block in followed(worlds, overtime, until_ms=until)]
    )
