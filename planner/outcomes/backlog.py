"""Backlog of a roster: the cards that are ready and not yet printed, world by world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.problem import staffings
from planner.simulation import assign_prints, replay_queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planner.arrays import Integers, Offsets
    from planner.problem import Roster, StationInput, Worlds
    from planner.simulation import Queue, ReplayResult, Staffing


@dataclass(frozen=True, slots=True)
class StationTrace:
    """One station in a block of worlds: its queue, its prints, and the done and due moment of each card.

    The cards of a world begin with those that wait at the start.
    """

    station: StationInput
    queue: Queue
    made: ReplayResult
    done_ms: Integers
    due_ms: Integers

    def places_of_waiting(self) -> Integers:
        """Return the places of the cards that wait at the start, in `done_ms` and `due_ms`: one row per world."""
        return self.queue.cards.edges[:-1, None] + np.arange(len(self.queue.waiting_ms))

    def backlog_at(self, moments_ms: Sequence[int]) -> Integers:
        """Count the waiting cards at some moments, one row per world. Cards in a printer count."""
        there: Integers = (self.station.printing.ready_ms[:, None] > np.array(moments_ms)).sum(axis=0, dtype=np.int64)
        there = there + len(self.queue.waiting_ms)
        came = _count_until(self.queue.came, self.queue.came_ms, moments_ms)
        return there + came - _count_until(self.queue.cards, self.done_ms, moments_ms)


def _count_until(rows: Offsets, happened_ms: Integers, moments_ms: Sequence[int]) -> Integers:
    """Count the events of each row until each moment. The moments are in ascending order."""
    columns = len(moments_ms) + 1
    world = np.repeat(np.arange(len(rows)), np.diff(rows.edges))
    cell = world * columns + np.searchsorted(moments_ms, happened_ms)
    counts = np.bincount(cell, minlength=len(rows) * columns).reshape(len(rows), columns)
    total: Integers = np.cumsum(counts, axis=1, dtype=np.int64)[:, :-1]
    return total


def trace_stations(worlds: Worlds, roster: Roster, *, until_ms: int, blocks: int = 0) -> Iterator[list[StationTrace]]:
    """Trace a roster card by card, block by block. With `blocks` above 0 stop after that many blocks."""
    placed = staffings(worlds.problem, roster, until_ms=until_ms)
    for number in range(blocks or worlds.blocks()):
        yield trace_block(worlds, number, placed)


def trace_block(worlds: Worlds, number: int, placed: Sequence[Staffing]) -> list[StationTrace]:
    """Trace the stations of one block of worlds."""
    block, found = worlds.block(number), []
    for index, (station, queue, staffing) in enumerate(zip(worlds.problem.stations, block.queues, placed, strict=True)):
        made, order = replay_queue(queue, staffing, keep=True), block.queue_order(index, station.waiting)
        found.append(StationTrace(station, queue, made, assign_prints(made, queue, order.turns).done_ms, order.due_ms))
    return found


def count_backlog(worlds: Worlds, roster: Roster, moments_ms: Sequence[int]) -> Integers:
    """Count the waiting cards of the whole office at some moments, one row per world."""
    until = max(moments_ms)
    return np.concatenate(
        [sum(one.backlog_at(moments_ms) for one in block) for block in trace_stations(worlds, roster, until_ms=until)]
    )
