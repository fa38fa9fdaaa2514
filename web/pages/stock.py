"""The page of blanks and ribbon: shelves, deliveries, transfers, destruction by minutes."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.accounts import Scope
from lembur.actions import StockMove, move_stock
from lembur.domain.errors import LemburError, StockError
from lembur.ledger.queries.snapshot import expected_deliveries
from lembur.typed_text import read_line
from web.pages.now import context_of
from web.pages.render import done, formats_of, office_of, page, status_of
from web.session import Posted, Visitor, posted, visitor

router = APIRouter()

VERBS: Final = ("receive", "transfer", "destroy")
COLUMNS: Final = ("blank", "reserved", "received", "moved", "used", "spoiled", "destroyed", "ribbon", "difference")


@router.get("/stock")
def show_stock(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the shelves, what is on its way, and the form to move stock."""
    return _show(request, visitor)


def _show(request: Request, visitor: Visitor, *, code: int = 200, **more: Any) -> Response:
    office = office_of(request)
    reading = office.live.refresh()
    context = context_of(request, reading)
    stocks = {code: reading.metrics.stations[code].stock for code in office.setup.stations}
    expected = expected_deliveries(office.ledger, office.setup.stations)
    coming = [(code, one) for code, rows in expected.items() for one in rows]
    return page(
        request,
        "stock.html",
        visitor,
        code=code,
        stocks=stocks,
        coming=sorted(coming, key=lambda pair: pair[1].at_ms),
        ribbon_cards=office.setup.scenario.printing.ribbon_cards,
        columns=COLUMNS,
        **{**context, **more},
    )


@router.post("/stock")
def move(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Move stock by minutes."""
    office, words = office_of(request), formats_of(request).words
    try:
        verb, station, to = form.text("verb"), form.text("station"), form.text("to")
        form.visitor.require(Scope.STOCK, station)
        if verb not in VERBS:
            raise StockError("choose what moves")
        minutes = read_line(form.text("minutes"), option="Minutes")
        amounts = (form.number("blanks"), form.number("ribbons"))
        move_stock(office, StockMove(verb, station, *amounts, minutes, form.visitor.name, to))  # type: ignore[arg-type]
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=str(fault), given=form.typed_fields())
    return done("/stock", words.gettext("The movement is booked."))
