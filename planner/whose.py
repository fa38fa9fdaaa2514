"""Whose each print is, compiled: of the cards that are ready the first in the queue, by a heap of their ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from numba import njit, types

if TYPE_CHECKING:
    from planner.station import Flags, Integers

_I64: Final = types.int64[::1]
_FLAGS: Final = types.boolean[::1]


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


@njit(types.int64(_I64, _I64, _FLAGS, types.int64, _I64, _I64, _I64, _I64, _I64), nogil=True, cache=True)
def assign(  # noqa: PLR0917  (compiled functions take no keywords)
    starts: Integers,
    ends: Integers,
    spoiled: Flags,
    prints: int,
    ready: Integers,
    rank: Integers,
    card_of_rank: Integers,
    whose: Integers,
    heap: Integers,
) -> int:
    """Write whose each print is: of the cards that are ready at its start the one of the lowest rank.

    Spoiled prints send their card back at their end; those under way stand behind the heap, latest first. Tells how
    many prints had a card.
    """
    i, size, back = 0, 0, len(heap)
    for n in range(prints):
        while i < len(ready) and ready[i] <= starts[n]:
            size = _put(heap, size, rank[i])
            i += 1
        while back < len(heap) and ends[heap[back]] <= starts[n]:
            size = _put(heap, size, rank[whose[heap[back]]])
            back += 1
        if size == 0:
            return n
        whose[n] = card_of_rank[heap[0]]
        size = _drop_first(heap, size)
        if spoiled[n]:
            back -= 1
            heap[back] = n
            j = back
            while j + 1 < len(heap) and ends[heap[j + 1]] < ends[n]:
                heap[j] = heap[j + 1]
                heap[j + 1] = n
                j += 1
    return prints
