"""The arrays of each kernel, by name: read by its caller, by the kernel itself, and by the check of their types."""

# The types are read when this runs, so annotations stay objects.
from typing import Any, Final, NamedTuple

import numpy as np

from planner.arrays import Floats, Integers, Shorts

LANES: Final = 16
"""Completion times in the vector of the replay's kernel. Those of further seats stay in memory."""


class ReplayArrays(NamedTuple):
    """Arrays of `kernel.py`. World w has the cards `waiting` and then `came[came_from[w]:came_from[w + 1]]`, and so on.

    `given` holds the printers and the limit. Each world receives its `finish` (the end of its last print, or NEVER if
    a card was not printed, or not by the limit), the prints begun, the cards printed, and the overrun. `starts` and
    `ends` are filled print by print when they are as long as `work`. Otherwise they are scratch whose length is a power
    of two. The arrays from `open_from` on are always scratch: open seats over time, the moments at which spoiled cards
    are ready again, and completion times.
    """

    waiting: Integers
    came_from: Integers
    came: Integers
    prints_from: Integers
    work: Shorts
    extra: Integers
    spoils_from: Integers
    spoils: Integers
    faults_from: Integers
    fault_at: Integers
    fault_printer: Integers
    roster_at: Integers
    roster_seats: Integers
    stock_at: Integers
    stock_cards: Integers
    rate_at: Integers
    rate_speed: Floats
    in_hand: Integers
    given: Integers
    finish: Integers
    begun: Integers
    printed: Integers
    overrun: Integers
    starts: Integers
    ends: Integers
    open_from: Integers
    open_seats: Integers
    again: Integers
    completions: Integers


class AssignmentArrays(NamedTuple):
    """Arrays of `assignment_kernel.py`, with rows like those of the replay.

    `card_of_print` has the layout of the prints. `done` holds, for each world, the cards `waiting` and then those that
    came. The entry of a card that is never printed stays as it is. `heap` is scratch, longer than the cards and prints
    of any world together.
    """

    prints_from: Integers
    begun: Integers
    starts: Integers
    ends: Integers
    spoils_from: Integers
    spoils: Integers
    waiting: Integers
    waiting_turn: Integers
    came_from: Integers
    came: Integers
    came_turn: Integers
    card_of_print: Integers
    done: Integers
    heap: Integers


KERNELS: Final[dict[str, type[ReplayArrays | AssignmentArrays]]] = {
    "kernel": ReplayArrays,
    "assignment_kernel": AssignmentArrays,
}
"""The arrays of each kernel, by the name of its module."""

_DTYPES: Final[dict[object, np.dtype[Any]]] = {
    Integers: np.dtype(np.int64),
    Shorts: np.dtype(np.int32),
    Floats: np.dtype(np.float64),
}


def types_of(name: str) -> tuple[np.dtype[Any], ...]:
    """Return the types of a kernel's arrays. Compiled code cannot check them: it would read beyond a shorter array."""
    return tuple(_DTYPES[kind] for kind in KERNELS[name].__annotations__.values())
