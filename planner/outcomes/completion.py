"""The course things take under a roster: when it is clear, how many cards are late, world by world."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.calendar import DAY_MS
from lembur.domain.rate import NEVER_MS
from planner.problem.roster import rosters
from planner.simulation.replay import replay, served

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.problem.problem import Question
    from planner.problem.replications import Block, Worlds
    from planner.problem.roster import Overtime
    from planner.simulation.replay import Integers, Roster

SHOWN_WORLDS: Final = 200
"""Finish and late cards are told from so many worlds: whose each print is takes longer than to replay it."""
LOOK_AHEAD_DAYS: Final = (14, 60, 240)
"""How far beyond the deadline the course is followed, until it ends."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happens in each world: when all that counts is printed (or never), late cards, those printed in time."""

    finish_ms: Integers
    late: Integers
    in_time: Integers
    overrun_ms: Integers

    def finish_quantile_ms(self, share: float) -> int:
        """Tell by when it is clear in this share of the worlds: a moment of one of them, so that never stays never."""
        return int(np.sort(self.finish_ms)[max(0, int(np.ceil(share * len(self.finish_ms))) - 1)])


def course(worlds: Worlds, overtime: Overtime, *, threads: Executor | None = None) -> Course:
    """Follow a roster beyond the deadline, where regular hours go on, until it is clear or clearly never will be."""
    found = _followed(worlds, overtime, LOOK_AHEAD_DAYS[0], threads)
    for days in LOOK_AHEAD_DAYS[1:]:
        if (found.finish_ms < NEVER_MS).all() or not _goes_on(worlds.question):
            break
        found = _followed(worlds, overtime, days, threads)
    return found


def _goes_on(question: Question) -> bool:
    """Tell whether every station with cards has a regular seat, so that waiting longer helps."""
    return all(place.seats or not len(place.waiting) for place in question.places)


def _followed(worlds: Worlds, overtime: Overtime, days: int, threads: Executor | None) -> Course:
    question = worlds.question
    few = replace(question, worlds=min(question.worlds, SHOWN_WORLDS))
    until = question.deadline_ms + days * DAY_MS
    longer, placed = worlds.under(few, faults_until_ms=until), rosters(question, overtime, until_ms=until)
    together = threads.map if threads else map
    parts = list(together(lambda number: _in_block(few, longer.block(number), placed), range(longer.blocks())))
    return Course(*(np.concatenate([part[column] for part in parts]) for column in range(4)))


def _in_block(question: Question, block: Block, placed: list[Roster]) -> list[Integers]:
    worlds = len(block.queues[0])
    late, in_time, overrun = (np.zeros(worlds, dtype=np.int64) for _ in range(3))
    finish = np.full(worlds, question.now_ms)
    for index, (queue, roster) in enumerate(zip(block.queues, placed, strict=True)):
        made = replay(queue, roster, keep=True)
        lined = block.lined(index, question.places[index].waiting)
        done_ms = served(made, queue, lined.turns).done_ms
        finish = np.maximum(finish, made.finish_ms)
        overrun += made.overrun_ms
        late += queue.cards.count(done_ms > lined.due_ms)
        in_time += queue.cards.count(done_ms <= question.deadline_ms)
    return [finish, late, in_time, overrun]
