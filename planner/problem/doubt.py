"""Doubt about estimated rates: each world has its own true value of each.

An estimated factor is a mean of the scenario's figure and the observed one. Its `weight` is the scenario's part: 1
without observations, near 0 with many. The error of such a mean has two parts:

- the scenario's: it may be off by up to `MOST_OFF`, all values equally likely, and `weight` of that is left;
- that of chance in the observations, with the variance PRIOR_SD^2 weight (1 - weight).

Together they have the variance PRIOR_SD^2 weight, which is that of the conjugate rules in `rates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.errors import Sentence

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

MOST_OFF: Final = 0.3
"""A scenario's times, arrivals and breakdowns are off by this share at most, all values equally likely (assumed)."""
PRIOR_SD: Final = MOST_OFF / 3**0.5
"""Standard deviation of such a figure, as a share of it."""
PRIOR_SHARE_SD: Final = 0.5
"""The same for spoilage, where offices report 0.9 % to 4.7 % (A), and for the centre's refusals."""
KNOWN: Final = inf
"""Number of cases behind a share that is not estimated."""
LEAST_FACTOR: Final = 0.1
"""Least factor of a world."""
FEW_PRINTS: Final = 0.1
"""Weight of the scenario's print time above which few prints were seen: some hundred, as 5 % of doubt is left then."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Doubt about the rates of a whole office. The default is none.

    The first five are weights of the scenario's figure: times of prints, of answers and of repairs, people who come,
    breakdowns. `verdicts` is the number of cases behind the share of records that the centre accepts.
    """

    prints: float = 0.0
    answers: float = 0.0
    repairs: float = 0.0
    people: float = 0.0
    breakdowns: float = 0.0
    verdicts: float = KNOWN

    @property
    def caution(self) -> Sentence | None:
        """Warn that the time of a print is not known within some percent yet: a plan asks for more then."""
        if self.prints <= FEW_PRINTS:
            return None
        return Sentence(
            "few prints were seen until now: the plan allows for print times up to %(percent)s %% longer or shorter "
            "than the scenario's, so it asks for more than it will later",
            percent=round(100 * MOST_OFF),
        )


NO_DOUBT: Final = Doubt()
"""The rates are those of the scenario."""


def time_weight(count: int, spread: float) -> float:
    """Return the weight of a scenario's time beside `count` observed ones. The spread is a share of their mean."""
    prior = (spread / PRIOR_SD) ** 2
    return prior / (prior + count) if prior else float(count == 0)


def count_weight(expected: float) -> float:
    """Return the weight of a scenario's rate, such as that of arrivals, where `expected` cases were expected."""
    prior = PRIOR_SD**-2
    return prior / (prior + max(0.0, expected))


def share_cases(rate: float, count: int) -> float:
    """Return the number of cases behind a share: `count` observed ones, and those that the scenario weighs as much as.

    A scenario's share of 0 weighs as much as one case.
    """
    return count + ((1.0 - rate) / (rate * PRIOR_SHARE_SD**2) if rate else 1.0)


def draw_factors(chance: Generator, worlds: int, weight: float) -> NDArray[np.float64]:
    """Draw the true rate of each world, as a factor of its estimate. With weight 0 nothing is drawn."""
    if not weight:
        return np.ones(worlds)
    scenario = weight * MOST_OFF * chance.uniform(-1.0, 1.0, worlds)
    observed = PRIOR_SD * (weight * (1.0 - weight)) ** 0.5 * chance.standard_normal(worlds)
    factors: NDArray[np.float64] = np.maximum(LEAST_FACTOR, 1.0 + scenario + observed)
    return factors


def draw_shares(chance: Generator, worlds: int, share: float, cases: float) -> NDArray[np.float64]:
    """Draw the true share of each world: a beta with `cases` behind it. With `KNOWN` cases nothing is drawn."""
    if cases == KNOWN or not 0.0 < share < 1.0:
        return np.full(worlds, share)
    return chance.beta(share * cases, (1.0 - share) * cases, worlds)
