"""Ways that would suffice where the limits of a plan do not.

Each way is checked as the question that a person asks next, in the worlds that confirm its plan. So what is offered
suffices when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS, round_up_ms
from planner.decision.choices import HALVES, Choices, longest_halves, step_halves, strictest_rule
from planner.decision.search import Search
from planner.decision.transfer import with_moves
from planner.problem import draw_worlds, most_seats, staffings
from planner.simulation import replay_queue

if TYPE_CHECKING:
    from planner.arrays import Integers
    from planner.decision.transfer import Transfer
    from planner.problem import Problem

LONGEST_HALVES: Final = 16
"""Longest overtime to try, in half hours: up to midnight after a regular day."""
MANY_SEATS: Final = 200
"""Most seats to try, each with a printer."""
LATER_DAYS: Final = 60
"""Days after the deadline among which the earliest possible deadline is searched."""
STEP_MS: Final = HOUR_MS // 4
"""A later deadline is a full quarter of an hour: a person orders by the quarter, and a minute less would not do."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Ways that would suffice where the limits do not: longer hours, more seats with printers, more time, moved blanks.

    No way needs more overtime on a day than the rule of pay allows. `earliest_ms` is a later deadline, which everything
    that may be ordered meets with the confidence asked for. `moved_blanks` counts the blanks of the recommended
    transfer, where it suffices.
    """

    longer_h: float | None
    more_seats: int | None
    earliest_ms: int
    moved_blanks: int | None


def find_needed(fresh: Search, transfer: Transfer | None) -> Needed:
    """Remove the limits one after the other until something suffices in fresh worlds."""
    return Needed(
        longer_h=_fewest_hours(fresh),
        more_seats=_fewest_seats(fresh),
        earliest_ms=_earliest_ms(fresh),
        moved_blanks=_moved_blanks(fresh, transfer) if transfer else None,
    )


def _suffices(search: Search) -> bool:
    """Return whether a problem has a plan: if all that may be ordered is confirmed in the fresh worlds, it has one."""
    most, asked = search.choices.most, search.problem.confidence
    return search.suffices(most, asked) and search.chance(most).share >= asked


def _change(fresh: Search, problem: Problem) -> Search:
    """Return a search for a changed problem in the same worlds."""
    return Search(problem, fresh.worlds.for_problem(problem), fresh.threads)


def _fewest_hours(fresh: Search) -> float | None:
    """Find the shortest overtime a day that suffices with all seats; the rule's cap or midnight is the end."""
    problem, rule = fresh.problem, strictest_rule(fresh.problem)
    allowed, step = longest_halves(problem, rule), step_halves(rule)
    wider = longest_halves(replace(problem, max_hours=LONGEST_HALVES / HALVES), rule)
    hours = (halves / HALVES for halves in range(allowed + step, wider + 1, step))
    return next((h for h in hours if _suffices(_change(fresh, replace(problem, max_hours=h)))), None)


def _fewest_seats(fresh: Search) -> int | None:
    """Find the fewest seats, each with a printer, that suffice in the hours allowed: by doubling and halving."""
    problem = fresh.problem

    def with_seats(seats: int) -> Search:
        stations = tuple(replace(station, printers=seats, printer_each=True) for station in problem.stations)
        return _change(fresh, replace(problem, max_seats=seats, stations=stations))

    def may_suffice(seats: int) -> bool:
        search = with_seats(seats)
        return search.suffices(search.choices.most, problem.confidence)

    low, high = most_seats(problem), max(1, 2 * most_seats(problem))
    while not may_suffice(high):
        low, high = high, 2 * high
        if high > MANY_SEATS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if may_suffice(middle) else (middle, high)
    return next((seats for seats in range(high, MANY_SEATS + 1) if _suffices(with_seats(seats))), None)


def _earliest_ms(fresh: Search) -> int:
    """Find a later deadline that suffices.

    A later deadline also counts the cards that come until then, so the moment at which the queue is clear is asked for
    again. Each further try goes at least twice as far as the one before: a dozen tries reach `LATER_DAYS`.
    """
    search, step, last_ms = fresh, STEP_MS, fresh.problem.deadline_ms + LATER_DAYS * DAY_MS
    while (deadline_ms := _next_deadline_ms(search, step)) <= last_ms:
        search = _until(search, deadline_ms)
        if _suffices(search):
            return deadline_ms
        step *= 2
    return NEVER_MS


def _next_deadline_ms(search: Search, step_ms: int) -> int:
    """Return the first full quarter of an hour at which the queue is clear, and which is a step later at least."""
    return round_up_ms(max(_clear_ms(search), search.problem.deadline_ms + step_ms), STEP_MS)


def _until(search: Search, deadline_ms: int) -> Search:
    """Return a search for the same problem with a later deadline, in the worlds that its own plan is confirmed in."""
    later, worlds = replace(search.problem, deadline_ms=deadline_ms), search.worlds
    if later.cards_until_ms == worlds.cards_until_ms:
        return Search(later, worlds.for_problem(later, faults_until_ms=deadline_ms), search.threads)
    return Search(later, draw_worlds(later, seed=worlds.seed, kept=worlds.kept), search.threads)


def _clear_ms(search: Search) -> int:
    """Return the moment at which all that may be ordered clears the queue, with the confidence asked for.

    The cards are those that count for the deadline, and the seats stay open beyond it.
    """
    problem = search.problem
    far_ms = problem.deadline_ms + LATER_DAYS * DAY_MS
    beyond = replace(problem, deadline_ms=far_ms, cutoff_ms=max(problem.cutoffs_ms))
    worlds = search.worlds.for_problem(beyond, faults_until_ms=far_ms)
    placed = staffings(beyond, Choices(beyond).most)

    def clear_in(number: int) -> Integers:
        queues = zip(worlds.block(number).queues, placed, strict=True)
        clear: Integers = np.maximum.reduce([replay_queue(queue, staffing).finish_ms for queue, staffing in queues])
        return clear

    found = np.concatenate([*(search.threads.map if search.threads else map)(clear_in, range(worlds.blocks()))])
    return int(np.quantile(found, problem.confidence, method="inverted_cdf"))


def _moved_blanks(fresh: Search, transfer: Transfer) -> int | None:
    """Return the number of blanks that a transfer moves, if it suffices."""
    moved = with_moves(fresh.problem, transfer.moves, transfer.at_ms)
    return sum(one.blanks for one in transfer.moves) if _suffices(_change(fresh, moved)) else None
