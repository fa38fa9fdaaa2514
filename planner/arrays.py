"""Arrays for the kernel: integers, step functions, and rows of different length stored end to end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Integers = NDArray[np.int64]
Shorts = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PLENTY: Final = 2**62
"""More cards than any stock can print."""
LONGEST_MS: Final = 2**31 - 2**8
"""Longest print or answer, 24 days: longer ones are cut to this, so that they fit in 32 bits."""
WORLD_BITS: Final = 54
"""Bits of a moment in a sort key. The bits above hold the world or the class: one integer sorts ten times faster."""


def integers(values: Iterable[int]) -> Integers:
    """Make an array that the kernel accepts."""
    return np.ascontiguousarray(list(values), dtype=np.int64)


def order_by_time(of: Integers, moments_ms: Integers) -> Integers:
    """Return the order of some cards by world and moment; equal ones keep their order."""
    if not len(of):
        return integers(())
    first, count = int(moments_ms.min()), len(of)
    span = int(moments_ms.max()) - first + 1
    # World, moment and place in one integer: finding an order takes ten times as long as sorting.
    return np.sort((of * span + moments_ms - first) * count + np.arange(count)) % count


def rank(values: Integers) -> Integers:
    """Return the rank of each value, from 0 on, among the distinct ones. Few of many cards differ in class and due."""
    # NumPy's `unique` would load the masked arrays.
    ordered = np.sort(values)
    return np.searchsorted(ordered[np.diff(ordered, prepend=-1) != 0], values)


@dataclass(frozen=True, slots=True)
class Steps:
    """Step function of time: for example the wanted seats, or the number of prints the stock allows."""

    at_ms: Integers
    values: Integers

    @staticmethod
    def of(steps: Iterable[tuple[int, int]]) -> Steps:
        """Build the function from pairs: a moment, and the value from then on."""
        pairs = list(steps)
        return Steps(integers(at for at, _ in pairs), integers(value for _, value in pairs))

    def at(self, moment_ms: int) -> int:
        """Return the value at a moment, 0 before the first step."""
        index = int(np.searchsorted(self.at_ms, moment_ms, side="right"))
        return int(self.values[index - 1]) if index else 0

    def plus(self, more: int, *, since_ms: int | None = None) -> Steps:
        """Return the function with `more` added from a moment on, or from its first step on."""
        if since_ms is None or not len(self.at_ms):
            return Steps(self.at_ms, self.values + more)
        moments = sorted({*self.at_ms.tolist(), since_ms})
        return Steps.of((at, self.at(at) + (more if at >= since_ms else 0)) for at in moments)


ENOUGH: Final = Steps.of([(0, PLENTY)])


@dataclass(frozen=True)
class Offsets:
    """Edges of the rows, one per world, in an array that holds all rows end to end."""

    edges: Integers

    @staticmethod
    def of(lengths: Sequence[int] | Integers) -> Offsets:
        """Build the edges from the length of each row."""
        edges = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=edges[1:])
        return Offsets(edges)

    def __len__(self) -> int:
        """Count the worlds."""
        return len(self.edges) - 1

    def row(self, world: int) -> slice:
        """Return the slice of one world's row."""
        return slice(int(self.edges[world]), int(self.edges[world + 1]))

    def count(self, which: Flags) -> Integers:
        """Count the true flags in each row."""
        return np.diff(np.concatenate([[0], np.cumsum(which)])[self.edges])

    @cached_property
    def longest(self) -> int:
        """The length of the longest row."""
        return int(np.diff(self.edges).max(initial=0))
