"""Stock by REST: the shelves, movements by minutes, and the destruction of spoiled blanks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from console.papers import find_destruction, write_minutes
from console.ui import Language
from lembur.accounts import Scope
from lembur.actions import StockMove, destroy_spoiled, move_stock
from lembur.domain.errors import StockError
from lembur.typed_text import read_line
from web.answers import PdfResponse, send_pdf
from web.api.access import Actor, Reader
from web.api.counter_models import DestructionOut, NewDestruction
from web.api.models import Done, NewMove, StockOut

router = APIRouter()

Minutes = Annotated[str, Query(min_length=1, max_length=200, description="The number of the minutes.")]
Letterhead = Annotated[str, Query(min_length=1, max_length=200, description="The office, as the minutes name it.")]


@router.get("/stock")
def read_stock(by: Reader) -> list[StockOut]:
    """Read the blanks and ribbon of every station."""
    stations = by.office.live.refresh().metrics.stations
    stocks = {code: stations[code].stock for code in by.office.setup.stations}
    return [
        StockOut(
            station=code,
            blank=one.blank,
            reserved=one.reserved,
            received=one.received,
            moved=one.moved,
            used=one.used,
            spoiled=one.spoiled,
            destroyed=one.destroyed,
            ribbon_cards=one.ribbon,
            difference=one.difference,
        )
        for code, one in stocks.items()
    ]


@router.post("/stock/spoiled", status_code=201)
def destroy(by: Actor, body: NewDestruction) -> DestructionOut:
    """Destroy the spoiled blanks of a station that no earlier minutes have."""
    by.require(Scope.STOCK, body.station)
    blanks = destroy_spoiled(by.office, body.station, minutes=body.minutes, witness=body.witness, by=by.person.name)
    return DestructionOut(blanks=blanks)


@router.get("/stock/minutes", response_class=PdfResponse)
def write(by: Reader, number: Minutes, office: Letterhead, *, english: bool = False) -> PdfResponse:
    """Write the minutes of a destruction as PDF, for two signatures."""
    name = read_line(office, option="office")
    try:
        found = find_destruction(by.office.ledger, number)
    except StockError as fault:
        raise HTTPException(404, fault.sentence) from fault
    return send_pdf(
        "berita-acara.pdf", lambda path: write_minutes(found, path, office=name, language=Language(english))
    )


@router.post("/stock", status_code=201)
def move(by: Actor, body: NewMove) -> Done:
    """Book a delivery, a transfer or a destruction by its minutes."""
    by.require(Scope.STOCK, body.station)
    move_stock(
        by.office,
        StockMove(body.verb, body.station, body.blanks, body.ribbons, body.minutes, by.person.name, body.to or ""),
    )
    return Done()
