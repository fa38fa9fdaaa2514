"""The score of past forecasts: the share of outcomes between P10 and P90. The office's first day has its own score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import Sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ALL: Final = "all"
"""Means the whole office, not its stations one by one."""
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
    """Offices whose backlog forecasts were scored in a trial: the share of outcomes between P10 and P90."""

    office: Sentence
    first_day: float
    later: float


TRIALS: Final = (
    ScoredOffices(Sentence("as in their scenario"), 0.86, 0.83),
    ScoredOffices(Sentence("off by up to 30 %"), 0.85, 0.80),
)
"""Shares of `make bench-forecasts`, to stand beside an office's own; a test compares them with docs/planner.md."""
