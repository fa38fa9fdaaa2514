"""The overtime that orders add, in lines. A line is for operators with the same hours at one station on one date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.overtime import outside, seat_overtime
from lembur.domain.seats import StationCode, Window, wanted_steps
from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from lembur.domain.scenario import OvertimePay, Scenario, Station
    from lembur.domain.seats import SeatOrder

    SeatWindows = Mapping[tuple[date, int], Sequence[Window]]
    """Overtime of each seat on each date."""


@dataclass(frozen=True, slots=True)
class OvertimeLine:
    """Operators with the same overtime at one station on one date. Hours and pay are those of all of them."""

    day: date
    station: Station
    windows: tuple[Window, ...]
    operators: int
    hours: float
    rupiah: float


def list_overtime(
    scenario: Scenario, pay: OvertimePay, orders: Sequence[SeatOrder], others: Sequence[SeatOrder]
) -> list[OvertimeLine]:
    """List the overtime that orders add to earlier orders, by date and station.

    One seat on one date is one person. Hours of a day that were ordered before are paid by their own order.
    """
    found = [line for station in scenario.stations for line in _of_station(scenario, station, pay, orders, others)]
    return sorted(found, key=lambda line: line.day)


def _of_station(
    scenario: Scenario, station: Station, pay: OvertimePay, orders: Sequence[SeatOrder], others: Sequence[SeatOrder]
) -> Iterator[OvertimeLine]:
    calendar = Calendar.of_station(scenario, station)
    before, after = (
        _seat_windows(scenario, station, calendar, some, until_ms=max(order.until_ms for order in orders) + 1)
        for some in (others, (*others, *orders))
    )
    persons: Counter[tuple[date, tuple[Window, ...], float]] = Counter()
    for (day, seat), windows in after.items():
        known = before.get((day, seat), ())
        added = tuple(part for window in windows for part in outside(window, known))
        off = not calendar.is_working_day(day)
        now, then = (pay.on(day).pay_rupiah(_hours(some), day_off=off) for some in (windows, known))
        persons[day, added, now - then] += bool(added)
    for (day, added, rupiah), count in persons.items():
        if count:
            yield OvertimeLine(day, station, added, count, count * _hours(added), count * rupiah)


def _seat_windows(
    scenario: Scenario, station: Station, calendar: Calendar, orders: Sequence[SeatOrder], *, until_ms: int
) -> SeatWindows:
    """Return the overtime of each seat by date, without gaps between neighbours."""
    plan = world.station_plan(scenario, StationCode(station.code), until_ms=until_ms, orders=orders)
    found: dict[tuple[date, int], list[Window]] = {}
    for day, seat, part in seat_overtime(wanted_steps(plan), calendar, Window(0, until_ms)):
        windows = found.setdefault((day, seat), [])
        begin = windows.pop().start_ms if windows and windows[-1].end_ms == part.start_ms else part.start_ms
        windows.append(Window(begin, part.end_ms))
    return found


def _hours(windows: Sequence[Window]) -> float:
    return sum(window.end_ms - window.start_ms for window in windows) / HOUR_MS
