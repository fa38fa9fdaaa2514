"""The page of forecasts: each one that was made, with its band, and how often the bands held."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.ledger.queries import forecasts
from web.pages.render import office_of, page
from web.session import Visitor, visitor

router = APIRouter()

MOST: Final = 60


@router.get("/forecasts")
def show_forecasts(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the newest forecasts, and the waiting cards that were there at each of them."""
    found = forecasts.read(office_of(request).ledger)[-MOST:][::-1]
    return page(request, "forecasts.html", visitor, rows=[(one, one.stations["all"]) for one in found])
