"""Questions to the planner about a live office: its forecast, the score of earlier ones, one card."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from lembur.domain.time import next_midnight_ms
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.history import read_history
from lembur.ledger.queries.snapshot import take_snapshot
from planner.outcomes import ahead_ms, eta_of_card, make_forecast, scores, worlds_for
from planner.problem import Terms, problem_from_snapshot

if TYPE_CHECKING:
    from lembur.domain.card import CardId
    from lembur.domain.observation import Forecast, Score, Snapshot
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from planner.outcomes import CardEta
    from planner.problem import Problem


def forecast_now(ledger: Ledger, setup: OfficeSetup) -> Forecast:
    """Forecast the course under the current orders, and measure how long that takes."""
    began = time.monotonic()
    orders = len(ledger.orders())
    found = make_forecast(_problem_ahead(setup, take_snapshot(ledger, setup.scenario, setup.seed)))
    return replace(found, took_s=round(time.monotonic() - began, 3), orders=orders)


def score_forecasts(ledger: Ledger, setup: OfficeSetup) -> list[Score]:
    """Compare the saved forecasts with what has happened since."""
    midnight = next_midnight_ms(setup.starts_ms, setup.scenario.zone)
    past = read_history(ledger, setup.stations)
    return scores(forecasts.read(ledger), past, setup.stations, first_day_ends_ms=midnight)


def forecast_card(ledger: Ledger, setup: OfficeSetup, card: CardId) -> tuple[CardEta, int] | None:
    """Forecast one card, with the moment of the figures; None when no machine has to work on it."""
    snapshot = take_snapshot(ledger, setup.scenario, setup.seed)
    found = eta_of_card(_problem_ahead(setup, snapshot), snapshot, int(card))
    return (found, snapshot.now_ms) if found else None


def _problem_ahead(setup: OfficeSetup, snapshot: Snapshot) -> Problem:
    until = ahead_ms(snapshot.now_ms)
    worlds = worlds_for(len(snapshot.waiting) + len(snapshot.unsent))
    return problem_from_snapshot(setup.scenario, snapshot, Terms(deadline_ms=until, cutoff_ms=until, worlds=worlds))
