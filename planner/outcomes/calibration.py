"""How good past forecasts were: how often what happened lay between P10 and P90, and how far from the quantiles.

The pinball loss of a quantile q that was forecast as f, when y happened, is q (y - f) above it and (1 - q) (f - y)
below it: the mean of the three quantiles', in the figure's own unit, is small when the band is narrow and right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lembur.domain.observation import HORIZONS_H, QUANTILES
from lembur.domain.time import HOUR_MS, NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.observation import CardHistory, Forecast, Quantiles, StationForecast

    Case = tuple[str, str, Quantiles, float]
    """What was forecast and where, its quantiles, and what happened."""

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Score:
    """How the forecasts of one figure did: `what` is 'backlog 4 h', 'clear' (in hours) or 'late'.

    `sure` forecasts had one value only and were right, as those of an empty queue; `coverage` and `pinball` are of the
    `judged` others, None where there are none.
    """

    what: str
    where: str
    judged: int
    sure: int
    coverage: float | None
    pinball: float | None


def scores(forecasts: Sequence[Forecast], past: CardHistory, stations: Sequence[str]) -> list[Score]:
    """Compare forecasts with what happened: for the office, and for its stations together.

    What lies in the future, and the clearing of a queue that is not clear yet, is not judged.
    """
    cases = list(_cases(forecasts, past, stations))
    found = []
    for where in (ALL, "stations"):
        for what in (*(f"backlog {hours} h" for hours in HORIZONS_H[1:]), "clear", "late"):
            own = [
                (band, came)
                for name, station, band, came in cases
                if name == what and (station == ALL) == (where == ALL)
            ]
            if own:
                found.append(_score(what, where, own))
    return found


def coverage(found: Sequence[Score]) -> float | None:
    """Tell the share of the office's backlog forecasts, over all horizons, whose outcome lay within P10 to P90."""
    own = [one for one in found if one.where == ALL and one.what.startswith("backlog") and one.coverage is not None]
    judged = sum(one.judged for one in own)
    return sum(one.judged * (one.coverage or 0.0) for one in own) / judged if judged else None


def pinball(band: Quantiles, came: float) -> float:
    """Tell the mean pinball loss of the three quantiles."""
    losses = (max(q * (came - f), (q - 1.0) * (came - f)) for q, f in zip(QUANTILES, band, strict=True))
    return sum(losses) / len(QUANTILES)


def _cases(forecasts: Sequence[Forecast], past: CardHistory, stations: Sequence[str]) -> Iterator[Case]:
    parts = {ALL: past, **{code: past.of(index) for index, code in enumerate(stations)}}
    for forecast in forecasts:
        for code, told in forecast.stations.items():
            if code in parts:
                yield from _of_station(code, told, forecast.made_ms, parts[code])


def _of_station(code: str, told: StationForecast, made_ms: int, past: CardHistory) -> Iterator[Case]:
    for hours, band in told.backlog.items():
        at = made_ms + hours * HOUR_MS
        if hours and at <= past.now_ms:
            yield f"backlog {hours} h", code, band, float(past.waiting(at).sum())
    cleared, late = past.cleared_ms(made_ms), past.late(made_ms)
    if cleared < NEVER_MS and late is not None and past.waiting(made_ms).any():
        low, middle, high = ((at - made_ms) / HOUR_MS for at in told.clear_ms)
        yield "clear", code, (low, middle, high), (cleared - made_ms) / HOUR_MS
        yield "late", code, told.late, float(late)


def _score(what: str, where: str, own: Sequence[tuple[Quantiles, float]]) -> Score:
    open_ones = [(band, came) for band, came in own if not band[0] == came == band[2]]
    inside = sum(band[0] <= came <= band[2] for band, came in open_ones)
    # Who said never has no loss that means anything.
    losses = [pinball(band, came) for band, came in open_ones if band[2] < NEVER_MS / HOUR_MS / 2]
    return Score(
        what,
        where,
        judged=len(open_ones),
        sure=len(own) - len(open_ones),
        coverage=inside / len(open_ones) if open_ones else None,
        pinball=sum(losses) / len(losses) if losses else None,
    )
