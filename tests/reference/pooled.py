"""The simplest problem: one queue, so many cards a day, and every seat with a printer of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.calendar import Calendar
from lembur.domain.scenario import Hours
from lembur.domain.seats import StationCode
from lembur.domain.time import NEVER_MS, at_ms, day_of, days
from planner.arrays import integers
from planner.problem.problem import ArrivingCards, Cards, PrintTiming, Problem, StationInput
from support.zones import JAKARTA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lembur.domain.seats import Window

HOURS = Hours(
    opens=time(7, 30),
    closes=time(16),
    break_from=time(12),
    break_until=time(13),
    friday_break_from=time(12),
    friday_break_until=time(13),
    national_holidays=False,
)


@lru_cache(maxsize=8)
def _parts(working: Calendar, now_ms: int, until_ms: int) -> list[tuple[Window, float]]:
    """List the open parts of the days, each with its share of a day."""
    found = []
    for day in days(day_of(now_ms, JAKARTA), day_of(until_ms - 1, JAKARTA)):
        parts = working.open_parts(day)
        whole = sum(part.end_ms - part.start_ms for part in parts)
        found += [(part, (part.end_ms - part.start_ms) / whole) for part in parts]
    return found


@dataclass(frozen=True, slots=True)
class EachDay:
    """Cards come each working day at any moment of the regular hours, a Poisson number of them."""

    working: Calendar
    now_ms: int
    cards_a_day: float

    def draw(self, chance: np.random.Generator, *, worlds: int, until_ms: int) -> ArrivingCards:
        """Draw how many come in each part of a day, and at which moments."""
        moments, of = [], []
        for part, share in _parts(self.working, self.now_ms, until_ms):
            many = chance.poisson(self.cards_a_day * share, size=worlds)
            moments.append(chance.integers(part.start_ms, part.end_ms, size=int(many.sum())))
            of.append(np.repeat(np.arange(worlds), many))
        ready, world = (np.concatenate(part) if part else integers(()) for part in (moments, of))
        seen = (ready >= self.now_ms) & (ready < until_ms)
        ready, world = ready[seen], world[seen]
        alike = Cards.alike(len(ready), ready_ms=0)
        nobody = np.zeros(len(world), dtype=np.int64)
        return ArrivingCards(world, nobody, Cards(ready, alike.due_ms, alike.priority), nobody)

    def expected_cards(self, until_ms: int) -> NDArray[np.float64]:
        """Tell how many come until then."""
        return np.array([self.cards_a_day * sum(share for _, share in _parts(self.working, self.now_ms, until_ms))])

    def without_centre(self) -> EachDay:
        """They come ready to print."""
        return self


def pooled(
    *,
    waiting: int,
    cards_a_day: float,
    seats: int = 3,
    cards_a_seat_day: float = 105.0,
    spoil_rate: float = 0.02,
    breakdown_every_h: float = 40.0,
    repair_h: float = 1.5,
    days_left: int = 2,
    max_seats: int = 16,
    max_hours: float = 8.0,
    worlds: int = 1000,
    seed: int = 1,
    first_day: date = date(2016, 8, 22),
) -> Problem:
    """Ask for Solo's case as one queue: `days_left` working days from a Monday's opening until midnight of the last.

    A seat makes `cards_a_seat_day` prints in regular hours (7.5 h); print times spread as a desk's (p90 = 2 x median).
    """
    mean_s = 7.5 * 3600 / cards_a_seat_day
    median_s = mean_s / float(np.exp((np.log(2.0) / 1.2815515655446004) ** 2 / 2))
    now = at_ms(first_day, time(7, 30), JAKARTA)
    deadline = at_ms(date.fromordinal(first_day.toordinal() + days_left), time(0), JAKARTA)
    working = Calendar(HOURS, JAKARTA)
    return Problem(
        now_ms=now,
        deadline_ms=deadline,
        cutoff_ms=deadline,
        working=working,
        timing=PrintTiming(median_s, 2 * median_s, breakdown_every_h=breakdown_every_h, repair_h=repair_h),
        stations=(
            StationInput(
                StationCode("pool"),
                printers=max(seats, max_seats),
                seats=seats,
                working=working,
                waiting=Cards.alike(waiting, ready_ms=now, due_ms=NEVER_MS),
                spoil_rate=spoil_rate,
                printer_each=True,
            ),
        ),
        arrivals=EachDay(working, now, cards_a_day),
        max_seats=max_seats,
        max_hours=max_hours,
        worlds=worlds,
        seed=seed,
    )
