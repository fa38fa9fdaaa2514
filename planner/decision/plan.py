"""The plan: the cheapest roster that clears by the deadline, the limit that binds, and the effect of a little more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lembur.domain.time import DAY_MS
from planner.decision.choices import longest_halves, step_halves, strictest_rule
from planner.decision.cost import Cost, cost_of, overtime_by_station, price_rupiah
from planner.decision.search import Chance, Progress, Search
from planner.decision.sensitivity import Comparison, limits, prices
from planner.decision.transfer import Transfer, best_transfer
from planner.outcomes import SHOWN_WORLDS, Completion, trace_completion
from planner.problem import (
    Problem,
    Roster,
    draw_worlds,
    most_seats,
    office_days,
    regular_roster,
    too_many,
    uniform_roster,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from lembur.domain.scenario import PayRule
    from planner.problem import Worlds

HALVES: Final = 2
"""Half hours of an hour."""
FRESH: Final = 1_000_003
"""Added to the seed for the fresh worlds that confirm a plan."""
LONGEST_HALVES: Final = 16
"""Longest overtime to try where the limits do not suffice, in half hours: up to midnight after a regular day."""
MANY_SEATS: Final = 200
"""Most seats to try where the limits do not suffice, each with a printer."""
CONFIRMATIONS: Final = 4
"""Most searches until a plan is confirmed. Each asks for a little more than the one before."""
LATER_DAYS: Final = 60
"""Days after the deadline among which the earliest possible deadline is searched."""


@dataclass(frozen=True, slots=True)
class Option:
    """A roster and its outcome."""

    roster: Roster
    chance: Chance
    completion: Completion
    cost: Cost


@dataclass(frozen=True, slots=True)
class Needed:
    """Ways that would suffice where the limits do not: longer hours, more seats with printers, or more time.

    No way needs more overtime on a day than the rule of pay allows. `earliest_ms` is the first deadline that everything
    that may be ordered meets with the confidence asked for.
    """

    longer_h: float | None
    more_seats: int | None
    earliest_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a problem.

    `best` is None when nothing within the limits suffices; `needed` then names ways that would. `regular` is the
    outcome without new orders, `most` that of all that may be ordered. Every chance is from fresh worlds, by which no
    roster was chosen. `limits` removes each limit once. `prices` adds a little of everything to the plan. `transfer`
    moves blanks between stations, where that helps.
    """

    problem: Problem
    best: Option | None
    regular: Option
    most: Option
    limits: Comparison
    prices: Comparison
    needed: Needed | None
    transfer: Transfer | None

    @property
    def confirmed(self) -> Chance | None:
        """Chance of the plan in fresh worlds."""
        return self.best.chance if self.best else None

    @property
    def allowed_h(self) -> float:
        """Most overtime on a working day, by the terms and by the rule of pay."""
        return longest_halves(self.problem, strictest_rule(self.problem)) / HALVES

    @property
    def capped_by(self) -> PayRule | None:
        """Rule of pay that allows less overtime on a working day than the terms do."""
        rule = strictest_rule(self.problem)
        return rule if rule.cap_day_h is not None and rule.cap_day_h < self.problem.max_hours else None

    @property
    def opens(self) -> bool:
        """Return True if a station opens before the deadline."""
        return any(one.shifts for station in self.problem.stations for one in office_days(self.problem, station))

    @property
    def committed_rupiah(self) -> int:
        """Pay of the overtime ordered already, until the deadline."""
        return price_rupiah(self.problem, overtime_by_station(self.problem, ()))

    @property
    def holds(self) -> bool:
        """Return True if fresh worlds confirm the plan with the confidence asked for."""
        return self.confirmed is not None and self.confirmed.share >= self.problem.confidence


def make_plan(problem: Problem, *, threads: Executor | None = None, progress: Progress | None = None) -> Plan:
    """Answer a problem. `progress` receives the number of rosters evaluated; an exception in it ends the search."""
    worlds = draw_worlds(problem)
    search = Search(problem, worlds, threads, progress or (lambda _: None))
    regular, most = regular_roster(problem), search.choices.most
    fresh = _fresh(search)
    chosen = _confirm(search, fresh)
    options = {
        roster: Option(
            roster,
            fresh.chance(roster),
            trace_completion(worlds, roster, threads=threads),
            cost_of(problem, roster),
        )
        for roster in (regular, most, chosen)
        if roster
    }
    return Plan(
        problem=problem,
        best=options[chosen] if chosen else None,
        regular=options[regular],
        most=options[most],
        limits=limits(worlds, regular if chosen else most, threads),
        prices=prices(worlds, chosen or most, threads),
        needed=None if chosen else _find_needed(worlds, threads),
        transfer=best_transfer(worlds, chosen or most, options[chosen or most].completion, threads=threads),
    )


