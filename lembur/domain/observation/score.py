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
