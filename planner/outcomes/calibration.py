"""Calibration of past forecasts: the share of outcomes between P10 and P90, and the pinball loss.

The pinball loss of the forecast f of quantile q, with the outcome y, is q (y - f) above f and (1 - q) (f - y) below it.
The mean over the three quantiles has the figure's own unit. It is small when the band is narrow and right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.observation import FIRST_DAY, HORIZONS_H, LATER, QUANTILES, Score
from lembur.domain.seats import ALL
from lembur.domain.time import HOUR_MS, NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.observation import CardHistory, Forecast, Quantiles, StationForecast

    Case = tuple[str, str, Quantiles, float]
    """Figure and station of a forecast, its quantiles, and the outcome."""


def scores(
    forecasts: Sequence[Forecast], past: CardHistory, stations: Sequence[str], *, first_day_ends_ms: int
) -> list[Score]:
    """Compare forecasts with outcomes, for the office and for its stations together. The first day is apart.

    Outcomes in the future are left out, and so is the clearing of a queue that is not clear yet.
    """
    first = [one for one in forecasts if one.made_ms < first_day_ends_ms]
    later = [one for one in forecasts if one.made_ms >= first_day_ends_ms]
    return [*_scores(FIRST_DAY, first, past, stations), *_scores(LATER, later, past, stations)]


def _scores(made: str, forecasts: Sequence[Forecast], past: CardHistory, stations: Sequence[str]) -> Iterator[Score]:
    cases = list(_cases(forecasts, past, stations))
    for where in (ALL, "stations"):
        for what in (*(f"backlog {hours} h" for hours in HORIZONS_H[1:]), "clear", "late"):
            own = [
                (band, came)
                for name, station, band, came in cases
                if name == what and (station == ALL) == (where == ALL)
            ]
            if own:
                yield _score(what, where, made, own)


def pinball(band: Quantiles, came: float) -> float:
    """Return the mean pinball loss of the three quantiles."""
    losses = (max(q * (came - f), (q - 1.0) * (came - f)) for q, f in zip(QUANTILES, band, strict=True))
    return sum(losses) / len(QUANTILES)


def _cases(forecasts: Sequence[Forecast], past: CardHistory, stations: Sequence[str]) -> Iterator[Case]:
    parts = {ALL: past, **{code: past.of(index) for index, code in enumerate(stations)}}
    for forecast in forecasts:
        for code, stations_forecast in forecast.stations.items():
            if code in parts:
                yield from _of_station(code, stations_forecast, forecast.made_ms, parts[code])


def _of_station(code: str, stations_forecast: StationForecast, made_ms: int, past: CardHistory) -> Iterator[Case]:
    for hours, band in stations_forecast.backlog.items():
        at = made_ms + hours * HOUR_MS
        if hours and at <= past.now_ms:
            yield f"backlog {hours} h", code, band, float(past.waiting(at).sum())
    cleared, late = past.cleared_ms(made_ms), past.late(made_ms)
    if cleared < NEVER_MS and late is not None and past.waiting(made_ms).any():
        low, middle, high = ((at - made_ms) / HOUR_MS for at in stations_forecast.clear_ms)
        yield "clear", code, (low, middle, high), (cleared - made_ms) / HOUR_MS
        yield "late", code, stations_forecast.late, float(late)


def _score(what: str, where: str, made: str, own: Sequence[tuple[Quantiles, float]]) -> Score:
    judged = [(band, came) for band, came in own if not band[0] == came == band[2]]
    inside = sum(band[0] <= came <= band[2] for band, came in judged)
    # A band that ends at never has no loss in hours.
    losses = [pinball(band, came) for band, came in judged if band[2] < NEVER_MS / HOUR_MS / 2]
    return Score(
        what,
        where,
        made,
        judged=len(judged),
        sure=len(own) - len(judged),
        coverage=inside / len(judged) if judged else None,
        pinball=sum(losses) / len(losses) if losses else None,
    )
