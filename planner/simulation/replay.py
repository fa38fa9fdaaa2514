"""Replay of one station's queue in many worlds: the arrays that the kernel reads and writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.rate import STEADY, Rate
from lembur.domain.time import NEVER_MS
from planner.arrays import ENOUGH, Integers, Offsets, Steps, integers
from planner.simulation.kernel_arrays import LANES, ReplayArrays
from planner.simulation.object_code import load_kernel

if TYPE_CHECKING:
    from planner.arrays import Floats, Shorts

SCRATCH: Final = 64
"""Length of the kernel's scratch: it looks back at one print only. A power of two that stays in the nearest cache."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """Wanted seats over time, and the printers there are for them. Repairs are not subtracted yet."""

    seats: Steps
    printers: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A station's queue in some worlds: cards in order of time, prints by position, and faults of printers.

    The cards of a world are `waiting_ms` (the same in all worlds) and then its row of `came_ms`; both hold the moment
    from which a card can be printed. A print takes `work_ms` at the speed `rate`, plus the `extra_ms` of its position.
    `spoiled` holds the positions of spoiled prints. A fault is printer p breaking (p) or being repaired (~p).
    `in_hand_ms` holds the ends of the prints under way at the start.
    """

    waiting_ms: Integers
    came: Offsets
    came_ms: Integers
    prints: Offsets
    work_ms: Shorts
    extra_ms: Integers
    spoils: Offsets
    spoiled: Integers
    faults: Offsets
    fault_ms: Integers
    fault_printer: Integers
    stock: Steps = ENOUGH
    rate: Rate = STEADY
    in_hand_ms: Integers = field(default_factory=lambda: integers(()))

    def __len__(self) -> int:
        """Count the worlds."""
        return len(self.came)

    @property
    def cards(self) -> Offsets:
        """The rows of all cards: the waiting ones and then those that came."""
        return Offsets(self.came.edges + len(self.waiting_ms) * np.arange(len(self) + 1))


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Result of a replay, world by world. `starts_ms` and `ends_ms` of each print are there only when asked for."""

    finish_ms: Integers
    begun: Integers
    printed: Integers
    overrun_ms: Integers
    starts_ms: Integers
    ends_ms: Integers


def replay_queue(queue: Queue, staffing: Staffing, *, limit_ms: int = NEVER_MS, keep: bool = False) -> ReplayResult:
    """Replay a queue in all its worlds; a world stops at the first print that ends after `limit_ms`.

    `finish_ms` is the end of the last print; NEVER_MS if a card is not printed at all, or not by the limit. `keep` also
    returns the start and end of each print.
    """
    worlds, length = len(queue), len(queue.work_ms) if keep else SCRATCH
    starts, ends = np.empty((2, length), dtype=np.int64)
    finish, begun, printed, overrun = np.empty((4, worlds), dtype=np.int64)
    steps = len(staffing.seats.at_ms) + queue.faults.longest + 3
    seats = max(len(queue.in_hand_ms), min(staffing.printers, int(staffing.seats.values.max(initial=0))))
    rate_at, rate_speed = _stretches(queue.rate)
    arrays = ReplayArrays(
        waiting=queue.waiting_ms,
        came_from=queue.came.edges,
        came=queue.came_ms,
        prints_from=queue.prints.edges,
        work=queue.work_ms,
        extra=queue.extra_ms,
        spoils_from=queue.spoils.edges,
        spoils=queue.spoiled,
        faults_from=queue.faults.edges,
        fault_at=queue.fault_ms,
        fault_printer=queue.fault_printer,
        roster_at=staffing.seats.at_ms,
        roster_seats=staffing.seats.values,
        stock_at=queue.stock.at_ms,
        stock_cards=queue.stock.values,
        rate_at=rate_at,
        rate_speed=rate_speed,
        in_hand=queue.in_hand_ms,
        given=np.array([staffing.printers, limit_ms]),
        finish=finish,
        begun=begun,
        printed=printed,
        overrun=overrun,
        starts=starts,
        ends=ends,
        open_from=np.empty(steps, dtype=np.int64),
        open_seats=np.empty(steps, dtype=np.int64),
        again=np.empty(queue.spoils.longest + 1, dtype=np.int64),
        completions=np.empty(seats + 2 * LANES + 1, dtype=np.int64),
    )
    load_kernel("kernel").run(arrays)
    return ReplayResult(finish, begun, printed, overrun, starts, ends)


def _stretches(rate: Rate) -> tuple[Integers, Floats]:
    """Lay out a rate for the kernel; a rate that is always 1 needs no entry."""
    if set(rate.speeds) == {1.0}:
        return integers(()), np.empty(0)
    return integers(rate.starts_ms), np.array(rate.speeds, dtype=np.float64)
