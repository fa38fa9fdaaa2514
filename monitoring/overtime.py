"""Overtime until now, from the seats as ordered: its hours and its pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.calendar import Calendar
from lembur.domain.overtime import overtime_of
from lembur.domain.seats import Window, wanted_steps
from lembur.domain.time import moment_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.overtime import Overtime
    from lembur.domain.scenario import Scenario
    from lembur.domain.seats import SeatPlan, StationCode


@dataclass(frozen=True, slots=True)
class OvertimeCost:
    """Overtime of each station until now, in seat hours and in rupiah, and the budget."""

    seat_hours: Mapping[StationCode, float]
    rupiah: Mapping[StationCode, float]
    budget_rupiah: int


def cost_until(
    scenario: Scenario, plans: Mapping[StationCode, Sequence[SeatPlan]], now_ms: int, budget_rupiah: int
) -> OvertimeCost:
    """Return the overtime from the scenario's start until now."""
    calendars = {station.code: Calendar.of_station(scenario, station) for station in scenario.stations}
    window = Window(moment_ms(scenario.starts), max(now_ms, moment_ms(scenario.starts)))
    overtime: dict[StationCode, Overtime] = {
        code: overtime_of(wanted_steps(plan), calendars[code], window) for code, plan in plans.items()
    }
    return OvertimeCost(
        {code: one.seat_hours for code, one in overtime.items()},
        {code: one.rupiah(scenario.overtime_pay) for code, one in overtime.items()},
        budget_rupiah,
    )
