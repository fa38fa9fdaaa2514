"""The page of blanks and ribbon: shelves, deliveries, transfers, destruction, and its minutes."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from console.papers import find_destruction, write_minutes
from console.ui import Language
from lembur.accounts import Scope
from lembur.actions import StockMove, destroy_spoiled, move_stock
from lembur.domain.errors import LemburError, Sentence, StockError
from lembur.ledger.queries.snapshot import expected_deliveries
from lembur.typed_text import read_line
from web.answers import send_pdf
from web.pages.now import context_of
from web.pages.render import done, formats_of, office_of, page, status_of
from web.session import Posted, Visitor, posted, visitor

router = APIRouter()

VERBS: Final = ("receive", "transfer", "destroy")
COLUMNS: Final = ("blank", "reserved", "received", "moved", "used", "spoiled", "destroyed", "ribbon", "difference")


@router.get("/stock")
def show_stock(request: Request, visitor: Annotated[Visitor, Depends(visitor)], minutes: str = "") -> Response:
    """Show the shelves, what is on its way, and the forms to move stock, destroy spoiled blanks and write minutes."""
    return _show(request, visitor, minutes=minutes)


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
        path="/stock",
        stocks=stocks,
        coming=sorted(coming, key=lambda pair: pair[1].at_ms),
        ribbon_cards=office.setup.scenario.printing.ribbon_cards,
        columns=COLUMNS,
        **{"minutes": "", "spoiled": {}, **context, **more},
    )


@router.post("/stock/spoiled")
def destroy(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Destroy the spoiled blanks of a station, and offer the minutes of it."""
    office, words = office_of(request), formats_of(request).words
    try:
        station = form.text("station")
        form.visitor.require(Scope.STOCK, station)
        minutes = form.line("minutes")
        witness = form.line("witness")
        blanks = destroy_spoiled(office, station, minutes=minutes, witness=witness, by=form.visitor.name)
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault, spoiled=form.typed_fields())
    text = words.ngettext(
        "%(num)s spoiled blank is destroyed: write its minutes below.",
        "%(num)s spoiled blanks are destroyed: write their minutes below.",
        blanks,
    )
    return done(f"/stock?{urlencode({'minutes': minutes})}", text % {"num": formats_of(request).number(blanks)})


@router.get("/stock/minutes")
def write(
    request: Request, visitor: Annotated[Visitor, Depends(visitor)], number: str = "", letterhead: str = ""
) -> Response:
    """Write the minutes of a destruction as PDF, for two signatures."""
    language = Language(formats_of(request).language == "en")
    try:
        office = read_line(letterhead, option=Sentence("Office"))
        found = find_destruction(office_of(request).ledger, number)
    except LemburError as fault:
        return _show(request, visitor, code=status_of(fault), fault=fault, minutes=number)
    return send_pdf("berita-acara.pdf", lambda path: write_minutes(found, path, office=office, language=language))


@router.post("/stock")
def move(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Move stock by minutes."""
    office, words = office_of(request), formats_of(request).words
    try:
        verb, station, to = form.text("verb"), form.text("station"), form.text("to")
        form.visitor.require(Scope.STOCK, station)
        if verb not in VERBS:
            raise StockError("choose what moves")
        minutes = form.line("minutes")
        amounts = (form.number("blanks"), form.number("ribbons"))
        move_stock(office, StockMove(verb, station, *amounts, minutes, form.visitor.name, to))  # type: ignore[arg-type]
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault, given=form.typed_fields())
    return done("/stock", words.gettext("The movement is booked."))
