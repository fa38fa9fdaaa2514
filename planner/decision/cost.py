"""Cost of a roster on top of the orders given already, and the caps it would break."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from lembur.domain.overtime import NO_HOURS, add_hours, overtime_of
from lembur.domain.seats import Window
from planner.problem import calendar, orders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from lembur.domain.overtime import Overtime
    from lembur.domain.seats import SeatOrder, StationCode
    from planner.problem import Problem, Roster


@dataclass(frozen=True, slots=True)
class Cost:
    """Added overtime of a roster until the deadline, and the sentences on broken caps."""

    seat_hours: float
    rupiah: int
    broken: tuple[str, ...]


def cost_of(problem: Problem, roster: Roster) -> Cost:
    """Return the cost of a roster on top of the orders given already.

    Every seat is one person. People may take turns to keep the week's cap; the day's cap limits the hours themselves.
    """
    ordered, planned = overtime_by_station(problem, ()), overtime_by_station(problem, orders(problem, roster))
    seat_hours = sum(one.seat_hours for one in planned.values()) - sum(one.seat_hours for one in ordered.values())
    return Cost(
        seat_hours,
        price_rupiah(problem, planned) - price_rupiah(problem, ordered),
        tuple(_list_broken(problem, planned)),
    )


def overtime_by_station(problem: Problem, placed: Sequence[SeatOrder]) -> dict[StationCode, Overtime]:
    """Return each station's overtime from now until the deadline, with these orders on top."""
    window = Window(problem.now_ms, problem.deadline_ms)
    return {
        station.code: overtime_of(
            calendar(problem, station, placed, until_ms=problem.deadline_ms), station.working, window
        )
        for station in problem.stations
    }


def price_rupiah(problem: Problem, overtime: Mapping[StationCode, Overtime]) -> int:
    """Return the pay of the overtime of all stations."""
    return round(sum(one.rupiah(problem.pay, problem.worked.get(code, NO_HOURS)) for code, one in overtime.items()))


def price_orders(problem: Problem, placed: Sequence[SeatOrder]) -> list[int]:
    """Return the pay that each order adds to the orders before it. The first order of an evening pays the meal."""
    sums = [price_rupiah(problem, overtime_by_station(problem, placed[:count])) for count in range(len(placed) + 1)]
    return [after - before for before, after in pairwise(sums)]


def _list_broken(problem: Problem, planned: Mapping[StationCode, Overtime]) -> Iterator[str]:
    """Yield a sentence for each cap that one person on one seat would break. Days off do not count.

    The rule of each day caps that day; the rule of its Sunday caps a week.
    """
    days: dict[tuple[StationCode, int, date], float] = {}
    weeks: dict[tuple[StationCode, int, date], float] = defaultdict(float)
    for station in problem.stations:
        hours_ahead = planned[station.code].hours
        touched = {(_week_end(day), seat) for day, seat in hours_ahead}
        for (day, seat), hours in add_hours(problem.worked.get(station.code, NO_HOURS), hours_ahead).items():
            if not station.working.is_working_day(day):
                continue
            if (day, seat) in hours_ahead:
                days[station.code, seat, day] = hours
            if (_week_end(day), seat) in touched:
                weeks[station.code, seat, _week_end(day)] += hours
    for worked, span in ((days, "on one day"), (weeks, "a week")):
        rules = [(hours, problem.pay.on(day)) for (_, _, day), hours in worked.items()]
        caps = [(hours, rule.cap_day_h if worked is days else rule.cap_week_h, rule.source) for hours, rule in rules]
        broken = [(hours, cap, source) for hours, cap, source in caps if cap is not None and hours > cap]
        if broken:
            longest, cap, source = max(broken)
            yield f"{longest:g} h of overtime {span}; {cap:g} h are allowed ({source})"


def _week_end(day: date) -> date:
    """Return the Sunday of a day's week."""
    return day + timedelta(days=6 - day.weekday())
