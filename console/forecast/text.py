"""Forecasts of an office as it stands, as text: the queue, one card, stock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.text import count, risk
from lembur.domain.seats import ALL
from lembur.domain.time import NEVER_MS, round_up_ms
from planner.outcomes import HORIZON_DAYS

if TYPE_CHECKING:
    from console.ui import Times
    from lembur.domain.observation import Forecast, Quantiles
    from planner.outcomes import CardEta

HOURS_UNTIL: Final = 48
"""A stock is written in hours up to this many, then in days."""


def describe_outlook(found: CardEta, at_ms: int, times: Times) -> str:
    """Describe when a card will be ready and how likely it is late, by the queue at `at_ms`."""
    soon, likely = (round_up_ms(found.by_ms(share)) for share in (0.5, 0.9))
    if soon >= NEVER_MS:
        when = f"not within {HORIZON_DAYS} days as things stand"
    elif likely >= NEVER_MS:
        when = f"{times.brief(soon)} (P50), perhaps not within {HORIZON_DAYS} days as things stand"
    elif times.brief(soon) == times.brief(likely):
        when = times.brief(soon)
    else:
        when = f"{times.brief(soon)} to {times.brief(likely)} (P50 to P90)"
    refused = f"; the centre may refuse it ({risk(found.refused)})" if found.refused else ""
    return f"{when}, late with a chance of {risk(found.late)}{refused}, by the queue at {times.full(at_ms)}"


def forecast_line(found: Forecast, times: Times) -> str:
    """Write a forecast as one line of a log."""
    office = found.stations[ALL]
    blanks = _duration(found.runway_s["blank"][0])
    return (
        f"{times.brief(found.made_ms)}  {count(round(office.backlog[0][1]))} waiting, "
        f"clear {_moment_band(office.clear_ms, times)}, late {_count_band(office.late)}, "
        f"{count(office.late_now)} of them already, blanks for {blanks}  [{found.took_s:.1f} s]"
    )


def _moment_band(band: Quantiles, times: Times) -> str:
    low, middle, high = (times.short(round_up_ms(at)) for at in band)
    if low == high:
        return middle
    day = middle[: -len("18:40")]
    return f"{middle} ({low.removeprefix(day)} to {high.removeprefix(day)})"


def _count_band(band: Quantiles) -> str:
    low, middle, high = (count(round(value)) for value in band)
    return middle if low == high else f"{middle} ({low} to {high})"


def describe_runway(band: Quantiles, most_days: int) -> str:
    """Write the time that a stock lasts. Beyond the forecast's horizon only a lower bound is known."""
    low, middle, _ = band
    if low >= most_days * 86_400:
        return f"{most_days} days or more"
    if _duration(low) == _duration(middle):
        return _duration(low)
    return f"{_duration(low)} to {_duration(middle)} (P10 to P50)"


def _duration(seconds: float) -> str:
    """Write the time that a stock lasts in whole hours or days, rounded down."""
    hours = seconds // 3600
    return f"{hours:.0f} h" if hours < HOURS_UNTIL else f"{hours // 24:.0f} days"
