"""Whose each print is, compiled: of the cards that are ready the first in the queue, by a heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from planner.simulation.replay import Integers

_I64: Final = types.int64[::1]

BITS: Final = 32
"""A turn and a card's place in order of readiness share one integer: the lower goes first."""


@njit(nogil=True)
def _put(heap: Integers, size: int, key: int) -> int:
    j = size
    while j > 0 and heap[(j - 1) >> 1] > key:
        heap[j] = heap[(j - 1) >> 1]
        j = (j - 1) >> 1
    heap[j] = key
    return size + 1


@njit(nogil=True)
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


@njit(nogil=True)
def _in_turn(  # noqa: PLR0917  (compiled functions take no keywords)
    starts: Integers,
    ends: Integers,
    spoils: Integers,
    waiting: Integers,
    waiting_turn: Integers,
    came: Integers,
    came_turn: Integers,
    whose: Integers,
    done: Integers,
    heap: Integers,
) -> None:
    """Give the prints of one world to its cards. Spoiled ones send their card back at their end.

    Those under way stand behind the heap, latest first, as positions.
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
            card = whose[heap[back]]
            turn = waiting_turn[card] if card < len(waiting) else came_turn[card - len(waiting)]
            size = _put(heap, size, turn << BITS | card)
            back += 1
        whose[n] = heap[0] & ((1 << BITS) - 1)
        size = _drop_first(heap, size)
        if spoiled == len(spoils) or spoils[spoiled] != n:
            done[whose[n]] = ends[n]
            continue
        spoiled += 1
        back -= 1
        heap[back] = n
        j = back
        while j + 1 < len(heap) and ends[heap[j + 1]] < ends[n]:
            heap[j] = heap[j + 1]
            heap[j + 1] = n
            j += 1


@njit(types.void(_I64, _I64, _I64, _I64, _I64, _I64, _I64, _I64, _I64, _I64, _I64, _I64, _I64), nogil=True, cache=True)
def assign(  # noqa: PLR0917
    prints_from: Integers,
    begun: Integers,
    starts: Integers,
    ends: Integers,
    spoils_from: Integers,
    spoils: Integers,
    waiting: Integers,
    waiting_turn: Integers,
    came_from: Integers,
    came: Integers,
    came_turn: Integers,
    whose: Integers,
    done: Integers,
) -> None:
    """Tell of each world whose each print is (`whose`, laid out as the prints), and when each card was good.

    `done` holds for each world the cards `waiting`, and then those that came; who is not printed keeps what stands
    there.
    """
    most = 0
    for world in range(len(begun)):
        most = max(most, len(waiting) + came_from[world + 1] - came_from[world] + begun[world])
    heap = np.empty(most + 1, dtype=np.int64)
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
            whose[p0:p1],
            done[world * len(waiting) + c0 : (world + 1) * len(waiting) + c1],
            heap,
        )