def _fresh(search: Search) -> Search:
    """Return a search in worlds by which no roster is chosen."""
    problem = search.problem
    room = not too_many(2 * sum(len(station.waiting) for station in problem.stations), problem.worlds)
    return Search(problem, draw_worlds(problem, seed=problem.seed + FRESH, kept=room), search.threads)


def _confirm(search: Search, fresh: Search) -> Roster | None:
    """Find the cheapest roster that also suffices in fresh worlds.

    A roster that barely passes is often a lucky draw (winner's curse). So the search asks for a little more each time
    the fresh worlds refuse. If they refuse each roster, it is tried with all people in working time, who cost nothing,
    and at last all that is allowed. If none is confirmed, the one with the best confirmed chance is the answer. Where
    regular hours suffice in the fresh worlds they are the answer: nothing is cheaper.
    """
    problem, regular, most = search.problem, regular_roster(search.problem), search.choices.most
    if fresh.chance(regular).share >= problem.confidence:
        return regular
    asked, tried = problem.confidence, []
    for _ in range(CONFIRMATIONS):
        roster = search.cheapest(asked)
        if roster is None:
            break
        tried.append((roster, fresh.chance(roster)))
        gap = problem.confidence - tried[-1][1].share
        if gap <= 0:
            return roster
        asked = min(asked + max(gap, 1 / problem.worlds), (1 + asked) / 2)
    manned = (_with_all_people(roster, most) for roster, _ in tried)
    for roster in (*manned, most):
        if fresh.chance(roster).share >= problem.confidence:
            return roster
    return max(tried, key=lambda each: each[1].share, default=(None, None))[0]


def _with_all_people(roster: Roster, most: Roster) -> Roster:
    """Return a roster with the most people in working time that are allowed, and its own overtime."""
    return Roster(
        tuple(
            tuple(seats._replace(regular=allowed.regular) for seats, allowed in zip(row, wider, strict=True))
            for row, wider in zip(roster.seats, most.seats, strict=True)
        )
    )


def _find_needed(worlds: Worlds, threads: Executor | None) -> Needed:
    """Remove the limits one after the other until something suffices."""
    few = worlds.for_problem(replace(worlds.problem, worlds=min(worlds.problem.worlds, SHOWN_WORLDS)))
    return Needed(
        longer_h=_fewest_hours(few, threads),
        more_seats=_fewest_seats(few, threads),
        earliest_ms=_earliest_ms(few, threads),
    )


def _fewest_hours(worlds: Worlds, threads: Executor | None) -> float | None:
    """Find the shortest overtime a day that suffices with all seats; the rule's cap or midnight is the end."""
    problem = worlds.problem
    search, rule = Search(problem, worlds, threads), strictest_rule(problem)
    allowed, step = longest_halves(problem, rule), step_halves(rule)
    wider = longest_halves(replace(problem, max_hours=LONGEST_HALVES / HALVES), rule)
    hours = (halves / HALVES for halves in range(allowed + step, wider + 1, step))
    return next((h for h in hours if search.suffices(_uniform_most(problem, h), problem.confidence)), None)


def _uniform_most(problem: Problem, hours: float | None = None) -> Roster:
    """Return the roster of all seats on every working day, for some hours or for all that are allowed."""
    longest = longest_halves(problem, strictest_rule(problem)) / HALVES
    return uniform_roster(problem, most_seats(problem), longest if hours is None else hours)


def _fewest_seats(worlds: Worlds, threads: Executor | None) -> int | None:
    """Find the fewest seats, each with a printer, that suffice in the hours allowed: by doubling and halving."""
    problem = worlds.problem

    def suffices(seats: int) -> bool:
        stations = tuple(replace(station, printers=seats, printer_each=True) for station in problem.stations)
        wider = replace(problem, max_seats=seats, stations=stations)
        search = Search(wider, worlds.for_problem(wider), threads)
        return search.suffices(_uniform_most(wider), problem.confidence)

    low, high = most_seats(problem), max(1, 2 * most_seats(problem))
    while not suffices(high):
        low, high = high, 2 * high
        if high > MANY_SEATS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def _earliest_ms(worlds: Worlds, threads: Executor | None) -> int:
    """Trace all that may be ordered beyond the deadline, day after day."""
    problem = worlds.problem
    later = replace(problem, deadline_ms=problem.deadline_ms + LATER_DAYS * DAY_MS)
    completion = trace_completion(worlds.for_problem(later), _uniform_most(later), threads=threads)
    return completion.finish_quantile_ms(problem.confidence)
