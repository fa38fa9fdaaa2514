"""From so many seats for so many hours to the seat orders of each station, and the roster that is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.calendar import HOUR_MS, day_of
from lembur.domain.seats import SeatOrder, StationCode, Step, Window, steps
from planner.simulation.replay import Calendar, Roster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.problem.problem import Place, Question


@dataclass(frozen=True, slots=True, order=True)
class Overtime:
    """So many seats in all, from opening until so many hours after closing, on every working day until the deadline."""

    seats: int
    hours: float


def least_seats(question: Question) -> int:
    """Count the regular seats: a plan takes nobody away."""
    return sum(place.seats for place in question.places)


def most_seats(question: Question) -> int:
    """Count the seats there can be: as many as asked for, and never more than there are printers."""
    printers = sum(place.printers for place in question.places)
    return max(least_seats(question), min(question.max_seats, printers))


def spread(question: Question, seats: int) -> dict[StationCode, int]:
    """Give each station its part of the seats: one after the other goes where most cards wait for each seat.

    Each keeps its regular seats, and none has more than printers. One seat more takes nothing from anybody, so that
    more seats never delay a card.
    """
    places = {place.code: place for place in question.places}
    given = {code: place.seats for code, place in places.items()}
    loads = {
        place.code: len(place.waiting) + float(coming)
        for place, coming in zip(question.places, question.coming.expected(question.cutoff_ms), strict=True)
    }
    for _ in range(seats - least_seats(question)):
        free = [code for code in places if given[code] < places[code].printers]
        if free:
            neediest = max(
                free, key=lambda code: (loads[code] / given[code] if given[code] else float("inf"), loads[code])
            )
            given[neediest] += 1
    return given


def orders(question: Question, overtime: Overtime, *, by: str = "planner", reason: str = "plan") -> list[SeatOrder]:
    """Write the plan as seat orders, for each station and working day; regular seats in regular hours need none.

    Where as many seats are ordered already, nothing is ordered: a plan takes no seat away.
    """
    return _orders(question, overtime, spread(question, overtime.seats), by=by, reason=reason)


def _orders(
    question: Question, overtime: Overtime, given: dict[StationCode, int], *, by: str, reason: str
) -> list[SeatOrder]:
    found = []
    for place in question.places:
        seats = given[place.code]
        for shift in shifts(question):
            begins = max(shift.start_ms if seats > place.seats else shift.end_ms, question.now_ms)
            window = Window(begins, overtime_end_ms(question, shift, overtime))
            short = _short_of(question, place, shift, seats, window)
            found += [SeatOrder(place.code, seats, part.start_ms, part.end_ms, by, reason) for part in short]
    return found


def _short_of(question: Question, place: Place, shift: Window, seats: int, window: Window) -> Iterator[Window]:
    """Find the stretches of a window in which fewer seats than these are open by shift and order."""
    own = [order for order in question.ordered if order.station == place.code]
    edges = {edge for order in own for edge in (order.from_ms, order.until_ms)} | {shift.end_ms}
    inside = sorted(edge for edge in edges if window.start_ms < edge < window.end_ms)
    begun: int | None = None
    for edge in [window.start_ms, *inside] if window.start_ms < window.end_ms else []:
        there = place.seats if edge < shift.end_ms else 0
        for order in own:
            there = order.seats if order.from_ms <= edge < order.until_ms else there
        if begun is not None and there >= seats:
            yield Window(begun, edge)
            begun = None
        elif begun is None and there < seats:
            begun = edge
    if begun is not None:
        yield Window(begun, window.end_ms)


def overtime_end_ms(question: Question, shift: Window, overtime: Overtime) -> int:
    """Tell until when a day's overtime lasts: so long after closing, and never beyond the deadline."""
    return min(shift.end_ms + round(overtime.hours * HOUR_MS), question.deadline_ms)


def shifts(question: Question) -> list[Window]:
    """List the working days from now until the deadline, also today's when it is over: it may go on in overtime."""
    found = question.working.shifts(day_of(question.now_ms), day_of(question.deadline_ms))
    return [shift for shift in found if shift.start_ms < question.deadline_ms]


def calendar(question: Question, place: Place, placed: list[SeatOrder], *, until_ms: int) -> list[Step]:
    """Tell the seats wanted at a place over time, under its regular hours and orders and these, until a moment."""
    first, last = day_of(question.now_ms), day_of(until_ms)
    return steps(
        shifts=question.working.shifts(first, last),
        breaks=question.working.breaks(first, last),
        base_seats=place.seats,
        printers=place.printers,
        orders=[order for order in (*question.ordered, *placed) if order.station == place.code],
    )


def rosters(question: Question, overtime: Overtime, *, until_ms: int | None = None) -> list[Roster]:
    """Lay out the roster of each place for the kernel, until the deadline or a later moment."""
    given = spread(question, overtime.seats)
    placed = _orders(question, overtime, given, by="planner", reason="plan")
    until = question.deadline_ms if until_ms is None else until_ms
    return [
        Roster(
            Calendar.of((step.at_ms, step.seats) for step in calendar(question, place, placed, until_ms=until)),
            given[place.code] if place.printer_each else place.printers,
        )
        for place in question.places
    ]
