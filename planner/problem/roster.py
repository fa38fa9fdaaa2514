"""Rosters: seats by station and date, their seat orders, and the staffing that is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from lembur.domain.seats import SeatOrder, StationCode, Step, Window, steps
from lembur.domain.time import HOUR_MS, days
from planner.arrays import Steps
from planner.simulation import Staffing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from lembur.domain.calendar import Calendar as WorkingTime
    from planner.problem.problem import Problem, StationInput

HALF_HOUR_MS: Final = HOUR_MS // 2
KEPT: Final = 256
"""Calendars of stations kept: a search asks for the same dates thousands of times."""


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """A date on which seats can be ordered: its shifts, none on a day off, and the begin of its overtime.

    Overtime begins at closing. On a day off it begins at the usual opening. `most` is the number of half hours from
    then until the deadline.
    """

    day: date
    shifts: tuple[Window, ...]
    begins_ms: int
    most: int


class DaySeats(NamedTuple):
    """Seats of a station on one date: in working time, and the overtime of each seat in half hours, longest first."""

    regular: int
    overtime: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Seats by station and by office day."""

    seats: tuple[tuple[DaySeats, ...], ...]

    def with_seats(self, station: int, day: int, seats: DaySeats) -> Roster:
        """Return the roster with other seats of one station on one date."""
        row = self.seats[station]
        changed = (*row[:day], seats, *row[day + 1 :])
        return Roster((*self.seats[:station], changed, *self.seats[station + 1 :]))


def office_days(problem: Problem, station: StationInput) -> Sequence[OfficeDay]:
    """List a station's dates from now until the deadline, today's also after closing.

    A shift over midnight belongs to the date on which it begins. Overtime ends at the next shift.
    """
    return _office_days(station.working, problem.now_ms, problem.deadline_ms)


