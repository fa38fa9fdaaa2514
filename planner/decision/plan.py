"""The plan: the cheapest roster that clears by the deadline, what limits it, and what a little more buys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from planner.decision.cost import Cost, cost_of
from planner.decision.search import Chance, Evaluation, Progress, Search, cheapest_first, edge
from planner.decision.sensitivity import Comparison, limits, prices
from planner.outcomes import SHOWN_WORLDS, Completion, trace_completion
from planner.problem import STEP_H, Problem, Roster, draw_worlds, least_seats, most_seats, shifts, too_many

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.problem import Worlds

FRESH: Final = 1_000_003
"""Added to the seed to confirm a plan on worlds it was not chosen by."""
LONGEST_H: Final = 8.0
"""What would be needed is looked for up to midnight after a regular day."""
MANY_SEATS: Final = 200
"""What would be needed is looked for up to so many seats, each with a printer."""


@dataclass(frozen=True, slots=True)
class Row:
    """A roster and what it leads to."""

    roster: Roster
    chance: Chance
    completion: Completion
    cost: Cost


@dataclass(frozen=True, slots=True)
class Needed:
    """What would do where nothing within the limits does: longer hours, more seats with printers, or more time.

    `earliest_ms` is by when the most that may be ordered, day after day, clears with the confidence asked for.
    """

    longer: Roster | None
    more: Roster | None
    earliest_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a problem.

    `best` is None when no roster within the limits suffices; `needed` then names what would suffice. `rows` is the edge
    of the staircase. `regular` is the outcome without overtime. `limits` compares it, or the most that may be ordered,
    with each limit removed. `prices` adds a little of everything to the plan.
    """

    problem: Problem
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
        return any(shifts(self.problem, station.working) for station in self.problem.stations)


def make_plan(
    problem: Problem,
    *,
    threads: Executor | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Answer a problem. `progress` hears how many rosters were looked at; what it raises ends the search."""
    cap_h = problem.pay.on(problem.working.day_of(problem.now_ms)).cap_day_h
    asked = problem if cap_h is None else _capped(problem, cap_h)
    worlds = draw_worlds(asked)
    search = Search(asked, worlds, threads, progress or (lambda _: None))
    none = Roster(least_seats(asked), 0.0)
    most = Roster(most_seats(asked), most_hours(asked))
    found = edge(search.staircase())
    order = cheapest_first(found, lambda roster: cost_of(asked, roster).rupiah)
    chosen, confirmed = _confirmed(asked, order, threads)
    rows = {look.roster: _row(search, look.roster) for look in found}
    return Plan(
        problem=asked,
        best=rows[chosen] if chosen else None,
        confirmed=confirmed,
        rows=tuple(rows.values()),
        regular=_row(search, none),
        limits=limits(worlds, none if chosen else most),
        prices=prices(worlds, chosen or most),
        needed=None if chosen else _needed(worlds, most, threads),
    )


def most_hours(problem: Problem) -> float:
    """Tell the most roster a day that may be ordered, in whole steps."""
    return int(problem.max_hours / STEP_H) * STEP_H


def _capped(problem: Problem, hours: float) -> Problem:
    return replace(problem, max_hours=min(problem.max_hours, hours))


def _row(search: Search, roster: Roster) -> Row:
    trace_stations = trace_completion(search.worlds, roster, threads=search.threads)
    return Row(roster, search.chance(roster), trace_stations, cost_of(search.problem, roster))


def _confirmed(
    problem: Problem, order: list[Evaluation], threads: Executor | None
) -> tuple[Roster | None, Chance | None]:
    """Take the cheapest that also suffices in fresh worlds; who is chosen for being just enough was often lucky."""
    room = not too_many(2 * sum(len(station.waiting) for station in problem.stations), problem.worlds)
    fresh = Search(problem, draw_worlds(problem, seed=problem.seed + FRESH, kept=room), threads)
    tried = []
    for look in order:
        tried.append((look.roster, fresh.chance(look.roster)))
        if tried[-1][1].share >= problem.confidence:
            return tried[-1]
    return max(tried, key=lambda each: each[1].share, default=(None, None))


def _needed(worlds: Worlds, most: Roster, threads: Executor | None) -> Needed:
    """Take the limits away one after the other until something suffices."""
    few = worlds.for_problem(replace(worlds.problem, worlds=min(worlds.problem.worlds, SHOWN_WORLDS)))
    return Needed(
        longer=_fewest_hours(few, most, threads),
        more=_fewest_seats(few, most, threads),
        earliest_ms=_earliest_ms(few, most, threads),
    )


def _fewest_hours(worlds: Worlds, most: Roster, threads: Executor | None) -> Roster | None:
    """Find how long everybody would have to stay; midnight is the end."""
    search = Search(worlds.problem, worlds, threads)
    longer = [
        Roster(most.seats, step * STEP_H) for step in range(int(most.hours / STEP_H), int(LONGEST_H / STEP_H) + 1)
    ]
    return next((roster for roster in longer if search.look(roster).suffices), None)


def _fewest_seats(worlds: Worlds, most: Roster, threads: Executor | None) -> Roster | None:
    """Find how many operators, each with a printer, would do in those hours: by doubling and halving."""

    def suffices(seats: int) -> bool:
        stations = tuple(replace(station, printers=seats, printer_each=True) for station in worlds.problem.stations)
        wider = replace(worlds.problem, max_seats=seats, stations=stations)
        return Search(wider, worlds.for_problem(wider), threads).look(Roster(seats, most.hours)).suffices

    low, high = most.seats, max(1, 2 * most.seats)
    while not suffices(high):
        low, high = high, 2 * high
        if high > MANY_SEATS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return Roster(high, most.hours)


def _earliest_ms(worlds: Worlds, most: Roster, threads: Executor | None) -> int:
    """Follow the most that may be ordered beyond the deadline, day after day."""
    problem = worlds.problem
    later = replace(problem, deadline_ms=problem.deadline_ms + 60 * 24 * 3_600_000)
    return trace_completion(worlds.for_problem(later), most, threads=threads).finish_quantile_ms(problem.confidence)
