"""The plan: the cheapest roster that clears by the deadline, the limit that binds, and the effect of a little more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from planner.decision.choices import HALVES, longest_halves, strictest_rule
from planner.decision.cost import Cost, cost_of, overtime_by_station, price_rupiah
from planner.decision.needed import Needed, find_needed
from planner.decision.search import Chance, Progress, Search
from planner.decision.sensitivity import Comparison, limits, prices
from planner.decision.transfer import Transfer, best_transfer
from planner.outcomes import Completion, trace_completion
from planner.problem import Problem, Roster, draw_worlds, office_days, regular_roster, too_many

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from lembur.domain.scenario import PayRule

FRESH: Final = 1_000_003
"""Added to the seed for the fresh worlds that confirm a plan."""
CONFIRMATIONS: Final = 4
"""Most searches until a plan is confirmed. Each asks for a little more than the one before."""


@dataclass(frozen=True, slots=True)
class Option:
    """A roster and its outcome."""

    roster: Roster
    chance: Chance
    completion: Completion
    cost: Cost


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
    transfer = best_transfer(worlds, chosen or most, options[chosen or most].completion, threads=threads)
    return Plan(
        problem=problem,
        best=options[chosen] if chosen else None,
        regular=options[regular],
        most=options[most],
        limits=limits(worlds, regular if chosen else most, threads),
        prices=prices(worlds, chosen or most, threads),
        needed=None if chosen else find_needed(fresh, transfer),
        transfer=transfer,
    )


def _fresh(search: Search) -> Search:
    """Return a search in worlds by which no roster is chosen."""
    problem = search.problem
    # Beside the worlds of the search there may be a third set: that of a later deadline.
    room = not too_many(3 * sum(len(station.waiting) for station in problem.stations), problem.worlds)
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
