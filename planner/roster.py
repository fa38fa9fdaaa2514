"""From so many seats for so many hours to the seat orders of each station, and the roster that is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.calendar import HOUR_MS, day_of
from lembur.domain.capacity import SeatOrder, StationCode, Step, Window, steps
from planner.station import Calendar, Roster

if TYPE_CHECKING:
    from planner.question import Place, Question


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
    """Write the plan as seat orders, one for each station and working day; regular seats in regular hours need none."""
    found = []
    for code, seats in spread(question, overtime.seats).items():
        place = next(place for place in question.places if place.code == code)
        for shift in shifts(question):
            until = overtime_end_ms(question, shift, overtime)
            begins = max(shift.start_ms if seats > place.seats else shift.end_ms, question.now_ms)
            if begins < until and seats:
                found.append(SeatOrder(code, seats, begins, until, by, reason))
    return found


def overtime_end_ms(question: Question, shift: Window, overtime: Overtime) -> int:
    """Tell until when a day's overtime lasts: so long after closing, and never beyond the deadline."""
    return min(shift.end_ms + round(overtime.hours * HOUR_MS), question.deadline_ms)


def shifts(question: Question) -> list[Window]:
    """List the working days from now until the deadline, also today's when it is over: it may go on in overtime."""
    found = question.working.shifts(day_of(question.now_ms), day_of(question.deadline_ms))
    return [shift for shift in found if shift.start_ms < question.deadline_ms]


def calendar(question: Question, place: Place, placed: list[SeatOrder], *, until_ms: int) -> list[Step]:
    """Tell the seats wanted at a place over time, under these orders and its regular hours, until a moment."""
    first, last = day_of(question.now_ms), day_of(until_ms)
    return steps(
        shifts=question.working.shifts(first, last),
        breaks=question.working.breaks(first, last),
        base_seats=place.seats,
        printers=place.printers,
        orders=[order for order in placed if order.station == place.code],
    )


def rosters(question: Question, overtime: Overtime, *, until_ms: int | None = None) -> list[Roster]:
    """Lay out the roster of each place for the kernel, until the deadline or a later moment."""
    placed = orders(question, overtime)
    given = spread(question, overtime.seats)
    until = question.deadline_ms if until_ms is None else until_ms
    return [
        Roster(
            Calendar.of((step.at_ms, step.seats) for step in calendar(question, place, placed, until_ms=until)),
            given[place.code] if place.printer_each else place.printers,
        )
        for place in question.places
    ]
