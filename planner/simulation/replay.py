"""One station's queue in many worlds, and its replay under a roster: the arrays that the kernel reads and writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lembur.domain.rate import STEADY, Rate
from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

PLENTY: Final = 2**62
"""More cards than any stock lasts for."""
LONGEST_MS: Final = 2**31 - 2**8
"""A print or an answer of 24 days is as good as never done: longer ones count as this long."""
WORLD_BITS: Final = 54
"""NEVER_MS fits below, and a block's worlds, or a class, above: a pair sorts ten times as fast as one integer."""
SCRATCH: Final = 64
"""The kernel looks back at one start and one end: a power of two, which stays in the nearest cache."""
LANES: Final = 16
"""The kernel's vector, for which its scratch needs room; a test compares the two."""


def integers(values: Iterable[int]) -> Integers:
    """Make an array the kernel takes."""
    return np.ascontiguousarray(list(values), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Steps:
    """A number that changes at moments in order of time, such as seats wanted, or cards that stock suffices for."""

    at_ms: Integers
    values: Integers

    @staticmethod
    def of(steps: Iterable[tuple[int, int]]) -> Steps:
        """Lay out (moment, value from then on)."""
        pairs = list(steps)
        return Steps(integers(at for at, _ in pairs), integers(value for _, value in pairs))

    def at(self, moment_ms: int) -> int:
        """Tell the value at a moment, 0 before the first."""
        index = int(np.searchsorted(self.at_ms, moment_ms, side="right"))
        return int(self.values[index - 1]) if index else 0


ENOUGH: Final = Steps.of([(0, PLENTY)])


@dataclass(frozen=True, slots=True)
class Staffing:
    """Seats wanted over time, repairs not counted, and the printers there are for them."""

    seats: Steps
    printers: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the row of each world begins and ends in arrays that hold one row behind the other."""

    edges: Integers

    @staticmethod
    def of(lengths: Iterable[int]) -> Rows:
        """Lay rows of these lengths one behind the other."""
        return Rows(np.concatenate([[0], np.cumsum(integers(lengths))]).astype(np.int64))

    def __len__(self) -> int:
        """Count the worlds."""
        return len(self.edges) - 1

    def row(self, world: int) -> slice:
        """Tell where one world's row is."""
        return slice(int(self.edges[world]), int(self.edges[world + 1]))

    def count(self, which: Flags) -> Integers:
        """Count what is so in each row."""
        return np.diff(np.concatenate([[0], np.cumsum(which)])[self.edges])

    def longest(self) -> int:
        """Tell the length of the longest row."""
        return int(np.diff(self.edges).max(initial=0))


@dataclass(frozen=True, slots=True)
class Queue:
    """A station's queue in some worlds: cards in order of time, prints by position, printers' faults.

    Cards: `waiting_ms` (from when each can be printed) in all worlds, and then `came_ms`. Prints: `work_ms` (before
    `rate`; without a rate as it is), and the positions `spoiled`; `extra_ms` belongs to the position in all worlds.
    Faults: printer p breaks (p) and is repaired (~p). `in_hand_ms` are the ends of the prints under way at the start.
    """

    waiting_ms: Integers
    came: Rows
    came_ms: Integers
    prints: Rows
    work_ms: NDArray[np.int32]
    extra_ms: Integers
    spoils: Rows
    spoiled: Integers
    faults: Rows
    fault_ms: Integers
    fault_printer: Integers
    stock: Steps = ENOUGH
    rate: Rate = STEADY
    in_hand_ms: Integers = field(default_factory=lambda: integers(()))

    def __len__(self) -> int:
        """Count the worlds."""
        return len(self.came)

    @property
    def cards(self) -> Rows:
        """Tell where the cards of each world are, those that wait in all worlds and then those that came."""
        return Rows(self.came.edges + len(self.waiting_ms) * np.arange(len(self) + 1))

    def ready_ms(self, world: int) -> Integers:
        """Tell from when each card of a world can be printed, in order of time."""
        return np.concatenate([self.waiting_ms, self.came_ms[self.came.row(world)]])

    def is_spoiled(self, world: int) -> Flags:
        """Tell of each print of a world whether it is spoiled."""
        flags = np.zeros(len(self.work_ms[self.prints.row(world)]), dtype=np.bool_)
        flags[self.spoiled[self.spoils.row(world)]] = True
        return flags


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What became of a queue in each world; `starts_ms` and `ends_ms` by print are there only when asked for."""

    finish_ms: Integers
    begun: Integers
    printed: Integers
    overrun_ms: Integers
    starts_ms: Integers
    ends_ms: Integers


def replay(
    queue: Queue,
    roster: Staffing,
    *,
    limit_ms: int = NEVER_MS,
    keep: bool = False,
    into: tuple[Integers, Integers] | None = None,
) -> ReplayResult:
    """Replay a queue under a roster in all its worlds; a world ends with the first print that ends after `limit_ms`.

    `finish_ms` is when the last seat is done, and NEVER_MS where a card was not printed at all, or not by the limit.
    Starts and ends that are kept go `into` arrays of the caller's, or into new ones.
    """
    from planner.simulation import kernel

    result, length = np.empty((len(queue), 4), dtype=np.int64), len(queue.work_ms) if keep else SCRATCH
    starts, ends = into or (np.empty(length, dtype=np.int64), np.empty(length, dtype=np.int64))
    again = np.empty(queue.spoils.longest() + 1, dtype=np.int64)
    steps = len(roster.seats.at_ms) + queue.faults.longest() + 3
    seats = max(len(queue.in_hand_ms), min(roster.printers, int(roster.seats.values.max(initial=0))))
    kernel.replay(
        *(queue.waiting_ms, queue.came.edges, queue.came_ms),
        *(queue.prints.edges, queue.work_ms, queue.extra_ms, queue.spoils.edges, queue.spoiled),
        *(queue.faults.edges, queue.fault_ms, queue.fault_printer),
        *(roster.seats.at_ms, roster.seats.values, roster.printers, queue.stock.at_ms, queue.stock.values),
        *(*_stretches(queue.rate), queue.in_hand_ms, limit_ms, 0, len(queue), result, starts, ends),
        *(np.empty(steps, dtype=np.int64), np.empty(steps, dtype=np.int64), again),
        np.empty(seats + 2 * LANES + 1, dtype=np.int64),
    )
    finish, begun, printed, overrun = (np.ascontiguousarray(column) for column in result.T)
    return ReplayResult(finish, begun, printed, overrun, starts, ends)


def _stretches(rate: Rate) -> tuple[Integers, NDArray[np.float64]]:
    """Lay out a rate for the kernel; what runs at its own pace all the time needs none."""
    if set(rate.speeds) == {1.0}:
        return integers(()), np.empty(0)
    return integers(rate.starts_ms), np.array(rate.speeds, dtype=np.float64)


def one_world(
    ready_ms: Sequence[int] | Integers,
    work_ms: Sequence[int] | NDArray[np.integer],
    *,
    spoiled: Sequence[bool] | Flags = (),
    extra_ms: Sequence[int] | Integers = (),
    faults: Sequence[tuple[int, int]] = (),
    stock: Steps = ENOUGH,
    rate: Rate = STEADY,
    in_hand_ms: Sequence[int] = (),
) -> Queue:
    """Lay out a single world, such as the one a live run will have."""
    marks = integers(np.flatnonzero(spoiled))
    extra = np.zeros(len(work_ms), dtype=np.int64)
    extra[: len(extra_ms)] = extra_ms
    moments = sorted(faults)
    return Queue(
        waiting_ms=integers(()),
        came=Rows.of([len(ready_ms)]),
        came_ms=np.sort(integers(ready_ms)),
        prints=Rows.of([len(work_ms)]),
        work_ms=np.minimum(work_ms, LONGEST_MS).astype(np.int32),
        extra_ms=extra,
        spoils=Rows.of([len(marks)]),
        spoiled=marks,
        faults=Rows.of([len(moments)]),
        fault_ms=integers(at for at, _ in moments),
        fault_printer=integers(printer for _, printer in moments),
        stock=stock,
        rate=rate,
        in_hand_ms=integers(in_hand_ms),
    )


def order_departures(ends_ms: Integers, *, seats: int, into: Integers | None = None) -> Integers:
    """List positions in the order in which they were done; never more than `seats` were in service at once."""
    from planner.simulation import kernel

    order = np.empty(len(ends_ms), dtype=np.int64) if into is None else into
    kernel.departures(ends_ms, seats, order, np.empty(seats + 2 * LANES + 1, dtype=np.int64))
    return order


@dataclass(frozen=True, slots=True)
class Turns:
    """Who goes first of those that are ready: the lower number (of class and due date), then who was ready before.

    For the cards that wait in all worlds, and for those that came.
    """

    waiting: Integers
    came: Integers


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose each print is, by its station among the cards of its world, and when each card was printed, or never."""

    whose: Integers
    done_ms: Integers


def assign_prints(replayed: ReplayResult, queue: Queue, turns: Turns) -> Assignment:
    """Give the prints of every world to its cards; the replay must have kept them."""
    from planner.simulation.assignment import assign

    whose = np.empty(len(replayed.starts_ms), dtype=np.int64)
    done = np.full(queue.cards.edges[-1], NEVER_MS, dtype=np.int64)
    assign(
        *(queue.prints.edges, replayed.begun, replayed.starts_ms, replayed.ends_ms),
        *(queue.spoils.edges, queue.spoiled, queue.waiting_ms, turns.waiting),
        *(queue.came.edges, queue.came_ms, turns.came, whose, done),
    )
    return Assignment(whose, done)
