"""Sensitivity: the limit that binds, and the effect of a little more of something, on the same worlds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from planner.arrays import ENOUGH
from planner.decision.choices import HALVES, longest_halves, strictest_rule
from planner.decision.search import Chance, Search
from planner.outcomes import SHOWN_WORLDS
from planner.problem import DaySeats, Roster, office_days, uniform_roster

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from planner.problem import OfficeDay, Problem, StationInput, Worlds

MORE_BLANKS: Final = 500
"""Blanks of one delivery (500 every two weeks, A)."""
MORE_PRINTERS: Final = 2
"""Factor of printers that removes them as a limit."""
HALF_A_CARD: Final = 0.5
"""Fewest cards that a limit must cost to be named."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change and its effect: the chance to be clear in time, and the cards printed in time."""

    what: str
    chance: Chance
    in_time: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A roster as it is, and with one thing changed. The change with the largest effect is first."""

    at: Roster
    now: Change
    changed: tuple[Change, ...]

    @property
    def binding(self) -> str | None:
        """Name of the change with the largest effect, or None if no change prints a further card."""
        most = self.changed[0]
        return most.what if most.in_time > self.now.in_time + HALF_A_CARD else None


def limits(worlds: Worlds, at: Roster, threads: Executor | None = None) -> Comparison:
    """Remove each limit once: people, printers, blanks, ribbon, centre."""
    problem = worlds.problem
    more_printers = replace(
        _with_stations(problem, lambda station: replace(station, printers=MORE_PRINTERS * station.printers)),
        timing=replace(problem.timing, breakdown_every_h=0.0),
    )
    # If every printer has its operator already, more printers also get the further people that the terms allow.
    manned = all(
        seats.regular >= station.printers
        for station, row in zip(problem.stations, at.seats, strict=True)
        for seats in row
    )
    hours = longest_halves(problem, strictest_rule(problem)) / HALVES
    wider = uniform_roster(more_printers, problem.max_seats, hours) if manned else at
    all_people = _with_stations(problem, lambda one: replace(one, seats=one.printers))
    asked = [
        ("people", all_people, _man_printers(problem, at)),
        ("printers", more_printers, wider),
        ("blanks", _with_stations(problem, lambda one: replace(one, blanks=ENOUGH)), at),
        ("ribbon", _with_stations(problem, lambda one: replace(one, ribbon=ENOUGH)), at),
        ("centre", replace(problem, arrivals=problem.arrivals.without_centre()), at),
    ]
    return _compare(worlds, at, asked, threads)


def prices(worlds: Worlds, at: Roster, threads: Executor | None = None) -> Comparison:
    """Add a little to a roster: an hour a day where the rule of pay allows it, a seat, blanks."""
    problem = worlds.problem
    longer = [("one more hour", problem, _longer(problem, at))] if _may_be_longer(problem, at) else []
    asked = [
        *longer,
        ("one more seat", problem, _wider(problem, at)),
        (f"{MORE_BLANKS} more blanks", with_blanks(problem, MORE_BLANKS), at),
    ]
    return _compare(worlds, at, asked, threads)


def evaluate_change(what: str, worlds: Worlds, problem: Problem, at: Roster) -> Change:
    """Evaluate a roster in the worlds of a changed problem."""
    few = replace(problem, worlds=min(problem.worlds, SHOWN_WORLDS))
    search = Search(few, worlds.for_problem(few))
    return Change(what, search.chance(at), search.in_time(at))


def _compare(
    worlds: Worlds, at: Roster, asked: Sequence[tuple[str, Problem, Roster]], threads: Executor | None
) -> Comparison:
    """Compare a roster as it is with the changes asked for, side by side where there are threads."""
    every = [("as it is", worlds.problem, at), *asked]
    now, *changed = (threads.map if threads else map)(lambda one: evaluate_change(one[0], worlds, *one[1:]), every)
    return Comparison(at, now, tuple(sorted(changed, key=lambda change: (-change.in_time, -change.chance.share))))


def _map_seats(problem: Problem, at: Roster, change: Callable[[StationInput, OfficeDay, DaySeats], DaySeats]) -> Roster:
    return Roster(
        tuple(
            tuple(change(station, one, seats) for one, seats in zip(office_days(problem, station), row, strict=True))
            for station, row in zip(problem.stations, at.seats, strict=True)
        )
    )


def _man_printers(problem: Problem, at: Roster) -> Roster:
    """Give every printer an operator, in working time and as long as any seat is open after it."""

    def all_printers(station: StationInput, one: OfficeDay, seats: DaySeats) -> DaySeats:
        longest = max(seats.overtime, default=0)
        return DaySeats(
            station.printers if one.shifts else seats.regular, (longest,) * station.printers if longest else ()
        )

    return _map_seats(problem, at, all_printers)


def _may_be_longer(problem: Problem, at: Roster) -> bool:
    """Return whether the rule of pay allows every seat one more hour on a day."""
    cap_h = strictest_rule(problem).cap_day_h
    longest = max((halves for row in at.seats for seats in row for halves in seats.overtime), default=0)
    return cap_h is None or longest + HALVES <= cap_h * HALVES


def _longer(problem: Problem, at: Roster) -> Roster:
    """Let every seat stay one hour longer on working days; without overtime the regular seats stay."""

    def stay(_: StationInput, one: OfficeDay, seats: DaySeats) -> DaySeats:
        staying = seats.overtime or (0,) * seats.regular
        return seats._replace(overtime=tuple(halves + HALVES for halves in staying)) if one.shifts else seats

    return _map_seats(problem, at, stay)


def _wider(problem: Problem, at: Roster) -> Roster:
    """Open one more seat on working days, at the station with most waiting cards for each seat and a free printer."""

    def load(index: int) -> float:
        station, seats = problem.stations[index], max((one.regular for one in at.seats[index]), default=0)
        return len(station.waiting) / max(seats, 0.5) if seats < station.printers else -1.0

    chosen = problem.stations[max(range(len(problem.stations)), key=load)]

    def one_more(station: StationInput, one: OfficeDay, seats: DaySeats) -> DaySeats:
        if station is not chosen or not one.shifts:
            return seats
        longest = max(seats.overtime, default=0)
        return DaySeats(seats.regular + 1, (longest, *seats.overtime) if longest else ())

    return _map_seats(problem, at, one_more)


def _with_stations(problem: Problem, change: Callable[[StationInput], StationInput]) -> Problem:
    return replace(problem, stations=tuple(change(station) for station in problem.stations))


def with_blanks(problem: Problem, more: int, *, at_ms: int | None = None) -> Problem:
    """Deliver blanks now or later, to each station in proportion to its waiting cards: these blanks, and no fewer."""
    waiting = [len(station.waiting) for station in problem.stations]
    edges = list(accumulate(waiting if any(waiting) else [1] * len(waiting), initial=0))
    parts = (more * end // edges[-1] - more * begin // edges[-1] for begin, end in pairwise(edges))
    stations = zip(problem.stations, parts, strict=True)
    return replace(
        problem,
        stations=tuple(replace(one, blanks=one.blanks.plus(part, since_ms=at_ms)) for one, part in stations),
    )
