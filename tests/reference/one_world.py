"""One world of one station, such as a live run plays it, as the planner's kernel takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.rate import STEADY, Rate
from planner.arrays import ENOUGH, LONGEST_MS, Flags, Integers, Offsets, Steps, integers
from planner.simulation import Queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


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
        came=Offsets.of([len(ready_ms)]),
        came_ms=np.sort(integers(ready_ms)),
        prints=Offsets.of([len(work_ms)]),
        work_ms=np.minimum(work_ms, LONGEST_MS).astype(np.int32),
        extra_ms=extra,
        spoils=Offsets.of([len(marks)]),
        spoiled=marks,
        faults=Offsets.of([len(moments)]),
        fault_ms=integers(at for at, _ in moments),
        fault_printer=integers(printer for _, printer in moments),
        stock=stock,
        rate=rate,
        in_hand_ms=integers(in_hand_ms),
    )


def ready_of(queue: Queue, world: int) -> Integers:
    """Return from when each card of a world can be printed, in order of time."""
    return np.concatenate([queue.waiting_ms, queue.came_ms[queue.came.row(world)]])


def spoiled_of(queue: Queue, world: int) -> Flags:
    """Return one flag for each print of a world: true if it is spoiled."""
    flags = np.zeros(len(queue.work_ms[queue.prints.row(world)]), dtype=np.bool_)
    flags[queue.spoiled[queue.spoils.row(world)]] = True
    return flags
