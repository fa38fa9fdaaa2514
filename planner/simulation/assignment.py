"""Assignment of prints to cards, and so the moment at which each card is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.time import NEVER_MS
from planner.simulation.kernel_arrays import AssignmentArrays
from planner.simulation.object_code import load_kernel

if TYPE_CHECKING:
    from planner.arrays import Integers
    from planner.simulation.replay import Queue, ReplayResult


@dataclass(frozen=True, slots=True)
class Turns:
    """Rank of each card in the queue, by class and due date: of the ready cards the lowest rank is printed first.

    Cards of equal rank are printed in the order in which they became ready. `waiting` holds the cards that wait in all
    worlds, `came` the others.
    """

    waiting: Integers
    came: Integers


@dataclass(frozen=True, slots=True)
class Assignment:
    """The card of each print, by its index in its world, and the moment at which each card is printed."""

    card_of_print: Integers
    done_ms: Integers


def assign_prints(made: ReplayResult, queue: Queue, turns: Turns) -> Assignment:
    """Give the prints of every world to its cards. The replay must have kept its prints."""
    card_of_print = np.empty(len(made.starts_ms), dtype=np.int64)
    done = np.full(queue.cards.edges[-1], NEVER_MS, dtype=np.int64)
    most = int((np.diff(queue.cards.edges) + made.begun).max(initial=0))
    arrays = AssignmentArrays(
        prints_from=queue.prints.edges,
        begun=made.begun,
        starts=made.starts_ms,
        ends=made.ends_ms,
        spoils_from=queue.spoils.edges,
        spoils=queue.spoiled,
        waiting=queue.waiting_ms,
        waiting_turn=turns.waiting,
        came_from=queue.came.edges,
        came=queue.came_ms,
        came_turn=turns.came,
        card_of_print=card_of_print,
        done=done,
        heap=np.empty(most + 1, dtype=np.int64),
    )
    load_kernel("assignment_kernel").run(arrays)
    return Assignment(card_of_print, done)
