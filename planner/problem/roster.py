"""From so many seats for so many hours to the seat orders of each station, and the roster that is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.seats import SeatOrder, StationCode, Step, Window, steps
from lembur.domain.time import HOUR_MS
from planner.arrays import Steps
from planner.simulation import Staffing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.calendar import Calendar
    from planner.problem.problem import Problem, StationInput


@dataclass(frozen=True, slots=True, order=True)
class Roster:
    """So many seats in all, from opening until so many hours after closing, on every working day until the deadline."""

    seats: int
    hours: float


def least_seats(problem: Problem) -> int:
    """Count the regular seats: a plan takes nobody away."""
    return sum(station.seats for station in problem.stations)


def most_seats(problem: Problem) -> int:
    """Count the seats there can be: as many as asked for, and never more than there are printers."""
    printers = sum(station.printers for station in problem.stations)
    return max(least_seats(problem), min(problem.max_seats, printers))


def spread(problem: Problem, seats: int) -> dict[StationCode, int]:
    """Give each station its part of the seats: one after the other goes where most cards wait for each seat.

    Each keeps its regular seats, and none has more than printers. One seat more takes nothing from anybody, so that
    more seats never delay a card.
    """
    stations = {station.code: station for station in problem.stations}
    given = {code: station.seats for code, station in stations.items()}
    loads = {
        station.code: len(station.waiting) + float(coming)
        for station, coming in zip(problem.stations, problem.arrivals.expected(problem.cutoff_ms), strict=True)
    }
    for _ in range(seats - least_seats(problem)):
        free = [code for code in stations if given[code] < stations[code].printers]
        if free:
            neediest = max(
                free, key=lambda code: (loads[code] / given[code] if given[code] else float("inf"), loads[code])
            )
            given[neediest] += 1
    return given


def orders(problem: Problem, roster: Roster, *, by: str = "planner", reason: str = "plan") -> list[SeatOrder]:
    """Write the plan as seat orders, for each station and working day; regular seats in regular hours need none.

    Where as many seats are ordered already, nothing is ordered: a plan takes no seat away.
    """
    return _orders(problem, roster, spread(problem, roster.seats), by=by, reason=reason)


def _orders(
    problem: Problem, roster: Roster, given: dict[StationCode, int], *, by: str, reason: str
) -> list[SeatOrder]:
    found = []
    for station in problem.stations:
        seats = given[station.code]
        for shift in shifts(problem, station.working):
            begins = max(shift.start_ms if seats > station.seats else shift.end_ms, problem.now_ms)
            window = Window(begins, overtime_end_ms(problem, shift, roster))
            short = _short_of(problem, station, seats, window)
            found += [SeatOrder(station.code, seats, part.start_ms, part.end_ms, by, reason) for part in short]
    return found


def _short_of(problem: Problem, station: StationInput, seats: int, window: Window) -> Iterator[Window]:
    """Find the stretches of a window in which fewer seats than these are open by shift and order."""
    own = [order for order in problem.ordered if order.station == station.code]
    regular = shifts(problem, station.working)
    edges = {edge for order in own for edge in (order.from_ms, order.until_ms)}
    edges |= {edge for shift in regular for edge in (shift.start_ms, shift.end_ms)}
    inside = sorted(edge for edge in edges if window.start_ms < edge < window.end_ms)
    begun: int | None = None
    for edge in [window.start_ms, *inside] if window.start_ms < window.end_ms else []:
        there = station.seats if any(shift.start_ms <= edge < shift.end_ms for shift in regular) else 0
        for order in own:
            there = order.seats if order.from_ms <= edge < order.until_ms else there
        if begun is not None and there >= seats:
            yield Window(begun, edge)
            begun = None
        elif begun is None and there < seats:
            begun = edge
    if begun is not None:
        yield Window(begun, window.end_ms)


def overtime_end_ms(problem: Problem, shift: Window, roster: Roster) -> int:
    """Tell until when a day's roster lasts: so long after closing, and never beyond the deadline."""
    return min(shift.end_ms + round(roster.hours * HOUR_MS), problem.deadline_ms)


def shifts(problem: Problem, working: Calendar) -> list[Window]:
    """List the working days from now until the deadline, also today's when it is over: it may go on in roster."""
    found = working.shifts(working.day_of(problem.now_ms), working.day_of(problem.deadline_ms))
    return [shift for shift in found if shift.start_ms < problem.deadline_ms]


def calendar(problem: Problem, station: StationInput, placed: Sequence[SeatOrder], *, until_ms: int) -> list[Step]:
    """Tell the seats wanted at a station over time, under its regular hours and orders and these, until a moment."""
    first, last = station.working.day_of(problem.now_ms), station.working.day_of(until_ms)
    return steps(
        shifts=station.working.shifts(first, last),
        breaks=station.working.breaks(first, last),
        base_seats=station.seats,
        printers=station.printers,
        orders=[order for order in (*problem.ordered, *placed) if order.station == station.code],
    )


def staffings(problem: Problem, roster: Roster, *, until_ms: int | None = None) -> list[Staffing]:
    """Lay out the roster of each station for the kernel, until the deadline or a later moment."""
    given = spread(problem, roster.seats)
    placed = _orders(problem, roster, given, by="planner", reason="plan")
    until = problem.deadline_ms if until_ms is None else until_ms
    return [
        Staffing(
            Steps.of((step.at_ms, step.seats) for step in calendar(problem, station, placed, until_ms=until)),
            given[station.code] if station.printer_each else station.printers,
        )
        for station in problem.stations
    ]
