"""Stock by REST: the shelves, and movements by minutes."""

from __future__ import annotations

from fastapi import APIRouter

from lembur.accounts import Scope
from lembur.actions import StockMove, move_stock
from lembur.typed_text import read_line
from web.api.access import Actor, Reader
from web.api.models import Done, NewMove, StockOut

router = APIRouter()


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


@router.post("/stock", status_code=201)
def move(by: Actor, body: NewMove) -> Done:
    """Book a delivery, a transfer or a destruction by its minutes."""
    by.require(Scope.STOCK, body.station)
    minutes = read_line(body.minutes, option="minutes")
    move_stock(
        by.office,
        StockMove(body.verb, body.station, body.blanks, body.ribbons, minutes, by.person.name, body.to or ""),
    )
    return Done()
