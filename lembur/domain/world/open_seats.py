"""Open seats of a station over time: shifts, breaks, written overtime, orders and breakdowns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain import draws
from lembur.domain.calendar import Calendar
from lembur.domain.seats import ALL, CENTRE, SeatOrder, SeatPlan, StationCode, Step, Window, plan_seats, steps
from lembur.domain.time import HOUR_MS, NEVER_MS, at_ms, day_of, moment_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.scenario import OvertimeOrder, Scenario, Station


def station_steps(
    scenario: Scenario, seed: int, station: StationCode, *, until_ms: int, orders: Sequence[SeatOrder] = ()
) -> list[Step]:
    """Return the open seats of a station until a moment: shifts, breaks, overtime, breakdowns, then `orders`.

    The lines to the centre are always open. `orders` of other stations do not count.
    """
    own = [order for order in (*overtime_orders(scenario), *orders) if order.station == station]
    if station == CENTRE:
        lines = scenario.centre.lines
        found = steps(shifts=[Window(0, NEVER_MS)], breaks=[], base_seats=lines, printers=lines, orders=own)
        return [step for step in found if step.at_ms < NEVER_MS]
    return _steps(scenario, station, until_ms, own, repairs(scenario, seed, station, until_ms=until_ms))


def station_plan(
    scenario: Scenario, station: StationCode, *, until_ms: int, orders: Sequence[SeatOrder] = ()
) -> list[SeatPlan]:
    """Return the planned seats of a print station, by shifts alone and with all orders, as if no printer ever broke."""
    own = [order for order in (*overtime_orders(scenario), *orders) if order.station == station]
    return plan_seats(_steps(scenario, station, until_ms, (), ()), _steps(scenario, station, until_ms, own, ()))


def _steps(
    scenario: Scenario, station: StationCode, until_ms: int, orders: Sequence[SeatOrder], broken: Sequence[Window]
) -> list[Step]:
    own = station_of(scenario, station)
    first, last = day_of(moment_ms(scenario.starts), scenario.zone), day_of(until_ms, scenario.zone)
    calendar = Calendar.of_station(scenario, own)
    return steps(
        shifts=calendar.shifts(first, last),
        breaks=calendar.breaks(first, last),
        base_seats=own.seats,
        printers=own.printers,
        orders=orders,
        repairs=broken,
    )


def station_of(scenario: Scenario, station: StationCode) -> Station:
    """Find a print station by its code."""
    return next(one for one in scenario.stations if one.code == station)


def overtime_orders(scenario: Scenario) -> list[SeatOrder]:
    """List the scenario's written overtime as seat orders, in the file's order, one for each station it names."""
    return [_order(scenario, one, written) for written in scenario.overtime for one in _stations_of(scenario, written)]


def _stations_of(scenario: Scenario, written: OvertimeOrder) -> Sequence[Station]:
    return [one for one in scenario.stations if written.station in {ALL, one.code}]


def _order(scenario: Scenario, station: Station, written: OvertimeOrder) -> SeatOrder:
    ends_on = written.day + timedelta(days=written.closes < written.opens)
    return SeatOrder(
        station=StationCode(station.code),
        seats=station.printers if written.seats == "printers" else written.seats,
        from_ms=at_ms(written.day, written.opens, scenario.zone),
        until_ms=at_ms(ends_on, written.closes, scenario.zone),
        by=written.by,
        reason=written.reason,
    )


def repairs(scenario: Scenario, seed: int, station: StationCode, *, until_ms: int) -> list[Window]:
    """List the stretches in which each printer of the station is under repair, the printers from 0 on in turn.

    Working times and repair times alternate from the scenario's start, by the clock. Both are exponential with the
    scenario's means.
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
        block = -np.log(draws.uniforms(seed, purpose, first, draws.BLOCK))
        for up, down in zip(np.rint(block[:, 0] * every), np.rint(block[:, 1] * repair), strict=True):
            broken = now + int(up)
            if broken >= until_ms:
                return
            now = broken + int(down)
            yield Window(broken, now)
        first += draws.BLOCK
