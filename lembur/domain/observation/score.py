"""The score of past forecasts: the share of outcomes between P10 and P90, apart for the office's first day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_DAY: Final = "first day"
"""Made on the day on which the office opened: little was seen, and its scenario is believed."""
LATER: Final = "later"
"""Made after the first day: the rates are those that were seen."""


@dataclass(frozen=True, slots=True)
class Score:
    """Score of the forecasts of one figure: `what` is 'backlog 4 h', 'clear' (in hours) or 'late'.

    `made` is `FIRST_DAY` or `LATER`. `sure` counts forecasts with one value only that came true, such as those of an
    empty queue. `coverage` and `pinball` describe the other `judged` ones; None if there are none.
    """

    what: str
    where: str
    made: str
    judged: int
    sure: int
    coverage: float | None
    pinball: float | None
