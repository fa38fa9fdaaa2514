"""The world a scenario and a seed lead to: open seats, rates, prints, answers and routes, the same for whoever asks.

Live workers and the planner both draw from here, so a run depends on the scenario and the seed and on nothing else.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.calendar import Calendar, at_ms, day_of, days, moment_ms
from lembur.domain.rate import NEVER_MS, STEADY, Rate
from lembur.domain.seats import CENTRE, Plan, SeatOrder, StationCode, Step, Window, planned, steps
from lembur.domain.world import draws as chance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lembur.domain.scenario.model import Overtime, Pace, Scenario, Spell, Station

HOUR_MS: Final = 3_600_000
BEYOND: Final = timedelta(days=60)
"""Rates are laid out so far beyond the scenario's end; after that the last one holds."""
BLOCK: Final = 1024
"""Draws that are wanted one by one are made in blocks: one costs as much as a thousand."""


@dataclass(frozen=True, slots=True)
class Prints:
    """Prints of a station by position: work before the pace, plain time at the end, and whether it is spoiled and why.

    `reason_index` points into the scenario's spoil reasons and is -1 where the card is good.
    """

    work_ms: NDArray[np.int64]
    extra_ms: NDArray[np.int64]
    spoiled: NDArray[np.bool_]
    reason_index: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of the centre by position: work before its rate, and an index into the scenario's verdicts."""

    work_ms: NDArray[np.int64]
    verdict_index: NDArray[np.int64]


def station_steps(
    scenario: Scenario, seed: int, station: StationCode, *, until_ms: int, orders: Sequence[SeatOrder] = ()
) -> list[Step]:
    """Tell the open seats of a station until a moment: shifts, breaks, overtime, breakdowns, then `orders` on top.

    The lines to the centre are always open; `orders` of other stations do not count.
    """
    own = [order for order in (*overtime_orders(scenario), *orders) if order.station == station]
    if station == CENTRE:
        lines = scenario.centre.lines
        found = steps(shifts=[Window(0, NEVER_MS)], breaks=[], base_seats=lines, printers=lines, orders=own)
        return [step for step in found if step.at_ms < NEVER_MS]
    return _steps(scenario, station, until_ms, own, repairs(scenario, seed, station, until_ms=until_ms))


def station_plan(
    scenario: Scenario, station: StationCode, *, until_ms: int, orders: Sequence[SeatOrder] = ()
) -> list[Plan]:
    """Tell the seats of a print station as if no printer ever broke, by shifts alone and with all orders."""
    own = [order for order in (*overtime_orders(scenario), *orders) if order.station == station]
    return planned(_steps(scenario, station, until_ms, (), ()), _steps(scenario, station, until_ms, own, ()))


def _steps(
    scenario: Scenario, station: StationCode, until_ms: int, orders: Sequence[SeatOrder], broken: Sequence[Window]
) -> list[Step]:
    place = station_of(scenario, station)
    first, last = day_of(moment_ms(scenario.starts)), day_of(until_ms)
    calendar = Calendar(scenario.hours)
    return steps(
        shifts=calendar.shifts(first, last),
        breaks=calendar.breaks(first, last),
        base_seats=place.seats,
        printers=place.printers,
        orders=orders,
        repairs=broken,
    )


def station_of(scenario: Scenario, station: StationCode) -> Station:
    """Find a print station by its code."""
    return next(place for place in scenario.stations if place.code == station)


def overtime_orders(scenario: Scenario) -> list[SeatOrder]:
    """List the scenario's written overtime as seat orders, in the file's order, one for each station it names."""
    return [_order(place, written) for written in scenario.overtime for place in _named(scenario, written)]


def _named(scenario: Scenario, written: Overtime) -> Sequence[Station]:
    return [place for place in scenario.stations if written.station in {"all", place.code}]


def _order(place: Station, written: Overtime) -> SeatOrder:
    return SeatOrder(
        station=StationCode(place.code),
        seats=place.printers if written.seats == "printers" else written.seats,
        from_ms=at_ms(written.day, written.opens),
        until_ms=at_ms(written.day, written.closes),
        by=written.by,
        reason=written.reason,
    )


def repairs(scenario: Scenario, seed: int, station: StationCode, *, until_ms: int) -> list[Window]:
    """List the stretches in which a printer of the station stands still, each printer (from 0) in turn.

    Up and repair times alternate from the scenario's start by the clock, exponential with the scenario's means.
    """
    return [
        window
        for printer in range(station_of(scenario, station).printers)
        for window in _repairs(scenario, seed, f"repair/{station}/{printer}", until_ms)
    ]


def _repairs(scenario: Scenario, seed: int, purpose: str, until_ms: int) -> Iterator[Window]:
    every, repair = scenario.printing.breakdown_every_h * HOUR_MS, scenario.printing.repair_h * HOUR_MS
    now, first = moment_ms(scenario.starts), 0
    while every > 0 and repair > 0:
        block = -np.log(chance.uniforms(seed, purpose, first, BLOCK))
        for up, down in zip(np.rint(block[:, 0] * every), np.rint(block[:, 1] * repair), strict=True):
            broken = now + int(up)
            if broken >= until_ms:
                return
            now = broken + int(down)
            yield Window(broken, now)
        first += BLOCK


