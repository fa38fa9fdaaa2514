"""A roster as seat orders: the seats that are open with them are those that the roster asks for, at every moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lembur.domain.calendar import Calendar
from lembur.domain.scenario import Shift
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, at_ms
from planner.arrays import Steps
from planner.problem.problem import Cards, NoArrivals
from planner.problem.roster import (
    HALF_HOUR_MS,
    DaySeats,
    Roster,
    calendar,
    least_seats,
    most_seats,
    office_days,
    orders,
    spread,
    uniform_roster,
)
from reference.brute_force import random_problem
from reference.pooled import HOURS
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.problem import Problem, StationInput

TWO_SHIFTS = Calendar(HOURS, JAKARTA, [Shift(opens=time(7), closes=time(13)), Shift(opens=time(20), closes=time(2))])
"""Two shifts on each working day, the second over midnight."""
THURSDAY = date(2016, 8, 25)


def problem_of(seed: int) -> tuple[Problem, np.random.Generator]:
    """Draw a problem of some days, with earlier orders, on one shift or on two, over a weekend or not."""
    chance = np.random.default_rng(seed)
    problem = random_problem(chance)
    if chance.random() < 0.5:
        stations = tuple(replace(one, working=TWO_SHIFTS) for one in problem.stations)
        problem = replace(problem, stations=stations, working=TWO_SHIFTS)
    deadline_ms = problem.deadline_ms + int(chance.integers(0, 4)) * 24 * HOUR_MS + int(chance.integers(0, HOUR_MS))
    ordered = tuple(earlier_order(problem, chance) for _ in range(int(chance.integers(0, 4))))
    return replace(problem, deadline_ms=deadline_ms, ordered=ordered), chance


def earlier_order(problem: Problem, chance: np.random.Generator) -> SeatOrder:
    """Draw an order that was given before."""
    station = problem.stations[int(chance.integers(len(problem.stations)))]
    from_ms = problem.now_ms + int(chance.integers(-4, 30)) * HALF_HOUR_MS
    until_ms = from_ms + int(chance.integers(1, 12)) * HALF_HOUR_MS
    return SeatOrder(station.code, int(chance.integers(0, station.printers + 1)), from_ms, until_ms, "lead", "queue")


def random_roster(problem: Problem, chance: np.random.Generator) -> Roster:
    """Draw the seats of each station and date."""
    return Roster(
        tuple(
            tuple(random_seats(station, one.most, chance) for one in office_days(problem, station))
            for station in problem.stations
        )
    )


def random_seats(station: StationInput, most: int, chance: np.random.Generator) -> DaySeats:
    """Draw the seats of a date."""
    overtime = chance.integers(0, min(most, 8) + 1, size=int(chance.integers(0, station.printers + 1)))
    halves = tuple(sorted((int(one) for one in overtime if one), reverse=True))
    return DaySeats(int(chance.integers(station.seats, station.printers + 1)), halves)


def asked_seats(problem: Problem, station: StationInput, row: tuple[DaySeats, ...], at: int) -> int:
    """Count the seats that a roster asks for at a moment, beyond the regular ones."""
    if not problem.now_ms <= at < problem.deadline_ms:
        return 0
    found = 0
    for one, seats in zip(office_days(problem, station), row, strict=True):
        if seats.regular > station.seats and any(shift.start_ms <= at < shift.end_ms for shift in one.shifts):
            found = max(found, seats.regular)
        after = at - one.begins_ms
        found = max(found, sum(0 <= after < halves * HALF_HOUR_MS for halves in seats.overtime))
    return found


def is_break(station: StationInput, at: int) -> bool:
    """Return whether a moment is in a break of the station."""
    day = station.working.day_of(at)
    return any(one.start_ms <= at < one.end_ms for one in station.working.breaks(day, day))


def moments(problem: Problem) -> Iterator[int]:
    """List moments of the problem, every ten minutes until after its deadline, and the deadline's own."""
    yield from range(problem.now_ms, problem.deadline_ms + 2 * HOUR_MS, HOUR_MS // 6)
    yield from (problem.deadline_ms - 1, problem.deadline_ms)


def seats_over_time(problem: Problem, station: StationInput, placed: list[SeatOrder]) -> Steps:
    """Return the wanted seats of a station with these orders."""
    until_ms = problem.deadline_ms + 3 * HOUR_MS
    return Steps.of((one.at_ms, one.seats) for one in calendar(problem, station, placed, until_ms=until_ms))


@pytest.mark.parametrize(
    "seeds", [range(first, first + 25) for first in range(0, 100, 25)], ids=lambda one: f"{one[0]}"
)
def test_the_orders_of_a_roster_open_its_seats(seeds: range) -> None:
    """At each moment as many seats are open as the roster asks for, or as are open without it, where that is more."""
    for seed in seeds:
        problem, chance = problem_of(seed)
        roster = random_roster(problem, chance)
        placed = orders(problem, roster)
        for station, row in zip(problem.stations, roster.seats, strict=True):
            before, after = seats_over_time(problem, station, []), seats_over_time(problem, station, placed)
            for at in moments(problem):
                asked = 0 if is_break(station, at) else asked_seats(problem, station, row, at)
                assert after.at(at) == max(asked, before.at(at)), (seed, station.code, at)


@pytest.mark.parametrize("seed", range(40))
def test_no_order_asks_for_what_is_there(seed: int) -> None:
    """Where an order begins more seats are wanted than before, also in the orders of the same roster."""
    problem, chance = problem_of(seed)
    for order in orders(problem, random_roster(problem, chance)):
        station = next(one for one in problem.stations if one.code == order.station)
        own = [one for one in problem.ordered if one.station == order.station]
        shifts = station.working.shifts(*(station.working.day_of(at) for at in (order.from_ms, order.until_ms)))
        for at in range(order.from_ms, order.until_ms, HALF_HOUR_MS // 3):
            there = station.seats if any(one.start_ms <= at < one.end_ms for one in shifts) else 0
            for one in own:
                there = one.seats if one.from_ms <= at < one.until_ms else there
            assert order.seats > there, (order, at)
        assert problem.now_ms <= order.from_ms < order.until_ms <= problem.deadline_ms


@pytest.mark.parametrize(
    ("now", "deadline", "found"),
    [
        ((0, 8, 10), (3, 9, 10), [(2, 10), (2, 63), (0, 52), (0, 4)]),  # until 07:00, and until the deadline on Sunday
        ((0, 8, 10), (0, 20, 0), [(1, 14)]),  # the night shift begins at the deadline: it is not of this problem
        ((1, 22, 0), (2, 2, 0), [(2, 0), (0, 0)]),  # no overtime before the end of the night shift
    ],
)
def test_overtime_ends_at_the_deadline_or_at_the_next_shift(
    now: tuple[int, int, int], deadline: tuple[int, int, int], found: list[tuple[int, int]]
) -> None:
    """A part of a half hour counts as a whole one. A day off has no shift, and begins at the usual opening."""
    (now_ms, deadline_ms) = (
        at_ms(THURSDAY + timedelta(days=days), time(hour, minute), JAKARTA) for days, hour, minute in (now, deadline)
    )
    problem, _ = problem_of(0)
    station = replace(problem.stations[0], working=TWO_SHIFTS)
    asked = replace(problem, now_ms=now_ms, cutoff_ms=now_ms, deadline_ms=deadline_ms, stations=(station,), ordered=())

    assert [(len(one.shifts), one.most) for one in office_days(asked, station)] == found


def test_around_the_clock_there_is_no_overtime() -> None:
    """A shift that begins when the one before ends leaves no time between them."""
    around = Calendar(HOURS, JAKARTA, [Shift(opens=time(7), closes=time(19)), Shift(opens=time(19), closes=time(7))])
    problem, _ = problem_of(0)
    now_ms, deadline_ms = (at_ms(THURSDAY + timedelta(days=later), time(8), JAKARTA) for later in (-1, 1))
    asked = replace(problem, now_ms=now_ms, cutoff_ms=now_ms, deadline_ms=deadline_ms, ordered=())

    found = office_days(asked, replace(problem.stations[0], working=around))

    assert [(len(one.shifts), one.most) for one in found] == [(2, 0), (2, 0), (1, 0)]


def test_the_seats_of_an_office_are_its_regular_ones_or_those_the_limits_allow() -> None:
    """A plan closes no regular seat, and opens no more seats than the limit and than there are printers."""
    problem, _ = problem_of(0)
    station = replace(problem.stations[0], seats=2, printers=3)
    for most, found in ((1, 2), (2, 2), (3, 3), (9, 3)):
        limited = replace(problem, stations=(station,), arrivals=NoArrivals(1), ordered=(), max_seats=most)
        assert (least_seats(limited), most_seats(limited)) == (2, found)


class Coming(NoArrivals):
    """Sixty cards that come to the third station."""

    def expected_cards(self, until_ms: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Give the expected cards of each station."""
        return np.array([0.0, 0.0, 60.0])


def test_the_next_seat_goes_where_most_cards_wait_for_each() -> None:
    """90, 30 and 60 cards, those that will come counted; a station without a seat comes first."""
    problem, _ = problem_of(0)
    stations = tuple(
        replace(
            problem.stations[0],
            code=StationCode(code),
            seats=1,
            printers=5,
            waiting=Cards.alike(cards, ready_ms=problem.now_ms),
        )
        for code, cards in (("a", 90), ("b", 30), ("c", 0))
    )
    asked = replace(problem, stations=stations, arrivals=Coming(3), ordered=())
    closed = replace(asked, stations=tuple(replace(one, seats=0) for one in stations))

    assert [spread(asked, seats) for seats in (3, 4, 5, 6)] == [
        {"a": 1, "b": 1, "c": 1},
        {"a": 2, "b": 1, "c": 1},
        {"a": 2, "b": 1, "c": 2},
        {"a": 3, "b": 1, "c": 2},
    ]
    assert [spread(closed, seats) for seats in (1, 2, 3)] == [
        {"a": 1, "b": 0, "c": 0},
        {"a": 1, "b": 0, "c": 1},
        {"a": 1, "b": 1, "c": 1},
    ]


def test_a_uniform_roster_adds_nothing_on_a_day_off() -> None:
    """Each working day has the same seats and hours, none beyond the deadline; without hours there is no overtime."""
    problem, _ = problem_of(0)
    station = replace(problem.stations[0], seats=1, printers=3, working=TWO_SHIFTS)
    now_ms, deadline_ms = (
        at_ms(THURSDAY + timedelta(days=later), time(hour), JAKARTA) for later, hour in ((0, 8), (2, 3))
    )
    office = replace(problem, stations=(station,), arrivals=NoArrivals(1), ordered=())
    asked = replace(office, now_ms=now_ms, cutoff_ms=now_ms, deadline_ms=deadline_ms)

    assert uniform_roster(asked, 2, 1.5).seats == ((DaySeats(2, (3, 3)), DaySeats(2, (2, 2)), DaySeats(1)),)
    assert uniform_roster(asked, 2, 0.0).seats == ((DaySeats(2), DaySeats(2), DaySeats(1)),)


def test_other_seats_on_one_date_leave_the_rest() -> None:
    """The station and date that are named change, and nothing else."""
    one, other = DaySeats(1), DaySeats(2, (4, 2))
    roster = Roster(((one,) * 3, (one,) * 3))

    assert roster.with_seats(1, 1, other) == Roster(((one,) * 3, (one, other, one)))
    assert roster.with_seats(0, 2, other) == Roster(((one, one, other), (one,) * 3))


@pytest.mark.parametrize(("overtime", "written"), [((), 1), ((4, 4), 1), ((4,), 2)])
def test_shifts_without_a_gap_are_one_order(overtime: tuple[int, ...], written: int) -> None:
    """A station of two shifts that meet is ordered once from the first opening on, with overtime of as many seats."""
    meeting = Calendar(HOURS, JAKARTA, [Shift(opens=time(7), closes=time(14)), Shift(opens=time(14), closes=time(20))])
    drawn = random_problem(np.random.default_rng(1))
    station = replace(drawn.stations[0], printers=3, seats=1, working=meeting)
    problem = replace(
        drawn,
        now_ms=at_ms(THURSDAY, time(6), JAKARTA),
        deadline_ms=at_ms(THURSDAY, time(23), JAKARTA),
        cutoff_ms=None,
        working=meeting,
        stations=(station,),
        arrivals=NoArrivals(),
    )

    found = orders(problem, Roster(((DaySeats(2, overtime),),)))

    assert len(found) == written
    assert (found[0].seats, found[0].from_ms) == (2, at_ms(THURSDAY, time(7), JAKARTA))
    assert found[-1].until_ms == at_ms(THURSDAY, time(22 if overtime else 20), JAKARTA)
