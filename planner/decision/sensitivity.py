"""One thing different: which limit binds, and what a little more of something buys, on the same worlds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from planner.arrays import ENOUGH, Steps
from planner.decision.search import Chance, Search
from planner.outcomes import SHOWN_WORLDS
from planner.problem import Roster

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.problem import Problem, StationInput, Worlds

MORE_BLANKS: Final = 500
"""As many as one delivery brings (500 every two weeks, A)."""
MORE_PRINTERS: Final = 2
"""Printers are no limit where there are so many times more of them."""
HALF_A_CARD: Final = 0.5
"""A limit that costs less is none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different, and what it leads to: the chance to be clear in time, and cards printed in time."""

    what: str
    chance: Chance
    in_time: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A roster as it is, and with one thing changed, the one that brings most first."""

    at: Roster
    now: Change
    changed: tuple[Change, ...]

    @property
    def binding(self) -> str | None:
        """Name the change that brings most, or None where none brings a card."""
        most = self.changed[0]
        return most.what if most.in_time > self.now.in_time + HALF_A_CARD else None


def limits(worlds: Worlds, at: Roster) -> Comparison:
    """Take each limit away once: people, printers, blanks, ribbon, centre."""
    problem = worlds.problem
    relaxed = {
        "people": _places(problem, lambda station: replace(station, seats=station.printers)),
        "printers": replace(
            _places(problem, lambda station: replace(station, printers=MORE_PRINTERS * station.printers)),
            timing=replace(problem.timing, breakdown_every_h=0.0),
        ),
        "blanks": _places(problem, lambda station: replace(station, blanks=ENOUGH)),
        "ribbon": _places(problem, lambda station: replace(station, ribbon=ENOUGH)),
        "centre": replace(problem, arrivals=problem.arrivals.without_centre()),
    }
    every = sum(station.printers for station in problem.stations)
    # Where every printer has its operator already, more printers take as many more people as may be asked for.
    seats = {"people": every, "printers": problem.max_seats if at.seats >= every else 0}
    changed = [
        changed_to(what, worlds, different, Roster(max(at.seats, seats.get(what, 0)), at.hours))
        for what, different in relaxed.items()
    ]
    return _compared(worlds, at, changed)


def prices(worlds: Worlds, at: Roster) -> Comparison:
    """Add a little to a roster: an hour a day, a seat, blanks."""
    problem = worlds.problem
    changed = [
        changed_to("one more hour", worlds, problem, Roster(at.seats, at.hours + 1.0)),
        changed_to("one more seat", worlds, problem, Roster(at.seats + 1, at.hours)),
        changed_to(f"{MORE_BLANKS} more blanks", worlds, with_blanks(problem, MORE_BLANKS), at),
    ]
    return _compared(worlds, at, changed)


def changed_to(what: str, worlds: Worlds, problem: Problem, at: Roster) -> Change:
    """Tell what a roster leads to in worlds under a problem that differs."""
    few = replace(problem, worlds=min(problem.worlds, SHOWN_WORLDS))
    search = Search(few, worlds.for_problem(few))
    return Change(what, search.chance(at), search.in_time(at))


def _compared(worlds: Worlds, at: Roster, changed: list[Change]) -> Comparison:
    by_worth = sorted(changed, key=lambda change: (-change.in_time, -change.chance.share))
    return Comparison(at, changed_to("as it is", worlds, worlds.problem, at), tuple(by_worth))


def _places(problem: Problem, different: Callable[[StationInput], StationInput]) -> Problem:
    return replace(problem, stations=tuple(different(station) for station in problem.stations))


def with_blanks(problem: Problem, more: int) -> Problem:
    """Deliver blanks now, to each station in proportion to what waits there."""
    waiting = sum(len(station.waiting) for station in problem.stations)

    def supplied(station: StationInput) -> StationInput:
        part = more * len(station.waiting) // waiting if waiting else more // len(problem.stations)
        return replace(station, blanks=Steps(station.blanks.at_ms, station.blanks.values + part))

    return _places(problem, supplied)
