"""Prints of a station and answers of the centre, drawn by position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain import draws
from lembur.domain.world.open_seats import station_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lembur.domain.scenario import Scenario
    from lembur.domain.seats import StationCode


@dataclass(frozen=True, slots=True)
class Prints:
    """Prints of a station by position: work before the pace, fixed time at the end, spoiled or good, and the reason.

    `reason_index` points into the scenario's spoil reasons; -1 means a good card.
    """

    work_ms: NDArray[np.int64]
    extra_ms: NDArray[np.int64]
    spoiled: NDArray[np.bool_]
    reason_index: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of the centre by position: work before the rate, and an index into the scenario's verdicts."""

    work_ms: NDArray[np.int64]
    verdict_index: NDArray[np.int64]


def prints(scenario: Scenario, seed: int, station: StationCode, first: int, count: int) -> Prints:
    """Draw the prints `first` to `first + count` of a station, counted from 0. Each draw belongs to its position."""
    printing = scenario.printing
    rows = draws.uniforms(seed, f"print/{station}", first, count)
    spoiled = rows[:, 2] < printing.spoil_rate_at(station_of(scenario, station))
    reasons = draws.pick(rows[:, 3], list(printing.spoil_reasons.values()))
    after = np.arange(first + 1, first + count + 1)
    extra = 1000 * printing.ribbon_change_s * (after % printing.ribbon_cards == 0).astype(np.int64)
    if printing.rest_every_cards:
        extra += 1000 * printing.rest_s * (after % printing.rest_every_cards == 0)
    return Prints(
        work_ms=draws.lognormal_ms(rows, median_s=printing.median_s, p90_s=printing.p90_s),
        extra_ms=extra,
        spoiled=spoiled,
        reason_index=np.where(spoiled, reasons, -1),
    )


def answers(scenario: Scenario, seed: int, first: int, count: int) -> Answers:
    """Draw the centre's answers `first` to `first + count`, counted from 0. Each draw belongs to its position."""
    centre = scenario.centre
    rows = draws.uniforms(seed, "centre", first, count)
    return Answers(
        work_ms=draws.lognormal_ms(rows, median_s=centre.median_s, p90_s=centre.p90_s),
        verdict_index=draws.pick(rows[:, 2], list(centre.verdicts.values())),
    )
