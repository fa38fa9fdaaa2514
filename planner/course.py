"""The course things take under a roster: when it is clear, how many cards are late, world by world."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.calendar import DAY_MS
from lembur.domain.rates import NEVER_MS
from planner.roster import rosters
from planner.station import replay, served
from planner.worlds import drawn

if TYPE_CHECKING:
    from planner.question import Cards, Question
    from planner.roster import Overtime
    from planner.station import Integers, Queue, Replayed, Roster
    from planner.worlds import Block, Worlds

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


def course(question: Question, overtime: Overtime) -> Course:
    """Follow a roster beyond the deadline, where regular hours go on, until it is clear or clearly never will be."""
    few = replace(question, worlds=min(question.worlds, SHOWN_WORLDS))
    found = _followed(few, overtime, LOOK_AHEAD_DAYS[0])
    for days in LOOK_AHEAD_DAYS[1:]:
        if (found.finish_ms < NEVER_MS).all() or not _goes_on(question):
            break
        found = _followed(few, overtime, days)
    return found


def _goes_on(question: Question) -> bool:
    """Tell whether every station with cards has a regular seat, so that waiting longer helps."""
    return all(place.seats or not len(place.waiting) for place in question.places)


def _followed(question: Question, overtime: Overtime, days: int) -> Course:
    until = question.deadline_ms + days * DAY_MS
    worlds = drawn(question, faults_until_ms=until)
    placed = rosters(question, overtime, until_ms=until)
    parts = [_in_block(question, worlds.block(number), placed) for number in range(worlds.blocks())]
    return Course(*(np.concatenate([part[column] for part in parts]) for column in range(4)))


def _in_block(question: Question, block: Block, placed: list[Roster]) -> list[Integers]:
    worlds = len(block.queues[0])
    finish, late, in_time, overrun = (np.zeros(worlds, dtype=np.int64) for _ in range(4))
    for index, (queue, roster) in enumerate(zip(block.queues, placed, strict=True)):
        made = replay(queue, roster, keep=True)
        finish = np.maximum(finish, made.finish_ms)
        overrun += made.overrun_ms
        for world in range(worlds):
            cards = block.cards(index, question.places[index].waiting, world)
            done = done_ms(made, queue, cards, world)
            late[world] += int((done > cards.due_ms).sum())
            in_time[world] += int((done <= question.deadline_ms).sum())
    return [finish, late, in_time, overrun]


def done_ms(made: Replayed, queue: Queue, cards: Cards, world: int) -> Integers:
    """Tell of each card of a world, in order of readiness, when it is printed: class decides, then the due date."""
    rank = np.empty(len(cards), dtype=np.int64)
    rank[np.lexsort((cards.due_ms, cards.priority))] = np.arange(len(cards))
    whose = served(made, queue, rank, world=world)
    done = np.full(len(cards), NEVER_MS, dtype=np.int64)
    # A card's last print is its good one: those before were spoiled.
    done[whose] = made.ends_ms[queue.prints.row(world)][: len(whose)]
    spoiled = queue.is_spoiled(world)[: len(whose)]
    unfinished = whose[spoiled]
    done[np.setdiff1d(unfinished, whose[~spoiled])] = NEVER_MS
    return done


def printed_in_time(question: Question, overtime: Overtime, worlds: Worlds) -> float:
    """Tell how many cards are begun by the deadline and come out good, on average: quicker than the whole course."""
    placed = rosters(question, overtime)
    return (
        sum(
            int(replay(queue, roster, limit_ms=question.deadline_ms).printed.sum())
            for number in range(worlds.blocks())
            for queue, roster in zip(worlds.block(number).queues, placed, strict=True)
        )
        / worlds.question.worlds
    )
