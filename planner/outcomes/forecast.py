"""Forecast of an office as it stands, under the orders given until now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.observation import AHEAD_DAYS, HORIZONS_H, QUANTILES, Forecast, StationForecast
from lembur.domain.seats import ALL
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS
from planner.outcomes.backlog import StationTrace, trace_stations
from planner.problem import STEP_H, draw_worlds, regular_roster, uniform_roster

if TYPE_CHECKING:
    from lembur.domain.observation import Quantiles
    from lembur.domain.seats import StationCode
    from planner.arrays import Flags, Integers, Offsets, Steps
    from planner.problem import Problem, Worlds
    from planner.simulation import ReplayResult

WORLDS: Final = 200
FEWEST_WORLDS: Final = 50
MOST_CARDS: Final = 10_000_000
"""Waiting cards times worlds of a forecast: 100,000 cards in 100 worlds."""
LONGEST_H: Final = 8.0
"""Longest overtime to try: up to midnight after a regular day."""
LATER_DAYS: Final = (60, 240)
"""Further horizons, in days, for a queue that is not clear before."""


def worlds_for(cards: int) -> int:
    """Return the number of worlds for this many waiting cards."""
    return max(FEWEST_WORLDS, min(WORLDS, MOST_CARDS // max(1, cards)))


def ahead_ms(now_ms: int) -> int:
    """Return the deadline and cut-off of a forecast's problem: arrivals are drawn up to this moment."""
    return now_ms + AHEAD_DAYS * DAY_MS


@dataclass(slots=True)
class _StationOutcome:
    """Outcome of a station, one array per block: backlog by horizon, clearing, late cards, end of stock.

    `goes_on` marks the worlds in which a longer trace shows when the waiting cards are printed.
    """

    backlog: list[Integers] = field(default_factory=list)
    clear_ms: list[Integers] = field(default_factory=list)
    late: list[Integers] = field(default_factory=list)
    blank_ms: list[Integers] = field(default_factory=list)
    ribbon_ms: list[Integers] = field(default_factory=list)
    goes_on: list[Flags] = field(default_factory=list)

    def add(self, one: StationTrace, now_ms: int) -> None:
        """Add a block."""
        station, waiting = one.station, one.places_of_waiting()
        in_printers = int(station.printing.ready_ms.max(initial=now_ms))
        self.backlog.append(one.backlog_at([now_ms + hours * HOUR_MS for hours in HORIZONS_H]))
        self.clear_ms.append(np.maximum(one.done_ms[waiting].max(axis=1, initial=now_ms), in_printers))
        # More days print nothing without regular seats, nor after the last blank or ribbon that is promised.
        left = one.made.begun < station.stock.values.max(initial=0)
        self.goes_on.append((self.clear_ms[-1] >= NEVER_MS) & left & (station.seats > 0))
        late = int((station.printing.ready_ms > station.printing.due_ms).sum())
        self.late.append((one.done_ms[waiting] > one.due_ms[waiting]).sum(axis=1) + late)
        self.blank_ms.append(ends_ms(station.blanks, one.made, one.queue.prints))
        self.ribbon_ms.append(ends_ms(station.ribbon, one.made, one.queue.prints))


def ends_ms(stock: Steps, made: ReplayResult, prints: Offsets) -> Integers:
    """Return the first moment of an empty shelf in each world: the print that takes the last blank has begun."""
    ends, starts = np.full(len(made.begun), NEVER_MS, dtype=np.int64), np.append(made.starts_ms, 0)
    until = [*stock.at_ms.tolist()[1:], NEVER_MS]
    for since, enough, delivery in zip(stock.at_ms.tolist(), stock.values.tolist(), until, strict=True):
        reached = made.begun >= enough
        last = starts[np.where(reached, prints.edges[:-1] + enough - 1, -1)]
        empty = np.maximum(since, last if enough else since)
        ends = np.where((ends == NEVER_MS) & reached & (empty < delivery), empty, ends)
    return ends


