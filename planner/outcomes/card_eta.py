"""Expected time of one card: its own place in the queue, traced in every world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.time import DAY_MS, NEVER_MS
from planner.outcomes.backlog import trace_stations
from planner.outcomes.completion import HORIZON_DAYS
from planner.problem import draw_worlds, in_queue, regular_roster

if TYPE_CHECKING:
    from lembur.domain.observation import Snapshot
    from planner.arrays import Integers
    from planner.outcomes.backlog import StationTrace
    from planner.problem import ArrivingCards, Problem


@dataclass(frozen=True, slots=True)
class CardEta:
    """Future of one card: its printing moment in each world, and the share of worlds in which the centre refuses it."""

    ready_ms: Integers
    due_ms: int
    refused: float

    def by_ms(self, share: float) -> int:
        """Return the moment by which it is printed in this share of the worlds, or `NEVER_MS`."""
        return int(np.quantile(self.ready_ms, share, method="inverted_cdf")) if len(self.ready_ms) else NEVER_MS

    @property
    def late(self) -> float:
        """Chance that it is printed after it is due, or never."""
        return float((self.ready_ms > self.due_ms).mean()) if len(self.ready_ms) else 1.0


def eta_of_card(problem: Problem, standing: Snapshot, number: int) -> CardEta | None:
    """Trace one card under the orders given until now. Return None when it neither waits nor is in hand."""
    groups = (standing.waiting, standing.printing, standing.unsent, standing.asked)
    found = next(((group, at) for group in groups for at in np.flatnonzero(group.number == number)), None)
    if found is None:
        return None
    group, at = found
    index, until = int(group.station[at]), problem.now_ms + HORIZON_DAYS * DAY_MS
    worlds = draw_worlds(problem, faults_until_ms=until)
    as_it_is = trace_stations(worlds, regular_roster(problem), until_ms=until)
    parts = [
        _printed_ms(one[index], worlds.block(block).came[index], in_queue(standing, index).number, number)
        for block, one in enumerate(as_it_is)
    ]
    ready = np.concatenate(parts)
    if group is standing.printing:
        # If the card does not come back, the print under way is the good one.
        same = standing.printing.number[standing.printing.station == index] == number
        ready = np.where(ready < 0, problem.stations[index].printing.ready_ms[same.argmax()], ready)
    return CardEta(ready[ready >= 0], int(group.due_ms[at]), float((ready < 0).mean()))


def _printed_ms(one: StationTrace, came: ArrivingCards, waiting: Integers, number: int) -> Integers:
    """Return the printing moment of a card at a station in each world, -1 if it does not come there."""
    worlds, now = len(one.queue), len(one.queue.waiting_ms)
    # Order of the queue: cards that wait now, then in each world the others by time.
    of = np.concatenate([came.world, np.repeat(np.arange(worlds), len(waiting) - now)])
    ready = np.concatenate([came.cards.ready_ms, np.tile(one.station.waiting.ready_ms[now:], worlds)])
    later = np.concatenate([came.number, np.tile(waiting[now:], worlds)])[np.lexsort((ready, of))]
    found = np.full(worlds, -1, dtype=np.int64)
    for world in range(worlds):
        there = np.concatenate([waiting[:now], later[one.queue.came.row(world)]]) == number
        if there.any():
            found[world] = one.done_ms[one.queue.cards.row(world)][there.argmax()]
    return found
