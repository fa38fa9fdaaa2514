"""The cheapest roster of a small problem by trying every one, and random small problems."""

from __future__ import annotations

from datetime import date, time
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

from lembur.domain.calendar import Calendar
from lembur.domain.scenario import preset
from lembur.domain.seats import StationCode
from lembur.domain.time import NEVER_MS, at_ms
from planner.arrays import ENOUGH, Steps
from planner.decision.search import Search
from planner.problem import DaySeats, Problem, StationInput, draw_worlds
from planner.problem.problem import Cards, NoArrivals, PrintTiming
from planner.problem.replications import BLOCK
from reference.pooled import HOURS
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator


Priced = tuple[float, int]
"""A price, and the worlds in which it suffices: one bit each."""
WORKING = Calendar(HOURS, JAKARTA)
CARDS_AN_HOUR = 10
"""Prints of one seat an hour, by `TIMING`."""
TIMING = PrintTiming(300.0, 600.0, breakdown_every_h=20.0, repair_h=1.5)


def random_problem(chance: Generator) -> Problem:
    """Draw a problem of one or two stations and days, with few seats and hours, and work for most of them."""
    stations, dates = int(chance.integers(1, 3)), int(chance.integers(1, 3))
    opening, max_hours = int(chance.integers(9, 16)), float(chance.integers(1, 4 - dates // 2))
    now = at_ms(date(2016, 8, 25), time(opening, 0), JAKARTA)
    hours = (16 - opening) + (dates - 1) * 7.0 + dates * max_hours
    return Problem(
        now_ms=now,
        deadline_ms=at_ms(date(2016, 8, 24 + dates), time(int(chance.integers(18, 22)), 0), JAKARTA),
        cutoff_ms=now,
        working=WORKING,
        timing=TIMING,
        stations=tuple(_station(chance, number, now, hours) for number in range(stations)),
        arrivals=NoArrivals(stations),
        pay=preset(str(chance.choice(["civil-ii", "civil-ii", "workers"]))),
        max_seats=4,
        max_hours=max_hours,
        confidence=float(chance.choice([0.8, 0.9, 0.95])),
        worlds=60,
        seed=int(chance.integers(1_000_000)),
    )


def _station(chance: Generator, number: int, now: int, hours: float) -> StationInput:
    printers = int(chance.integers(1, 3))
    cards = int(chance.uniform(0.4, 0.95) * printers * hours * CARDS_AN_HOUR)
    late = chance.random() < 0.3
    return StationInput(
        StationCode(f"s{number}"),
        printers=printers,
        working=WORKING,
        seats=int(chance.integers(0, printers + 1)),
        waiting=Cards.alike(cards, ready_ms=now, due_ms=NEVER_MS),
        spoil_rate=0.02,
        blanks=Steps.of([(now + 3_600_000 * int(chance.integers(1, 4)), 10_000)]) if late else ENOUGH,
    )


def cheapest_rupiah(problem: Problem) -> float | None:
    """Return the price of the cheapest roster, from all of them in all worlds; None if none suffices."""
    search = Search(problem, draw_worlds(problem))
    needed = problem.confidence * problem.worlds - 1e-9
    frontier: list[Priced] = [(0.0, -1)]
    for station in range(len(problem.stations)):
        own = list(_priced(search, station))
        joined = [
            (price + more, clear & also)
            for price, clear in frontier
            for more, also in own
            if (clear & also).bit_count() >= needed
        ]
        frontier = _useful(joined)
    return min((price for price, _ in frontier), default=None)


def _priced(search: Search, station: int) -> list[Priced]:
    """List the price of each row of a station, and the worlds in which it is clear."""
    choices = search.choices
    rows = product(*(_days(search, station, day) for day in range(len(choices.dates[station]))))
    found = [
        (
            sum(choices.price_of(station, day, seats) for day, seats in enumerate(row)),
            _clear(search, station, row),
        )
        for row in rows
    ]
    return _useful(found)


def _clear(search: Search, station: int, row: tuple[DaySeats, ...]) -> int:
    """Return the worlds in which a station is clear, one bit each."""
    blocks = range(search.worlds.blocks())
    return sum(search.station_clear(block, station, row) << 2 * BLOCK * block for block in blocks)


def _days(search: Search, station: int, day: int) -> Iterator[DaySeats]:
    most, base = search.choices.most.seats[station][day], search.problem.stations[station].seats
    step, longest = search.choices.step(day), max(most.overtime, default=0)
    hours = [range(0, longest + 1, step)] if longest else [range(1)]
    for regular in range(base, most.regular + 1):
        for chosen in combinations_with_replacement(sorted(hours[0], reverse=True), len(most.overtime)):
            yield DaySeats(regular, tuple(halves for halves in chosen if halves))


def _useful(found: list[Priced]) -> list[Priced]:
    """Keep the cheapest of equal worlds."""
    best: dict[int, float] = {}
    for price, clear in found:
        best[clear] = min(price, best.get(clear, price))
    return [(price, clear) for clear, price in best.items()]