def make_forecast(problem: Problem) -> Forecast:
    """Forecast the office without further orders. The caller fills in `took_s`."""
    worlds, outcomes = _trace(problem)
    by_code = {station.code: each for station, each in zip(problem.stations, outcomes, strict=True)}
    needed = _required_hours(worlds, {code: _median(np.concatenate(each.late)) for code, each in by_code.items()})
    stations = {str(code): _station(each, _late_now(problem, code), needed[code]) for code, each in by_code.items()}
    everywhere = _StationOutcome(
        [np.sum([np.concatenate(each.backlog) for each in outcomes], axis=0)],
        [np.max([np.concatenate(each.clear_ms) for each in outcomes], axis=0)],
        [np.sum([np.concatenate(each.late) for each in outcomes], axis=0)],
    )
    hours = list(needed.values())
    most = None if None in hours else max(hour for hour in hours if hour is not None)
    stations[ALL] = _station(everywhere, sum(each.late_now for each in stations.values()), most)
    runway = {
        item: _runway(
            np.min([np.concatenate(getattr(each, f"{item}_ms")) for each in outcomes], axis=0), problem.now_ms
        )
        for item in ("blank", "ribbon")
    }
    return Forecast(problem.now_ms, 0.0, stations, runway)


def _trace(problem: Problem) -> tuple[Worlds, list[_StationOutcome]]:
    """Trace the office without further orders until more days would help few worlds."""
    found = _trace_until(problem, AHEAD_DAYS)
    for days in LATER_DAYS:
        goes_on = np.logical_or.reduce([np.concatenate(each.goes_on) for each in found[1]])
        if goes_on.mean() < 1 - QUANTILES[-1]:
            break
        found = _trace_until(problem, days)
    return found


def _trace_until(problem: Problem, days: int) -> tuple[Worlds, list[_StationOutcome]]:
    until = problem.now_ms + days * DAY_MS
    worlds, outcomes = draw_worlds(problem, faults_until_ms=until), [_StationOutcome() for _ in problem.stations]
    for block in trace_stations(worlds, regular_roster(problem), until_ms=until):
        for each, one in zip(outcomes, block, strict=True):
            each.add(one, problem.now_ms)
    return worlds, outcomes


def _station(outcomes: _StationOutcome, late_now: int, required: float | None) -> StationForecast:
    backlog = np.concatenate(outcomes.backlog)
    return StationForecast(
        {hours: _quantiles(backlog[:, column]) for column, hours in enumerate(HORIZONS_H)},
        _quantiles(np.concatenate(outcomes.clear_ms)),
        _quantiles(np.concatenate(outcomes.late)),
        required,
        late_now,
    )


def _late_now(problem: Problem, code: str) -> int:
    station = next(station for station in problem.stations if station.code == code)
    there = station.waiting.ready_ms <= problem.now_ms
    late = (station.waiting.due_ms <= problem.now_ms) & there
    return int(late.sum()) + int((station.printing.due_ms <= problem.now_ms).sum())


def _required_hours(worlds: Worlds, late: dict[StationCode, int]) -> dict[StationCode, float | None]:
    """Find the fewest overtime hours of each station after which no further card becomes late.

    Zero if at P50 no further card becomes late anyway. Otherwise every printer gets an operator from opening until
    the end of the overtime. Half hours are found by bisection, in one block of worlds.
    """
    problem = worlds.problem
    every = sum(station.printers for station in problem.stations)
    all_in = replace(problem, max_seats=every)
    same = worlds.for_problem(all_in)
    late_now = {station.code: _late_now(problem, station.code) for station in problem.stations}

    @cache
    def enough(step: int) -> dict[StationCode, bool]:
        (block,) = trace_stations(
            same, uniform_roster(all_in, every, step * STEP_H), until_ms=problem.deadline_ms, blocks=1
        )
        found = {}
        for one in block:
            outcomes = _StationOutcome()
            outcomes.add(one, problem.now_ms)
            found[one.station.code] = _median(outcomes.late[0]) <= late_now[one.station.code]
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
    # Each quantile is one of the drawn values, not a mean of two, so that NEVER_MS stays NEVER_MS.
    low, middle, high = np.quantile(values, QUANTILES, method="inverted_cdf").tolist()
    return low, middle, high


def _runway(ends: Integers, now_ms: int) -> Quantiles:
    low, middle, high = _quantiles(np.minimum(ends, ahead_ms(now_ms)) - now_ms)
    return low / 1000, middle / 1000, high / 1000
