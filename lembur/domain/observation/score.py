"""The score of past forecasts: the share of outcomes between P10 and P90. The office's first day has its own score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import Sentence
from lembur.domain.observation.forecast import HORIZONS_H
from lembur.domain.seats import ALL
from lembur.domain.time import HOUR_MS, NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import tzinfo

    from lembur.domain.observation.forecast import Forecast
    from lembur.domain.seats import SeatOrder

FIRST_DAY: Final = "first day"
"""Forecasts made on the office's first day. Little was observed, so the rates are those of the scenario."""
LATER: Final = "later"
"""Forecasts made after the first day, with observed rates."""


@dataclass(frozen=True, slots=True)
class Score:
    """Score of the forecasts of one figure: `what` is 'backlog 4 h', 'clear' (in hours) or 'late'.

    `made` is `FIRST_DAY` or `LATER`. `sure` counts the forecasts that named a single value and were right, such as
    those of an empty queue. `coverage` and `pinball` describe the `judged` others; they are None if there are none.
    """

    what: str
    where: str
    made: str
    judged: int
    sure: int
    coverage: float | None
    pinball: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Judged forecasts, and how many of their outcomes lay between P10 and P90."""

    judged: int
    inside: int

    @property
    def share(self) -> float | None:
        """Return the share that lay inside; None where nothing is judged."""
        return self.inside / self.judged if self.judged else None


def count_covered(
    found: Iterable[Score], figure: str = "backlog", made: Collection[str] = (FIRST_DAY, LATER)
) -> Coverage:
    """Add up the office's scores of a figure. The backlog is added up over all its horizons."""
    own = [one for one in found if one.where == ALL and one.what.startswith(figure) and one.made in made]
    return Coverage(sum(one.judged for one in own), round(sum(one.judged * (one.coverage or 0.0) for one in own)))


@dataclass(frozen=True, slots=True)
class ScoredOffices:
    """Played offices of a city whose backlog forecasts were scored: the share of outcomes between P10 and P90.

    `code` is that of the city, as a NIK begins.
    """

    city: str
    code: str
    office: Sentence
    first_day: float
    later: float


AS_WRITTEN, OFF = Sentence("as in their scenario"), Sentence("off by up to 30 %")
TRIALS: Final = (
    ScoredOffices("Solo", "3372", AS_WRITTEN, 0.86, 0.83),
    ScoredOffices("Solo", "3372", OFF, 0.85, 0.80),
    ScoredOffices("Jayapura", "9171", AS_WRITTEN, 0.88, 0.85),
    ScoredOffices("Jayapura", "9171", OFF, 0.82, 0.79),
)
"""Shares of `make bench-forecasts`, to stand beside an office's own; a test compares them with docs/planner.md."""


def trials_of(city: str) -> list[ScoredOffices]:
    """Return the trials of a city, given by its code; those of all cities where it has none."""
    return [one for one in TRIALS if one.code == city] or list(TRIALS)


def explain_later_orders(
    forecasts: Sequence[Forecast], orders: Sequence[SeatOrder], *, now_ms: int, zone: tzinfo
) -> Sentence | None:
    """Explain why outcomes may leave their bands: seats were ordered after a forecast, and within its horizon."""
    begins_ms = [*accumulate((order.from_ms for order in reversed(orders)), min, initial=NEVER_MS)][::-1]
    unaware = [
        one
        for one in forecasts
        if one.orders is not None
        and begins_ms[min(one.orders, len(orders))] < min(now_ms, one.made_ms + HORIZONS_H[-1] * HOUR_MS)
    ]
    if not unaware:
        return None
    return Sentence(
        "seats were ordered or cancelled after %(num)s forecast, that of %(made)s: it does not know these seats, so "
        "the queue that came may differ from it",
        "seats were ordered or cancelled after %(num)s forecasts, the last one of %(made)s: they do not know "
        "these seats, so the queue that came may differ from them",
        num=len(unaware),
        made=datetime.fromtimestamp(unaware[-1].made_ms / 1000, zone),
    )
