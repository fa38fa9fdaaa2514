"""What is expected of the office as it stands, with the orders that are given: the figures of a `Forecast`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.calendar import DAY_MS, HOUR_MS
from lembur.domain.observation.forecast import AHEAD_DAYS, HORIZONS_H, QUANTILES, Forecast, StationForecast
from lembur.domain.rate import NEVER_MS
from planner.outcomes.backlog import Followed, followed
from planner.problem.problem import STEP_H
from planner.problem.replications import drawn
from planner.problem.roster import Overtime, least_seats

if TYPE_CHECKING:
    from lembur.domain.observation.forecast import Quantiles
    from lembur.domain.seats import StationCode
    from planner.problem.problem import Question
    from planner.problem.replications import Worlds
    from planner.simulation.replay import Calendar, Integers, Replayed, Rows

WORLDS: Final = 200
FEWEST_WORLDS: Final = 50
MOST_CARDS: Final = 10_000_000
"""So many waiting cards of all worlds together are followed: 100,000 cards in 100 worlds."""
ALL: Final = "all"
LONGEST_H: Final = 8.0
"""Overtime that would be needed is looked for up to midnight after a regular day."""
LATER_DAYS: Final = (60, 240)
"""How much further the course is followed where it has no end."""


def worlds_for(cards: int) -> int:
    """Tell in how many worlds so many waiting cards are followed."""
    return max(FEWEST_WORLDS, min(WORLDS, MOST_CARDS // max(1, cards)))


def ahead_ms(now_ms: int) -> int:
    """Tell the moment up to which people come in a forecast; its question has this deadline and cut-off."""
    return now_ms + AHEAD_DAYS * DAY_MS


@dataclass(slots=True)
class _Course:
    """A place in all worlds, block after block: backlog by horizon, when it is clear, late cards, when stock ends."""

    backlog: list[Integers] = field(default_factory=list)
    clear_ms: list[Integers] = field(default_factory=list)
    late: list[Integers] = field(default_factory=list)
    blank_ms: list[Integers] = field(default_factory=list)
    ribbon_ms: list[Integers] = field(default_factory=list)

    def add(self, one: Followed, now_ms: int) -> None:
        """Take in a block."""
        place, first = one.place, one.first()
        in_printers = int(place.printing.ready_ms.max(initial=now_ms))
        self.backlog.append(one.backlog([now_ms + hours * HOUR_MS for hours in HORIZONS_H]))
        self.clear_ms.append(np.maximum(one.done_ms[first].max(axis=1, initial=now_ms), in_printers))
        late = int((place.printing.ready_ms > place.printing.due_ms).sum())
        self.late.append((one.done_ms[first] > one.due_ms[first]).sum(axis=1) + late)
        self.blank_ms.append(ends_ms(place.blanks, one.made, one.queue.prints))
        self.ribbon_ms.append(ends_ms(place.ribbon, one.made, one.queue.prints))


def ends_ms(stock: Calendar, made: Replayed, prints: Rows) -> Integers:
    """Tell of each world when the shelf is empty for the first time: the print that takes the last one has begun."""
    ends, starts = np.full(len(made.begun), NEVER_MS, dtype=np.int64), np.append(made.starts_ms, 0)
    until = [*stock.at_ms.tolist()[1:], NEVER_MS]
    for since, enough, delivery in zip(stock.at_ms.tolist(), stock.values.tolist(), until, strict=True):
        reached = made.begun >= enough
        last = starts[np.where(reached, prints.edges[:-1] + enough - 1, -1)]
        empty = np.maximum(since, last if enough else since)
        ends = np.where((ends == NEVER_MS) & reached & (empty < delivery), empty, ends)
    return ends


def forecast(question: Question) -> Forecast:
    """Forecast what the question's office will do without further orders; `took_s` is the caller's to fill in."""
    worlds, course = _followed(question)
    stations = {place.code: each for place, each in zip(question.places, course, strict=True)}
    needed = _required(worlds, {code: _median(np.concatenate(each.late)) for code, each in stations.items()})
    told = {str(code): _station(each, _late_now(question, code), needed[code]) for code, each in stations.items()}
    everywhere = _Course(
        [np.sum([np.concatenate(each.backlog) for each in course], axis=0)],
        [np.max([np.concatenate(each.clear_ms) for each in course], axis=0)],
        [np.sum([np.concatenate(each.late) for each in course], axis=0)],
    )
    hours = list(needed.values())
    most = None if None in hours else max(hour for hour in hours if hour is not None)
    told[ALL] = _station(everywhere, sum(each.late_now for each in told.values()), most)
    runway = {
        item: _runway(np.min([np.concatenate(getattr(each, f"{item}_ms")) for each in course], axis=0), question.now_ms)
        for item in ("blank", "ribbon")
    }
    return Forecast(question.now_ms, 0.0, told, runway)


def _followed(question: Question) -> tuple[Worlds, list[_Course]]:
    """Follow the course without further orders until nearly every world is clear, or clearly never will be."""
    found = _until(question, AHEAD_DAYS)
    for days in LATER_DAYS:
        never = [np.concatenate(each.clear_ms) == NEVER_MS for each in found[1]]
        # Where no seat opens in regular hours either, waiting longer helps nobody.
        seated = [place.seats > 0 for place in question.places]
        if not any(there and far.mean() >= 1 - QUANTILES[-1] for there, far in zip(seated, never, strict=True)):
            break
        found = _until(question, days)
    return found


def _until(question: Question, days: int) -> tuple[Worlds, list[_Course]]:
    until = question.now_ms + days * DAY_MS
    worlds, course = drawn(question, faults_until_ms=until), [_Course() for _ in question.places]
    for block in followed(worlds, Overtime(least_seats(question), 0.0), until_ms=until):
        for each, one in zip(course, block, strict=True):
            each.add(one, question.now_ms)
    return worlds, course


def _station(course: _Course, late_now: int, required: float | None) -> StationForecast:
    backlog = np.concatenate(course.backlog)
    return StationForecast(
        {hours: _quantiles(backlog[:, column]) for column, hours in enumerate(HORIZONS_H)},
        _quantiles(np.concatenate(course.clear_ms)),
        _quantiles(np.concatenate(course.late)),
        required,
        late_now,
    )


def _late_now(question: Question, code: str) -> int:
    place = next(place for place in question.places if place.code == code)
    there = place.waiting.ready_ms <= question.now_ms
    late = (place.waiting.due_ms <= question.now_ms) & there
    return int(late.sum()) + int((place.printing.due_ms <= question.now_ms).sum())


def _required(worlds: Worlds, late: dict[StationCode, int]) -> dict[StationCode, float | None]:
    """Find for each station the fewest hours after which no card is late that is not late already.

    None are needed where at P50 none is as things go. Else every printer has an operator from opening until so long
    after closing; half hours are tried by halving, in one block of the worlds.
    """
    question = worlds.question
    every = sum(place.printers for place in question.places)
    all_in = replace(question, max_seats=every)
    same = worlds.under(all_in)
    late_now = {place.code: _late_now(question, place.code) for place in question.places}

    @cache
    def enough(step: int) -> dict[StationCode, bool]:
        (block,) = followed(same, Overtime(every, step * STEP_H), until_ms=question.deadline_ms, blocks=1)
        found = {}
        for one in block:
            course = _Course()
            course.add(one, question.now_ms)
            found[one.place.code] = _median(course.late[0]) <= late_now[one.place.code]
        return found

    def fewest(code: StationCode) -> float | None:
        low, high = 0, round(LONGEST_H / STEP_H)
        if late[code] <= late_now[code]:
            return 0.0
        if not enough(high)[code]:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle)[code] else (middle, high)
        return high * STEP_H

    return {code: fewest(code) for code in late_now}


def _median(values: Integers) -> int:
    return int(_quantiles(values)[1])


def _quantiles(values: Integers) -> Quantiles:
    # Values that were drawn, so that never stays never.
    low, middle, high = np.quantile(values, QUANTILES, method="inverted_cdf").tolist()
    return low, middle, high


def _runway(ends: Integers, now_ms: int) -> Quantiles:
    low, middle, high = _quantiles(np.minimum(ends, ahead_ms(now_ms)) - now_ms)
    return low / 1000, middle / 1000, high / 1000