@lru_cache(maxsize=8)
def print_rate(scenario: Scenario) -> Rate:
    """Tell the pace of the desks over time."""
    return _rate(scenario, scenario.printing.pace, ())


@lru_cache(maxsize=8)
def centre_rate(scenario: Scenario) -> Rate:
    """Tell the centre's speed over time: its day profile, times every slow spell and outage that holds."""
    return _rate(scenario, scenario.centre.profile, scenario.centre.spells)


def _rate(scenario: Scenario, profile: Sequence[Pace], spells: Sequence[Spell]) -> Rate:
    stretches = [(moment_ms(spell.begins), moment_ms(spell.ends), spell.speed) for spell in spells]
    first = day_of(min([moment_ms(scenario.starts), *(begins for begins, _, _ in stretches)]))
    last = day_of(max([moment_ms(scenario.ends + BEYOND), *(ends for _, ends, _ in stretches)]))
    edges = {at_ms(day, pace.at) for day in days(first, last) for pace in profile}
    edges.update(edge for begins, ends, _ in stretches for edge in (begins, ends))
    if not edges:
        return STEADY
    by_time = sorted(profile, key=lambda pace: pace.at)
    starts: list[int] = []
    speeds: list[float] = []
    for edge in [0, *sorted(edges)]:
        speed = _profile_speed(by_time, edge)
        for begins, ends, factor in stretches:
            if begins <= edge < ends:
                speed *= factor
        if not speeds or speeds[-1] != speed:
            starts.append(edge)
            speeds.append(speed)
    return Rate(tuple(starts), tuple(speeds))


def _profile_speed(by_time: Sequence[Pace], moment: int) -> float:
    # Before the day's first entry the last one of the day before still holds.
    day = day_of(moment)
    passed = [pace.speed for pace in by_time if at_ms(day, pace.at) <= moment]
    return (passed or [pace.speed for pace in by_time] or [1.0])[-1]


def prints(scenario: Scenario, seed: int, station: StationCode, first: int, count: int) -> Prints:
    """Draw the prints `first` to `first + count` of a station, counted from 0; each belongs to its position."""
    printing, place = scenario.printing, station_of(scenario, station)
    draws = chance.uniforms(seed, f"print/{station}", first, count)
    spoiled = draws[:, 2] < (printing.spoil_rate if place.spoil_rate is None else place.spoil_rate)
    reasons = chance.pick(draws[:, 3], list(printing.spoil_reasons.values()))
    after = np.arange(first + 1, first + count + 1)
    extra = 1000 * printing.ribbon_change_s * (after % printing.ribbon_cards == 0).astype(np.int64)
    if printing.rest_every_cards:
        extra += 1000 * printing.rest_s * (after % printing.rest_every_cards == 0)
    return Prints(
        work_ms=chance.lognormal_ms(draws, median_s=printing.median_s, p90_s=printing.p90_s),
        extra_ms=extra,
        spoiled=spoiled,
        reason_index=np.where(spoiled, reasons, -1),
    )


def answers(scenario: Scenario, seed: int, first: int, count: int) -> Answers:
    """Draw the centre's answers `first` to `first + count`, counted from 0; each belongs to its position."""
    centre = scenario.centre
    draws = chance.uniforms(seed, "centre", first, count)
    return Answers(
        work_ms=chance.lognormal_ms(draws, median_s=centre.median_s, p90_s=centre.p90_s),
        verdict_index=chance.pick(draws[:, 2], list(centre.verdicts.values())),
    )


def route(scenario: Scenario, seed: int, number: int, kecamatan_code: str) -> StationCode:
    """Choose the station that prints a card, by the shares of those that serve its kecamatan.

    Where no station of the scenario says whom it serves, all share equally.
    """
    codes, edges = _routes(scenario)[kecamatan_code if _is_served(scenario) else ""]
    return codes[bisect_right(edges, _route_draws(seed, number // BLOCK)[number % BLOCK])]


@lru_cache(maxsize=8)
def _is_served(scenario: Scenario) -> bool:
    return any(place.serves for place in scenario.stations)


@lru_cache(maxsize=8)
def _routes(scenario: Scenario) -> dict[str, tuple[list[StationCode], list[float]]]:
    if not _is_served(scenario):
        share = 1.0 / len(scenario.stations)
        return {"": _table([(place.code, share) for place in scenario.stations])}
    served = {kecamatan for place in scenario.stations for kecamatan in place.serves}
    return {
        kecamatan: _table([(p.code, p.serves[kecamatan]) for p in scenario.stations if kecamatan in p.serves])
        for kecamatan in served
    }


def _table(shares: Sequence[tuple[str, float]]) -> tuple[list[StationCode], list[float]]:
    return [StationCode(code) for code, _ in shares], np.cumsum([share for _, share in shares])[:-1].tolist()


@lru_cache(maxsize=64)
def _route_draws(seed: int, block: int) -> list[float]:
    drawn: list[float] = chance.uniforms(seed, "route", block * BLOCK, BLOCK)[:, 0].tolist()
    return drawn
