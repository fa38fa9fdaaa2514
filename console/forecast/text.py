"""The office as it stands, put to the planner: its forecast, how earlier ones did, when one card will be ready."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from console.ui.times import moment
from lembur.domain.time import NEVER_MS, brief, shown
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.history import read_history
from lembur.ledger.queries.snapshot import take_snapshot
from planner.outcomes.calibration import scores
from planner.outcomes.card_eta import FAR_DAYS, card_eta
from planner.outcomes.forecast import ahead_ms, forecast, worlds_for
from planner.problem.from_snapshot import problem_from_snapshot

if TYPE_CHECKING:
    from lembur.domain.card import CardId
    from lembur.domain.observation import Forecast, Quantiles, Snapshot
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from planner.outcomes.calibration import Score
    from planner.outcomes.card_eta import CardEta
    from planner.problem.problem import Problem


def forecast_now(ledger: Ledger, play: OfficeSetup) -> Forecast:
    """Forecast the course as it is, and tell how long that took."""
    began = time.monotonic()
    found = forecast(_ahead(play, take_snapshot(ledger, play.scenario, play.seed)))
    return replace(found, took_s=round(time.monotonic() - began, 3))


def scores_now(ledger: Ledger, play: OfficeSetup) -> list[Score]:
    """Compare the forecasts kept with what has happened since."""
    return scores(forecasts.read(ledger), read_history(ledger, play.stations), play.stations)


def card_outlook(ledger: Ledger, play: OfficeSetup, card: CardId) -> tuple[CardEta, int] | None:
    """Follow a card from where it is, and tell the moment of the figures; None when no machine has to do with it."""
    there = take_snapshot(ledger, play.scenario, play.seed)
    found = card_eta(_ahead(play, there), there, int(card))
    return (found, there.now_ms) if found else None


def _ahead(play: OfficeSetup, there: Snapshot) -> Problem:
    until = ahead_ms(there.now_ms)
    worlds = worlds_for(len(there.waiting) + len(there.unsent))
    return problem_from_snapshot(play.scenario, there, deadline_ms=until, cutoff_ms=until, worlds=worlds)


def outlook_told(found: CardEta, at_ms: int) -> str:
    """Say when a card will be ready, how likely it is late, and how old the figures are."""
    soon, likely = found.by_ms(0.5), found.by_ms(0.9)
    if soon >= NEVER_MS:
        when = f"not within {FAR_DAYS} days as things stand"
    elif likely >= NEVER_MS:
        when = f"{brief(soon)} (P50), perhaps not within {FAR_DAYS} days as things stand"
    else:
        when = brief(soon) if brief(soon) == brief(likely) else f"{brief(soon)} to {brief(likely)} (P50 to P90)"
    refused = f"; the centre may refuse it ({found.refused:.0%})" if found.refused else ""
    return f"{when}, late with a chance of {found.late:.0%}{refused}, by the queue at {shown(at_ms)}"


def line(found: Forecast) -> str:
    """Say a forecast in one line."""
    office = found.stations["all"]
    blanks = _days(found.runway_s["blank"][0])
    return (
        f"{brief(found.made_ms)}  {office.backlog[0][1]:,.0f} waiting, clear {moments(office.clear_ms)}, "
        f"late {counts(office.late)}, {office.late_now:,} of them already, blanks for {blanks}  [{found.took_s:.1f} s]"
    )


def moments(band: Quantiles) -> str:
    """Say when, as P50 and the band around it."""
    low, middle, high = (moment(at) for at in band)
    if low == high:
        return middle
    day = middle[: -len("18:40")]
    return f"{middle} ({low.removeprefix(day)} to {high.removeprefix(day)})"


def counts(band: Quantiles) -> str:
    """Say how many, as P50 and the band around it."""
    low, middle, high = band
    return f"{middle:,.0f}" if low == high else f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"


def runway(band: Quantiles, most_days: int) -> str:
    """Say how long a stock lasts at least; who forecasts so many days knows no more."""
    low, middle, _ = band
    if low >= most_days * 86_400:
        return f"{most_days} days or more"
    return f"{_days(low)}" if _days(low) == _days(middle) else f"{_days(low)} to {_days(middle)} (P10 to P50)"


def _days(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - two days are told by the hour
