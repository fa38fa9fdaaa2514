"""Forecasts, kept in the order made: the newest is shown, and all are scored when their time has come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lembur.domain.observation import Forecast
from lembur.ledger.connection import translate_redis_errors

if TYPE_CHECKING:
    from lembur.ledger.ledger import Ledger

MOST = 2_000
"""Six weeks of a forecast every half hour."""


@translate_redis_errors
def append(ledger: Ledger, forecast: Forecast) -> None:
    """Keep a forecast beside those before it."""
    kept = ledger.key("forecasts")
    pipe = ledger.server.pipeline(transaction=True)
    pipe.rpush(kept, json.dumps(forecast.to_json()))
    pipe.ltrim(kept, -MOST, -1)
    pipe.execute()


@translate_redis_errors
def read(ledger: Ledger) -> list[Forecast]:
    """Read the forecasts kept, oldest first."""
    rows = ledger.server.lrange(ledger.key("forecasts"), 0, -1)
    return [Forecast.from_json(json.loads(text)) for text in rows]
