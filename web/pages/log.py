"""The log of people: every act with its person, time and reason, newest first."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.ledger.queries.live import action_page
from web.pages.render import office_of, page
from web.session import Visitor, visitor

router = APIRouter()

PAGE_ACTS: Final = 50


@router.get("/log")
def show_log(request: Request, visitor: Annotated[Visitor, Depends(visitor)], before: int | None = None) -> Response:
    """Show a page of the log."""
    office = office_of(request)
    rows, onward = action_page(office.ledger, before=before, most=PAGE_ACTS)
    return page(request, "log.html", visitor, rows=rows, onward=onward)
