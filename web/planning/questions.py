"""The questions themselves: they run in the planner's process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, read_setup

if TYPE_CHECKING:
    from lembur.domain.card import CardId
    from lembur.settings import Settings


@dataclass(frozen=True, slots=True)
class CardPromise:
    """Forecast of one card: quantiles of the moment at which it is ready, and two chances."""

    at_ms: int
    p50_ms: int
    p90_ms: int
    late: float
    refused: float


@cache
def _office(url: str, code: str) -> tuple[Ledger, OfficeSetup]:
    ledger = Ledger(connect(url), office=code)
    return ledger, read_setup(ledger)


def promise_card(settings: Settings, card: CardId) -> CardPromise | None:
    """Forecast one card."""
    from console.forecast import forecast_card

    found = forecast_card(*_office(settings.redis_url, settings.office), card)
    if found is None:
        return None
    eta, at_ms = found
    return CardPromise(at_ms, eta.by_ms(0.5), eta.by_ms(0.9), eta.late, eta.refused)
