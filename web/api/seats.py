"""Seats by REST: the orders, another one, the end of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from lembur.accounts import Scope
from lembur.actions import cancel_seats, open_seats_of, order_window
from lembur.domain.errors import Sentence
from lembur.domain.seats import ALL
from lembur.domain.time import moment_ms
from web.api.access import Actor, Reader
from web.api.models import Because, Done, NewOrder, OrderOut
from web.api.reading import moment
from web.live import view_orders

router = APIRouter()

OrderNumber = Annotated[int, Path(ge=1, le=1_000_000_000)]


@router.get("/orders")
def read_orders(by: Reader) -> list[OrderOut]:
    """Read the seat orders, newest first; those of the scenario have the number 0."""
    office = by.office
    return [
        OrderOut(
            number=row.number,
            station=row.order.station,
            seats=row.order.seats,
            begins=moment(office, row.order.from_ms),
            ends=moment(office, row.ends_ms),
            by=row.order.by,
            reason=row.order.reason,
            active=row.active,
        )
        for row in view_orders(office.live.refresh())
    ]


@router.post("/orders", status_code=201)
def give_order(by: Actor, body: NewOrder) -> Done:
    """Open or close seats for a time. With `seen`, a later order of another person for the station is a conflict."""
    office = by.office
    by.require(Scope.SEATS, *(office.setup.stations if body.station == ALL else (body.station,)))
    if by.repeated:
        return Done()
    begins, ends = (None if one is None else moment_ms(one) for one in (body.begins, body.ends))
    window = order_window(office.setup, office.ledger.time()[0], begins, ends)
    reason = body.reason
    open_seats_of(office, body.station, body.seats, window, by=by.person.name, reason=reason, seen=body.seen)
    return Done()


@router.post("/orders/{number}/end")
def end_order(by: Actor, number: OrderNumber, body: Because) -> Done:
    """End an order now, or before it begins."""
    known = by.office.ledger.orders()
    if number > len(known):
        raise HTTPException(404, Sentence("there is no seat order %(number)s", number=number))
    by.require(Scope.SEATS, known[number - 1].station)
    if not by.repeated:
        cancel_seats(by.office, number, by=by.person.name, reason=body.reason)
    return Done()
