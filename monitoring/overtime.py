"""What overtime costs so far: the hours of each seat beyond the regular ones, by the day, paid as the policy says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lembur.domain.time import HOUR_MS, day_of
from planner.decision import policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lembur.domain.seats import SeatPlan


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seats ordered beyond the regular ones: numbers `first` to `last` (exclusive) from when until when."""

    begin_ms: int
    end_ms: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """The overtime of one station by its plan, and the days on which it has regular hours."""

    stretches: tuple[Stretch, ...]
    working_days: frozenset[date]

    @staticmethod
    def of(plan: Sequence[SeatPlan]) -> Ordered:
        """Read it from the plan; a broken printer changes nothing, for its operator is there and is paid."""
        return Ordered(
            tuple(
                Stretch(one.at_ms, after.at_ms, one.base, one.wanted)
                for one, after in pairwise(plan)
                if one.wanted > one.base
            ),
            frozenset(day_of(one.at_ms) for one in plan if one.base),
        )

    def rupiah(self, now_ms: int, code: str) -> float:
        """Add up what is due until now under the policy with this code."""
        hours: dict[tuple[date, int], float] = {}
        for stretch in self.stretches:
            spent_h = (min(now_ms, stretch.end_ms) - stretch.begin_ms) / HOUR_MS
            for seat in range(stretch.first, stretch.last) if spent_h > 0 else ():
                key = (day_of(stretch.begin_ms), seat)
                hours[key] = hours.get(key, 0.0) + spent_h
        return sum(
            policy(code, day).pay_rupiah(spent_h, day_off=day not in self.working_days)
            for (day, _), spent_h in hours.items()
        )
