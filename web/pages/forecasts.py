"""The page of forecasts: what each one expected, what came, and how often the bands held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.domain.observation import FIRST_DAY, LATER, count_covered, explain_later_orders, trials_of
from lembur.domain.seats import ALL
from lembur.domain.time import HOUR_MS
from lembur.ledger.queries import forecasts
from web.pages.render import office_of, page
from web.session import Visitor, visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.observation import Forecast, Quantiles

router = APIRouter()

MOST: Final = 60
HORIZONS_H: Final = (4, 24)
NEAR_MS: Final = HOUR_MS // 2
"""A forecast is made at least every half hour of the office, and has the queue of its own moment."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The queue that was expected at a moment, and the one that came; None while that is not known."""

    band: Quantiles
    came: int | None

    @property
    def inside(self) -> bool:
        """True when the queue that came lay within the band."""
        low, _, high = self.band
        return self.came is not None and round(low) <= self.came <= round(high)


@router.get("/forecasts")
def show_forecasts(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the newest forecasts beside what came, and the scores of all."""
    office = office_of(request)
    ledger, scenario = office.ledger, office.setup.scenario
    kept = forecasts.read(ledger)
    rows = [(one, one.stations[ALL], _expectations(one, kept)) for one in reversed(kept[-MOST:])]
    scores = [one for one in forecasts.read_scores(ledger) if one.where == ALL]
    own = [count_covered(scores, made=[made]) for made in (FIRST_DAY, LATER)]
    note = explain_later_orders(kept, ledger.orders(), now_ms=ledger.time()[0], zone=scenario.zone)
    trials = trials_of(scenario.region.city)
    return page(request, "forecasts.html", visitor, rows=rows, scores=scores, own=own, trials=trials, note=note)


def _expectations(one: Forecast, kept: Sequence[Forecast]) -> list[Expected]:
    backlog = one.stations[ALL].backlog
    return [Expected(backlog[hours], _queue_at(one.made_ms + hours * HOUR_MS, kept)) for hours in HORIZONS_H]


def _queue_at(at_ms: int, kept: Sequence[Forecast]) -> int | None:
    """Return the queue as the forecast that was made nearest to a moment found it."""
    nearest = min(kept, key=lambda one: abs(one.made_ms - at_ms))
    near = abs(nearest.made_ms - at_ms) <= NEAR_MS
    return round(nearest.stations[ALL].backlog[0][1]) if near else None
