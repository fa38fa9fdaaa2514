"""Forecasts in the order made. The newest is shown, and all are scored when their time has come."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from lembur.domain.observation import Forecast, Score
from lembur.ledger.connection import translate_redis_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.ledger import Ledger

MOST = 2_000
"""Number of forecasts that are kept: six weeks of one every half hour."""


@translate_redis_errors
def append(ledger: Ledger, forecast: Forecast) -> None:
    """Add a forecast to those kept."""
    kept = ledger.key("forecasts")
    pipe = ledger.server.pipeline(transaction=True)
    pipe.rpush(kept, json.dumps(forecast.to_json()))
    pipe.ltrim(kept, -MOST, -1)
    pipe.execute()


@translate_redis_errors
def read(ledger: Ledger) -> list[Forecast]:
    """Read the kept forecasts, the oldest first."""
    rows = ledger.server.lrange(ledger.key("forecasts"), 0, -1)
    return [Forecast.from_json(json.loads(text)) for text in rows]


@translate_redis_errors
def save_scores(ledger: Ledger, found: Sequence[Score]) -> None:
    """Keep the newest scores of the forecasts instead of the earlier ones."""
    ledger.server.set(ledger.key("scores"), json.dumps([asdict(one) for one in found]))


@translate_redis_errors
def read_scores(ledger: Ledger) -> list[Score]:
    """Read the kept scores. The forecast service renews them each minute."""
    return [Score(**row) for row in json.loads(ledger.server.get(ledger.key("scores")) or "[]")]