@lru_cache(KEPT)
def _office_days(working: WorkingTime, now_ms: int, deadline_ms: int) -> tuple[OfficeDay, ...]:
    found = []
    first, last = working.day_of(now_ms), working.day_of(deadline_ms)
    every = [(working.day_of(shift.start_ms), shift) for shift in working.shifts(first, last)]
    for day in days(first, last):
        shifts = tuple(shift for begun, shift in every if begun == day and shift.start_ms < deadline_ms)
        begins = shifts[-1].end_ms if shifts else working.at_ms(day, working.hours.opens)
        ends = min([deadline_ms, *(shift.start_ms for _, shift in every if shift.start_ms >= begins)])
        found.append(OfficeDay(day, shifts, begins, max(0, -(-(ends - begins) // HALF_HOUR_MS))))
    return tuple(found)


@lru_cache(KEPT)
def _shifts_and_breaks(working: WorkingTime, first: date, last: date) -> tuple[Sequence[Window], Sequence[Window]]:
    return working.shifts(first, last), working.breaks(first, last)


def least_seats(problem: Problem) -> int:
    """Count the regular seats: a plan closes none of them."""
    return sum(station.seats for station in problem.stations)


def most_seats(problem: Problem) -> int:
    """Count the seats that may be open at once: never more than there are printers."""
    printers = sum(station.printers for station in problem.stations)
    return max(least_seats(problem), min(problem.max_seats, printers))


def regular_roster(problem: Problem) -> Roster:
    """Return the roster that adds nothing to shifts and orders."""
    return Roster(
        tuple((DaySeats(station.seats),) * len(office_days(problem, station)) for station in problem.stations)
    )


def uniform_roster(problem: Problem, seats: int, hours: float) -> Roster:
    """Return the roster of equal seats on every working day, from opening until a number of hours after closing."""
    given, halves = spread(problem, seats), int(hours * HOUR_MS // HALF_HOUR_MS)
    return Roster(
        tuple(
            tuple(
                DaySeats(given[station.code], (min(halves, one.most),) * given[station.code] if halves else ())
                if one.shifts
                else DaySeats(station.seats)
                for one in office_days(problem, station)
            )
            for station in problem.stations
        )
    )


def spread(problem: Problem, seats: int) -> dict[StationCode, int]:
    """Share seats out among the stations: each next seat goes where most cards wait for each seat.

    Each station keeps its regular seats, and none has more seats than printers. One seat more in all takes no seat from
    a station, so more seats never delay a card.
    """
    stations = {station.code: station for station in problem.stations}
    given = {code: station.seats for code, station in stations.items()}
    expected = problem.arrivals.expected_cards(problem.cards_until_ms)
    loads = {
        station.code: len(station.waiting) + float(coming)
        for station, coming in zip(problem.stations, expected, strict=True)
    }
    for _ in range(seats - least_seats(problem)):
        free = [code for code in stations if given[code] < stations[code].printers]
        if free:
            neediest = max(
                free, key=lambda code: (loads[code] / given[code] if given[code] else float("inf"), loads[code])
            )
            given[neediest] += 1
    return given


def orders(problem: Problem, roster: Roster) -> list[SeatOrder]:
    """Write a roster as seat orders. Regular seats in working time need none.

    Where as many seats are ordered already, no order is written: a plan closes no seat.
    """
    return [
        order
        for station, row in zip(problem.stations, roster.seats, strict=True)
        for order in station_orders(problem, station, office_days(problem, station), row)
    ]


def station_orders(
    problem: Problem, station: StationInput, dates: Sequence[OfficeDay], row: Sequence[DaySeats]
) -> list[SeatOrder]:
    """Write the seats of one station as orders."""
    found = []
    for one, seats in zip(dates, row, strict=True):
        for planned, count in _stretches(station, one, seats):
            window = Window(max(planned.start_ms, problem.now_ms), min(planned.end_ms, problem.deadline_ms))
            found += [
                SeatOrder(station.code, count, part.start_ms, part.end_ms, "planner", "plan")
                for part in _short_of(problem, station, count, window)
            ]
    return found


def _stretches(station: StationInput, one: OfficeDay, seats: DaySeats) -> list[tuple[Window, int]]:
    """List the stretches of a date and their seats, neighbours with equal seats joined."""
    planned = [(shift, seats.regular) for shift in one.shifts if seats.regular > station.seats]
    after = 0
    for halves in sorted(set(seats.overtime)):
        window = Window(one.begins_ms + after * HALF_HOUR_MS, one.begins_ms + halves * HALF_HOUR_MS)
        planned.append((window, sum(other >= halves for other in seats.overtime)))
        after = halves
    found: list[tuple[Window, int]] = []
    for window, count in planned:
        if found and found[-1][1] == count and found[-1][0].end_ms == window.start_ms:
            found.append((Window(found.pop()[0].start_ms, window.end_ms), count))
        else:
            found.append((window, count))
    return found


def _short_of(problem: Problem, station: StationInput, seats: int, window: Window) -> Iterator[Window]:
    """Find the stretches of a window in which the orders given open fewer seats. The regular seats are always fewer."""
    own = [order for order in problem.ordered if order.station == station.code]
    edges = {edge for order in own for edge in (order.from_ms, order.until_ms)}
    inside = sorted(edge for edge in edges if window.start_ms < edge < window.end_ms)
    begun: int | None = None
    for edge in [window.start_ms, *inside] if window.start_ms < window.end_ms else []:
        there = 0
        for order in own:
            there = order.seats if order.from_ms <= edge < order.until_ms else there
        if begun is not None and there >= seats:
            yield Window(begun, edge)
            begun = None
        elif begun is None and there < seats:
            begun = edge
    if begun is not None:
        yield Window(begun, window.end_ms)


def calendar(problem: Problem, station: StationInput, placed: Sequence[SeatOrder], *, until_ms: int) -> list[Step]:
    """Return the wanted seats of a station over time: by its shifts, the orders given, and these orders on top."""
    first, last = station.working.day_of(problem.now_ms), station.working.day_of(until_ms)
    shifts, breaks = _shifts_and_breaks(station.working, first, last)
    return steps(
        shifts=shifts,
        breaks=breaks,
        base_seats=station.seats,
        printers=station.printers,
        orders=[order for order in (*problem.ordered, *placed) if order.station == station.code],
    )


def station_staffing(
    problem: Problem,
    station: StationInput,
    dates: Sequence[OfficeDay],
    row: Sequence[DaySeats],
    *,
    until_ms: int,
) -> Staffing:
    """Return the staffing of one station for the kernel, until a moment."""
    placed = station_orders(problem, station, dates, row)
    seats = Steps.of((step.at_ms, step.seats) for step in calendar(problem, station, placed, until_ms=until_ms))
    most = max((max(one.regular, len(one.overtime)) for one in row), default=station.seats)
    return Staffing(seats, most if station.printer_each else station.printers)


def staffings(problem: Problem, roster: Roster, *, until_ms: int | None = None) -> list[Staffing]:
    """Return the staffing of each station for the kernel, until the deadline or a later moment."""
    until = problem.deadline_ms if until_ms is None else until_ms
    return [
        station_staffing(problem, station, office_days(problem, station), row, until_ms=until)
        for station, row in zip(problem.stations, roster.seats, strict=True)
    ]
