"""Overtime until now, from the seats as ordered: its hours and its pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.overtime import overtime_by_date
from lembur.domain.seats import Window, wanted_steps
from lembur.domain.time import moment_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.overtime import DatedScenario
    from lembur.domain.seats import SeatPlan, StationCode


@dataclass(frozen=True, slots=True)
class OvertimeCost:
    """Overtime of each station until now, in seat hours and in rupiah, and the budget."""

    seat_hours: Mapping[StationCode, float]
    rupiah: Mapping[StationCode, float]
    budget_rupiah: int


def cost_until(
    dated: Sequence[DatedScenario],
    plans: Mapping[StationCode, Sequence[SeatPlan]],
    now_ms: int,
    budget_rupiah: int,
) -> OvertimeCost:
    """Return the overtime from the office's start until now, by the hours and the pay of each time."""
    starts_ms = moment_ms(dated[-1].scenario.starts)
    window = Window(starts_ms, max(now_ms, starts_ms))
    found = {code: overtime_by_date(dated, code, wanted_steps(plan), window) for code, plan in plans.items()}
    return OvertimeCost(
        {code: seat_hours for code, (seat_hours, _) in found.items()},
        {code: rupiah for code, (_, rupiah) in found.items()},
        budget_rupiah,
    )
