"""Choices of a roster: the most that may be ordered, the steps down and up from a roster, and their prices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cached_property
from math import ceil
from operator import le
from typing import TYPE_CHECKING, Final

from lembur.domain.overtime import NO_HOURS, overtime_of
from lembur.domain.seats import Window, steps
from lembur.domain.time import DAY_MS, HOUR_MS
from planner.problem import (
    HALF_HOUR_MS,
    DaySeats,
    OfficeDay,
    Roster,
    office_days,
    spread,
    station_orders,
    station_staffing,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.scenario import PayRule
    from lembur.domain.seats import SeatOrder
    from planner.problem import Problem
    from planner.simulation import Staffing

PERSON_RUPIAH: Final = 1
"""Price of a person beyond the regular ones in working time: nearly nothing, so that fewer people are better."""
HALVES: Final = 2
"""Half hours of an hour."""


@dataclass(frozen=True, slots=True)
class Move:
    """Other seats for one station on one date."""

    station: int
    day: int
    seats: DaySeats

    def below(self, other: Move) -> bool:
        """Return True if the move leaves no more seats and hours than another of its station on the same date."""
        mine, theirs = self.seats, other.seats
        if self.day != other.day or mine.regular > theirs.regular or len(mine.overtime) > len(theirs.overtime):
            return False
        return all(map(le, mine.overtime, theirs.overtime))


@dataclass
class Choices:
    """Rosters of a problem: seats up to the shared limit, hours up to the day's cap, by full or half hours."""

    problem: Problem
    _prices: dict[tuple[int, int, DaySeats], float] = field(default_factory=dict)

    @cached_property
    def dates(self) -> list[Sequence[OfficeDay]]:
        """Dates of each station until the deadline."""
        return [office_days(self.problem, station) for station in self.problem.stations]

    def step(self, day: int) -> int:
        """Return the step of overtime on a date, in half hours: full hours where only those are paid."""
        return step_halves(self.problem.pay.on(self.dates[0][day].day))

    @cached_property
    def most(self) -> Roster:
        """All that may be ordered. A station without stock gets nothing on the dates before its first delivery."""
        given = spread(self.problem, max(self.problem.max_seats, sum(one.seats for one in self.problem.stations)))
        return Roster(
            tuple(
                tuple(self._most_of(index, day, given[station.code]) for day in range(len(self.dates[index])))
                for index, station in enumerate(self.problem.stations)
            )
        )

    def _most_of(self, station: int, day: int, seats: int) -> DaySeats:
        one, found = self.dates[station][day], self.problem.stations[station]
        halves = self._longest(station, day)
        end_ms = max([one.begins_ms + halves * HALF_HOUR_MS, *(shift.end_ms for shift in one.shifts)])
        if found.stock.at(end_ms) <= 0 or end_ms <= self.problem.now_ms:
            return DaySeats(found.seats)
        return DaySeats(seats if one.shifts else found.seats, (halves,) * seats if halves else ())

    def _longest(self, station: int, day: int) -> int:
        """Return the most overtime of a date in half hours: the cap, or a whole day's work on a day off."""
        one, hours = self.dates[station][day], self.problem.working.hours
        rule, step = self.problem.pay.on(one.day), self.step(day)
        if one.shifts or self.problem.max_hours == 0:
            longest = max(0, longest_halves(self.problem, rule) - self._worked_halves(station, one)) // step * step
        else:
            longest = (_minutes(hours.closes) - _minutes(hours.opens)) // 30 // step * step
        return min(longest, -(-one.most // step) * step)

    def _worked_halves(self, station: int, one: OfficeDay) -> int:
        """Return the half hours of overtime that a person has had on a date before its closing."""
        worked = self.problem.worked.get(self.problem.stations[station].code, NO_HOURS)
        since_closing_h = max(0, self.problem.now_ms - one.begins_ms) / HOUR_MS
        most_h = max((hours for (day, _), hours in worked.items() if day == one.day), default=0.0)
        return ceil(HALVES * max(0.0, most_h - since_closing_h))

    def staffing(self, station: int, row: tuple[DaySeats, ...]) -> Staffing:
        """Return the staffing of a station until the deadline."""
        return station_staffing(
            self.problem, self.problem.stations[station], self.dates[station], row, until_ms=self.problem.deadline_ms
        )

    def price(self, roster: Roster) -> float:
        """Return the price of a roster on top of the orders given already."""
        return sum(
            self.price_of(station, day, seats)
            for station, row in enumerate(roster.seats)
            for day, seats in enumerate(row)
        )

    def saving(self, roster: Roster, move: Move) -> float:
        """Return the amount by which a move makes a roster cheaper."""
        before = roster.seats[move.station][move.day]
        return self.price_of(move.station, move.day, before) - self.price_of(move.station, move.day, move.seats)

    def price_of(self, station: int, day: int, seats: DaySeats) -> float:
        """Return the price of one station on one date."""
        key = (station, day, seats)
        if key not in self._prices:
            self._prices[key] = self._pay_of(station, day, seats)
        return self._prices[key]

    def _pay_of(self, station: int, day: int, seats: DaySeats) -> float:
        found, one = self.problem.stations[station], self.dates[station][day]
        persons = PERSON_RUPIAH * max(0, seats.regular - found.seats)
        placed = station_orders(self.problem, found, [one], [seats])
        return persons + self._day_rupiah(station, day, placed) - self._day_rupiah(station, day, [])

    def _day_rupiah(self, station: int, day: int, placed: Sequence[SeatOrder]) -> float:
        """Return the pay of a station's overtime on one date, by the orders given already and these."""
        found, one = self.problem.stations[station], self.dates[station][day]
        working = found.working
        begin_ms = max(working.at_ms(one.day, time()), self.problem.now_ms)
        window = Window(begin_ms, min(begin_ms + 2 * DAY_MS, self.problem.deadline_ms))
        given = [
            order
            for order in self.problem.ordered
            if order.station == found.code and order.until_ms > window.start_ms and order.from_ms < window.end_ms
        ]
        if not placed and not given:
            return 0.0
        wanted = steps(
            shifts=working.shifts(one.day, one.day + timedelta(days=1)),
            breaks=working.breaks(one.day, one.day + timedelta(days=1)),
            base_seats=found.seats,
            printers=found.printers,
            orders=[*given, *placed],
        )
        earlier = self.problem.worked.get(found.code, NO_HOURS)
        return overtime_of(wanted, working, window).rupiah(self.problem.pay, earlier)

    def drops(self, station: int, row: tuple[DaySeats, ...]) -> Iterator[Move]:
        """List a station's steps down: less overtime or none, fewer people in working time or only the regular ones."""
        base = self.problem.stations[station].seats
        for day, seats in enumerate(row):
            yield from (Move(station, day, lower) for lower in self._lower(day, base, seats))

    def _lower(self, day: int, base: int, seats: DaySeats) -> Iterator[DaySeats]:
        if seats.regular > base:
            yield DaySeats(seats.regular - 1, seats.overtime)
            yield DaySeats(base, seats.overtime)
        if seats.overtime:
            yield DaySeats(seats.regular)
        for halves in set(seats.overtime):
            last = len(seats.overtime) - 1 - seats.overtime[::-1].index(halves)
            for left in {0, halves - self.step(day)}:
                rest = (*seats.overtime[:last], left, *seats.overtime[last + 1 :])
                yield DaySeats(seats.regular, tuple(sorted((one for one in rest if one), reverse=True)))

    def adds(self, roster: Roster) -> Iterator[Move]:
        """List the steps up: one seat that stays longer, also one more seat, or one more person in working time."""
        for station, row in enumerate(roster.seats):
            for day, seats in enumerate(row):
                most = self.most.seats[station][day]
                yield from (Move(station, day, higher) for higher in self._higher(day, most, seats))

    def _higher(self, day: int, most: DaySeats, seats: DaySeats) -> Iterator[DaySeats]:
        if seats.regular < most.regular:
            yield DaySeats(seats.regular + 1, seats.overtime)
        step, longest = self.step(day), max(most.overtime, default=0)
        spare = (0,) if len(seats.overtime) < len(most.overtime) else ()
        for halves in {*seats.overtime, *spare}:
            rest = list(seats.overtime)
            if halves:
                rest.remove(halves)
            for more in range(halves + step, longest + 1, step):
                yield DaySeats(seats.regular, tuple(sorted((*rest, more), reverse=True)))


def step_halves(rule: PayRule) -> int:
    """Return the step of overtime under a rule of pay, in half hours: full hours where only those are paid."""
    return HALVES if rule.full_hours else 1


def longest_halves(problem: Problem, rule: PayRule) -> int:
    """Return the most overtime on a working day in half hours: what the terms allow and the rule does not forbid."""
    longest, step = min(problem.max_hours, rule.cap_day_h or problem.max_hours), step_halves(rule)
    return int(longest * HALVES) // step * step


def strictest_rule(problem: Problem) -> PayRule:
    """Return the rule of pay that leaves the least overtime on a working day before the deadline."""
    dates = [one for station in problem.stations for one in office_days(problem, station)]
    days = {one.day for one in dates if one.shifts} or {dates[0].day}
    return min((problem.pay.on(day) for day in sorted(days)), key=lambda rule: longest_halves(problem, rule))


def _minutes(at: time) -> int:
    return 60 * at.hour + at.minute
