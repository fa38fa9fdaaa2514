"""The score of past forecasts: the share of outcomes between P10 and P90. The office's first day has its own score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
class ScoredOffices:
    """Offices whose backlog forecasts were scored in a trial: the share of outcomes between P10 and P90."""

    office: str
    first_day: float
    later: float


TRIALS: Final = (ScoredOffices("as in their scenario", 0.86, 0.83), ScoredOffices("off by up to 30 %", 0.85, 0.80))
"""Shares of `make bench-forecasts`, to stand beside an office's own; a test compares them with docs/planner.md."""
