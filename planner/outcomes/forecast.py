"""What is expected of the office as it stands, with the orders that are given: the figures of a `Forecast`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.observation import AHEAD_DAYS, HORIZONS_H, QUANTILES, Forecast, StationForecast
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS
from planner.outcomes.backlog import StationTrace, trace_stations
from planner.problem.problem import STEP_H
from planner.problem.replications import draw_worlds
from planner.problem.roster import Roster, least_seats

if TYPE_CHECKING:
    from lembur.domain.observation import Quantiles
    from lembur.domain.seats import StationCode
    from planner.problem.problem import Problem
    from planner.problem.replications import Worlds
    from planner.simulation.replay import Integers, ReplayResult, Rows, Steps

WORLDS: Final = 200
FEWEST_WORLDS: Final = 50
MOST_CARDS: Final = 10_000_000
"""So many waiting cards of all worlds together are trace_stations: 100,000 cards in 100 worlds."""
ALL: Final = "all"
LONGEST_H: Final = 8.0
"""Roster that would be needed is looked for up to midnight after a regular day."""
LATER_DAYS: Final = (60, 240)
"""How much further the completion is trace_stations where it has no end."""


def worlds_for(cards: int) -> int:
    """Tell in how many worlds so many waiting cards are trace_stations."""
    return max(FEWEST_WORLDS, min(WORLDS, MOST_CARDS // max(1, cards)))


def ahead_ms(now_ms: int) -> int:
    """Tell the moment up to which people come in a forecast; its problem has this deadline and cut-off."""
    return now_ms + AHEAD_DAYS * DAY_MS


@dataclass(slots=True)
class _Course:
    """A station in all worlds, block after block: backlog by horizon, when it is clear, late cards, when stock ends."""

    backlog: list[Integers] = field(default_factory=list)
    clear_ms: list[Integers] = field(default_factory=list)
    late: list[Integers] = field(default_factory=list)
    blank_ms: list[Integers] = field(default_factory=list)
    ribbon_ms: list[Integers] = field(default_factory=list)

    def add(self, one: StationTrace, now_ms: int) -> None:
        """Take in a block."""
        station, first = one.station, one.first()
        in_printers = int(station.printing.ready_ms.max(initial=now_ms))
        self.backlog.append(one.backlog([now_ms + hours * HOUR_MS for hours in HORIZONS_H]))
        self.clear_ms.append(np.maximum(one.done_ms[first].max(axis=1, initial=now_ms), in_printers))
        late = int((station.printing.ready_ms > station.printing.due_ms).sum())
        self.late.append((one.done_ms[first] > one.due_ms[first]).sum(axis=1) + late)
        self.blank_ms.append(ends_ms(station.blanks, one.made, one.queue.prints))
        self.ribbon_ms.append(ends_ms(station.ribbon, one.made, one.queue.prints))


def ends_ms(stock: Steps, made: ReplayResult, prints: Rows) -> Integers:
    """Tell of each world when the shelf is empty for the first time: the print that takes the last one has begun."""
    ends, starts = np.full(len(made.begun), NEVER_MS, dtype=np.int64), np.append(made.starts_ms, 0)
    until = [*stock.at_ms.tolist()[1:], NEVER_MS]
    for since, enough, delivery in zip(stock.at_ms.tolist(), stock.values.tolist(), until, strict=True):
        reached = made.begun >= enough
        last = starts[np.where(reached, prints.edges[:-1] + enough - 1, -1)]
        empty = np.maximum(since, last if enough else since)
        ends = np.where((ends == NEVER_MS) & reached & (empty < delivery), empty, ends)
    return ends


def forecast(problem: Problem) -> Forecast:
    """Forecast what the problem's office will do without further orders; `took_s` is the caller's to fill in."""
    worlds, completion = _followed(problem)
    stations = {station.code: each for station, each in zip(problem.stations, completion, strict=True)}
    needed = _required(worlds, {code: _median(np.concatenate(each.late)) for code, each in stations.items()})
    told = {str(code): _station(each, _late_now(problem, code), needed[code]) for code, each in stations.items()}
    everywhere = _Course(
        [np.sum([np.concatenate(each.backlog) for each in completion], axis=0)],
        [np.max([np.concatenate(each.clear_ms) for each in completion], axis=0)],
        [np.sum([np.concatenate(each.late) for each in completion], axis=0)],
    )
    hours = list(needed.values())
    most = None if None in hours else max(hour for hour in hours if hour is not None)
    told[ALL] = _station(everywhere, sum(each.late_now for each in told.values()), most)
    runway = {
        item: _runway(
            np.min([np.concatenate(getattr(each, f"{item}_ms")) for each in completion], axis=0), problem.now_ms
        )
        for item in ("blank", "ribbon")
    }
    return Forecast(problem.now_ms, 0.0, told, runway)


def _followed(problem: Problem) -> tuple[Worlds, list[_Course]]:
    """Follow the completion without further orders until nearly every world is clear, or clearly never will be."""
    found = _until(problem, AHEAD_DAYS)
    for days in LATER_DAYS:
        never = [np.concatenate(each.clear_ms) == NEVER_MS for each in found[1]]
        # Where no seat opens in regular hours either, waiting longer helps nobody.
        seated = [station.seats > 0 for station in problem.stations]
        if not any(there and far.mean() >= 1 - QUANTILES[-1] for there, far in zip(seated, never, strict=True)):
            break
        found = _until(problem, days)
    return found


def _until(problem: Problem, days: int) -> tuple[Worlds, list[_Course]]:
    until = problem.now_ms + days * DAY_MS
    worlds, completion = draw_worlds(problem, faults_until_ms=until), [_Course() for _ in problem.stations]
    for block in trace_stations(worlds, Roster(least_seats(problem), 0.0), until_ms=until):
        for each, one in zip(completion, block, strict=True):
            each.add(one, problem.now_ms)
    return worlds, completion


def _station(completion: _Course, late_now: int, required: float | None) -> StationForecast:
    backlog = np.concatenate(completion.backlog)
    return StationForecast(
        {hours: _quantiles(backlog[:, column]) for column, hours in enumerate(HORIZONS_H)},
        _quantiles(np.concatenate(completion.clear_ms)),
        _quantiles(np.concatenate(completion.late)),
        required,
        late_now,
    )


def _late_now(problem: Problem, code: str) -> int:
    station = next(station for station in problem.stations if station.code == code)
    there = station.waiting.ready_ms <= problem.now_ms
    late = (station.waiting.due_ms <= problem.now_ms) & there
    return int(late.sum()) + int((station.printing.due_ms <= problem.now_ms).sum())


def _required(worlds: Worlds, late: dict[StationCode, int]) -> dict[StationCode, float | None]:
    """Find for each station the fewest hours after which no card is late that is not late already.

    None are needed where at P50 none is as things go. Else every printer has an operator from opening until so long
    after closing; half hours are tried by halving, in one block of the worlds.
    """
    problem = worlds.problem
    every = sum(station.printers for station in problem.stations)
    all_in = replace(problem, max_seats=every)
    same = worlds.under(all_in)
    late_now = {station.code: _late_now(problem, station.code) for station in problem.stations}

    @cache
    def enough(step: int) -> dict[StationCode, bool]:
        (block,) = trace_stations(same, Roster(every, step * STEP_H), until_ms=problem.deadline_ms, blocks=1)
        found = {}
        for one in block:
            completion = _Course()
            completion.add(one, problem.now_ms)
            found[one.station.code] = _median(completion.late[0]) <= late_now[one.station.code]
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
    # Values that were draw_worlds, so that never stays never.
    low, middle, high = np.quantile(values, QUANTILES, method="inverted_cdf").tolist()
    return low, middle, high


def _runway(ends: Integers, now_ms: int) -> Quantiles:
    low, middle, high = _quantiles(np.minimum(ends, ahead_ms(now_ms)) - now_ms)
    return low / 1000, middle / 1000, high / 1000
