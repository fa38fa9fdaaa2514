"""The page of seat orders: open or close seats until a time, end an order, and see who changed the same station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.accounts import Scope
from lembur.actions import cancel_seats, open_seats_of, order_window
from lembur.domain.errors import LemburError, OrderConflictError, OrderError
from lembur.domain.seats import ALL
from lembur.office import evening_ms
from web.language import read_field
from web.pages.now import context_of
from web.pages.render import done, formats_of, office_of, page, status_of
from web.session import Posted, Visitor, posted, visitor

if TYPE_CHECKING:
    from web.office import WebOffice

router = APIRouter()


@router.get("/orders")
def show_orders(request: Request, visitor: Annotated[Visitor, Depends(visitor)], station: str = "") -> Response:
    """Show the orders, and the form for another one."""
    return _show(request, visitor, given={"station": station})


def _show(request: Request, visitor: Visitor, *, code: int = 200, **more: Any) -> Response:
    office = office_of(request)
    reading = office.live.refresh()
    context = context_of(request, reading)
    until = formats_of(request).field(evening_ms(reading.metrics.now_ms, office.setup.scenario.zone))
    return page(request, "orders.html", visitor, code=code, path="/orders", until=until, **{**context, **more})


@router.post("/orders")
def order(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Order seats; a change of another person in between is shown first."""
    office, words = office_of(request), formats_of(request).words
    try:
        _give_order(office, form)
    except OrderConflictError as fault:
        given = form.typed_fields()
        return _show(request, form.visitor, code=409, fault=fault, given=given, conflict=fault.other)
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault, given=form.typed_fields())
    return done("/orders", words.gettext("The order is given."))


def _give_order(office: WebOffice, form: Posted) -> None:
    station = form.text("station")
    concerned = office.setup.stations if station == ALL else (station,)
    form.visitor.require(Scope.SEATS, *concerned)
    if not form.text("seats"):
        raise OrderError("give the number of seats")
    now_ms = office.ledger.time()[0]
    window = order_window(office.setup, now_ms, _moment(office, form.text("from")), _moment(office, form.text("until")))
    reason = form.line("reason")
    seen = form.number("seen") if form.text("seen") else None
    open_seats_of(office, station, form.number("seats"), window, by=form.visitor.name, reason=reason, seen=seen)


def _moment(office: WebOffice, text: str) -> int | None:
    """Read a browser's field for date and time, in the office's zone; an empty one is None."""
    if not text:
        return None
    try:
        return read_field(text, office.setup.scenario.zone)
    except ValueError:
        raise OrderError("'%(text)s' is no date with a time: write it like 2016-08-26T21:00", text=text[:30]) from None


@router.post("/orders/{number}/end")
def end_order(request: Request, number: int, form: Annotated[Posted, Depends(posted)]) -> Response:
    """End an order now, or before it begins."""
    office, words = office_of(request), formats_of(request).words
    known = office.ledger.orders()
    try:
        form.visitor.require(Scope.SEATS)
        if not 1 <= number <= len(known):
            raise OrderError("there is no seat order %(number)s", number=number)
        form.visitor.require(Scope.SEATS, known[number - 1].station)
        reason = form.line("reason") if form.text("reason") else words.gettext("ended on the page")
        cancel_seats(office, number, by=form.visitor.name, reason=reason)
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault)
    return done("/orders", words.gettext("The order is ended."))
