"""The plan: the cheapest overtime that clears by the deadline, what limits it, and what a little more buys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lembur.domain.calendar import day_of
from planner.decision.overtime_pay import Cost, Policy, cost, policy
from planner.decision.search import Chance, Look, Progress, Search, cheapest_first, edge
from planner.decision.sensitivity import Comparison, limits, prices
from planner.outcomes.completion import SHOWN_WORLDS, Course, course
from planner.problem.problem import STEP_H, Question, too_many
from planner.problem.replications import drawn
from planner.problem.roster import Overtime, least_seats, most_seats, shifts

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.problem.replications import Worlds

USUAL_POLICY: Final = "civil-ii"
"""Operators of a dinas are civil servants; grade II is assumed."""
FRESH: Final = 1_000_003
"""Added to the seed to confirm a plan on worlds it was not chosen by."""
LONGEST_H: Final = 8.0
"""What would be needed is looked for up to midnight after a regular day."""
MANY_SEATS: Final = 200
"""What would be needed is looked for up to so many seats, each with a printer."""


@dataclass(frozen=True, slots=True)
class Row:
    """A roster and what it leads to."""

    overtime: Overtime
    chance: Chance
    course: Course
    cost: Cost


@dataclass(frozen=True, slots=True)
class Needed:
    """What would do where nothing within the limits does: longer hours, more seats with printers, or more time.

    `earliest_ms` is by when the most that may be ordered, day after day, clears with the confidence asked for.
    """

    longer: Overtime | None
    more: Overtime | None
    earliest_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a question. `best` is None where nothing within its limits suffices; then `needed` says what would.

    `rows` is the edge of the staircase, `regular` the course without overtime. `limits` compares the regular course (or
    the most that may be ordered, when that does not suffice) with each limit taken away; `prices` the plan with a
    little more of everything.
    """

    question: Question
    best: Row | None
    confirmed: Chance | None
    rows: tuple[Row, ...]
    regular: Row
    limits: Comparison
    prices: Comparison
    needed: Needed | None

    @property
    def opens(self) -> bool:
        """Tell whether the office opens at all before the deadline."""
        return bool(shifts(self.question))


def plan(
    question: Question,
    *,
    rules: Policy | None = None,
    threads: Executor | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Answer a question. `progress` hears how many rosters were looked at; what it raises ends the search."""
    rules = rules or policy(USUAL_POLICY, day_of(question.now_ms))
    asked = question if rules.cap_day_h is None else _capped(question, rules.cap_day_h)
    worlds = drawn(asked)
    search = Search(asked, worlds, threads, progress or (lambda _: None))
    none = Overtime(least_seats(asked), 0.0)
    most = Overtime(most_seats(asked), most_hours(asked))
    found = edge(search.staircase())
    order = cheapest_first(found, lambda overtime: cost(asked, overtime, rules).rupiah)
    chosen, confirmed = _confirmed(asked, order, threads)
    rows = {look.overtime: _row(search, look.overtime, rules) for look in found}
    return Plan(
        question=asked,
        best=rows[chosen] if chosen else None,
        confirmed=confirmed,
        rows=tuple(rows.values()),
        regular=_row(search, none, rules),
        limits=limits(worlds, none if chosen else most),
        prices=prices(worlds, chosen or most),
        needed=None if chosen else _needed(worlds, most, threads),
    )


def most_hours(question: Question) -> float:
    """Tell the most overtime a day that may be ordered, in whole steps."""
    return int(question.max_hours / STEP_H) * STEP_H


def _capped(question: Question, hours: float) -> Question:
    return replace(question, max_hours=min(question.max_hours, hours))


def _row(search: Search, overtime: Overtime, rules: Policy) -> Row:
    followed = course(search.worlds, overtime, threads=search.threads)
    return Row(overtime, search.chance(overtime), followed, cost(search.question, overtime, rules))


def _confirmed(
    question: Question, order: list[Look], threads: Executor | None
) -> tuple[Overtime | None, Chance | None]:
    """Take the cheapest that also suffices in fresh worlds; who is chosen for being just enough was often lucky."""
    room = not too_many(2 * sum(len(place.waiting) for place in question.places), question.worlds)
    fresh = Search(question, drawn(question, seed=question.seed + FRESH, kept=room), threads)
    tried = []
    for look in order:
        tried.append((look.overtime, fresh.chance(look.overtime)))
        if tried[-1][1].share >= question.confidence:
            return tried[-1]
    return max(tried, key=lambda each: each[1].share, default=(None, None))


def _needed(worlds: Worlds, most: Overtime, threads: Executor | None) -> Needed:
    """Take the limits away one after the other until something suffices."""
    few = worlds.under(replace(worlds.question, worlds=min(worlds.question.worlds, SHOWN_WORLDS)))
    return Needed(
        longer=_fewest_hours(few, most, threads),
        more=_fewest_seats(few, most, threads),
        earliest_ms=_earliest_ms(few, most, threads),
    )


def _fewest_hours(worlds: Worlds, most: Overtime, threads: Executor | None) -> Overtime | None:
    """Find how long everybody would have to stay; midnight is the end."""
    search = Search(worlds.question, worlds, threads)
    longer = [
        Overtime(most.seats, step * STEP_H) for step in range(int(most.hours / STEP_H), int(LONGEST_H / STEP_H) + 1)
    ]
    return next((overtime for overtime in longer if search.look(overtime).suffices), None)


def _fewest_seats(worlds: Worlds, most: Overtime, threads: Executor | None) -> Overtime | None:
    """Find how many operators, each with a printer, would do in those hours: by doubling and halving."""

    def suffices(seats: int) -> bool:
        places = tuple(replace(place, printers=seats, printer_each=True) for place in worlds.question.places)
        wider = replace(worlds.question, max_seats=seats, places=places)
        return Search(wider, worlds.under(wider), threads).look(Overtime(seats, most.hours)).suffices

    low, high = most.seats, max(1, 2 * most.seats)
    while not suffices(high):
        low, high = high, 2 * high
        if high > MANY_SEATS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return Overtime(high, most.hours)


def _earliest_ms(worlds: Worlds, most: Overtime, threads: Executor | None) -> int:
    """Follow the most that may be ordered beyond the deadline, day after day."""
    question = worlds.question
    later = replace(question, deadline_ms=question.deadline_ms + 60 * 24 * 3_600_000)
    return course(worlds.under(later), most, threads=threads).finish_quantile_ms(question.confidence)
