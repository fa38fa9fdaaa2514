"""Assignment of prints to cards, compiled: each print takes the first ready card in queue order, by a heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from numba import cfunc, njit, types

from planner.simulation.kernel_arrays import AssignmentArrays
from planner.simulation.views import view_integers

if TYPE_CHECKING:
    from planner.arrays import Integers

BITS: Final = 32
"""Bits of a card's index in a heap key. The bits above hold its turn, so that the lowest key goes first."""
PLACE: Final = AssignmentArrays._make(range(len(AssignmentArrays._fields)))
"""The place of each array in the tables."""


@njit(_nrt=False)
def _put(heap: Integers, size: int, key: int) -> int:
    j = size
    while j > 0 and heap[(j - 1) >> 1] > key:
        heap[j] = heap[(j - 1) >> 1]
        j = (j - 1) >> 1
    heap[j] = key
    return size + 1


@njit(_nrt=False)
def _drop_first(heap: Integers, size: int) -> int:
    size -= 1
    key, j = heap[size], 0
    while 2 * j + 1 < size:
        child = 2 * j + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[j] = heap[child]
        j = child
    heap[j] = key
    return size


@njit(_nrt=False)
def _in_turn(
    starts: Integers,
    ends: Integers,
    spoils: Integers,
    waiting: Integers,
    waiting_turn: Integers,
    came: Integers,
    came_turn: Integers,
    card_of_print: Integers,
    done: Integers,
    heap: Integers,
) -> None:
    """Give the prints of one world to its cards. A spoiled print returns its card to the queue when it ends.

    The spoiled prints under way stand behind the heap as positions, the latest end first.
    """
    i, size, back, spoiled = 0, 0, len(heap), 0
    for n in range(len(starts)):
        while i < len(waiting) and waiting[i] <= starts[n]:
            size = _put(heap, size, waiting_turn[i] << BITS | i)
            i += 1
        while len(waiting) <= i < len(done) and came[i - len(waiting)] <= starts[n]:
            size = _put(heap, size, came_turn[i - len(waiting)] << BITS | i)
            i += 1
        while back < len(heap) and ends[heap[back]] <= starts[n]:
            card = card_of_print[heap[back]]
            turn = waiting_turn[card] if card < len(waiting) else came_turn[card - len(waiting)]
            size = _put(heap, size, turn << BITS | card)
            back += 1
        card_of_print[n] = heap[0] & ((1 << BITS) - 1)
        size = _drop_first(heap, size)
        if spoiled == len(spoils) or spoils[spoiled] != n:
            done[card_of_print[n]] = ends[n]
            continue
        spoiled += 1
        back -= 1
        heap[back] = n
        j = back
        while j + 1 < len(heap) and ends[heap[j + 1]] < ends[n]:
            heap[j] = heap[j + 1]
            heap[j + 1] = n
            j += 1


@cfunc(types.void(types.CPointer(types.voidptr), types.CPointer(types.int64)), forceinline=True)
def entry(addresses: Any, lengths: Any) -> None:
    """Write the card of each print to `card_of_print` and the moment at which each card is printed to `done`."""
    tables = (addresses, lengths)
    prints_from, begun = view_integers(tables, PLACE.prints_from), view_integers(tables, PLACE.begun)
    starts, ends = view_integers(tables, PLACE.starts), view_integers(tables, PLACE.ends)
    spoils_from, spoils = view_integers(tables, PLACE.spoils_from), view_integers(tables, PLACE.spoils)
    waiting, waiting_turn = view_integers(tables, PLACE.waiting), view_integers(tables, PLACE.waiting_turn)
    came_from, came = view_integers(tables, PLACE.came_from), view_integers(tables, PLACE.came)
    came_turn, heap = view_integers(tables, PLACE.came_turn), view_integers(tables, PLACE.heap)
    card_of_print, done = view_integers(tables, PLACE.card_of_print), view_integers(tables, PLACE.done)
    for world in range(len(begun)):
        p0, c0, c1 = prints_from[world], came_from[world], came_from[world + 1]
        p1 = p0 + begun[world]
        _in_turn(
            starts[p0:p1],
            ends[p0:p1],
            spoils[spoils_from[world] : spoils_from[world + 1]],
            waiting,
            waiting_turn,
            came[c0:c1],
            came_turn[c0:c1],
            card_of_print[p0:p1],
            done[world * len(waiting) + c0 : (world + 1) * len(waiting) + c1],
            heap,
        )
