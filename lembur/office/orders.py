"""Seat orders of an open office: given, cancelled, and the seats that follow from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

from lembur.domain.errors import OrderConflictError, OrderError
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, at_ms, day_of
from lembur.ledger.types import SeatTable, Wakes
from lembur.office.setup import read_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from lembur.ledger import Ledger
    from lembur.office.setup import OfficeSetup

EVENING = time(21)
"""End of an order without one: Surabaya printed until 23:00, most offices until 21:00 (assumed)."""


def order_seats(ledger: Ledger, *orders: SeatOrder, reference: str = "", seen: int | None = None) -> Wakes:
    """Carry out seat orders together: all of them or none, in force with the next lot.

    A `reference` (of a plan) is accepted once. An order that began already begins now. `seen` is the number of orders
    that the person knew: a later one of another person for the same station is an OrderConflictError.
    """
    now_ms, _ = ledger.time()
    coming = [replace(order, from_ms=max(order.from_ms, now_ms)) for order in orders]

    def add(setup: OfficeSetup, known: list[SeatOrder]) -> list[SeatOrder]:
        for order in orders:
            _check_order(setup, order, now_ms)
        _check_seen(known[len(known) if seen is None else seen :], coming)
        return coming

    return _order(ledger, add, reference)


def _check_seen(later: Sequence[SeatOrder], coming: Sequence[SeatOrder]) -> None:
    by = {order.station: order.by for order in coming}
    other = next((order for order in later if order.by != by.get(order.station, order.by)), None)
    if other is not None:
        raise OrderConflictError(other)


def cancel_order(ledger: Ledger, number: int, *, by: str, reason: str) -> Wakes:
    """End a seat order now, or before it begins; `number` counts the orders given, the first is 1."""
    now_ms, _ = ledger.time()

    def cancel(_: OfficeSetup, known: list[SeatOrder]) -> list[SeatOrder]:
        if not 1 <= number <= len(known) or known[number - 1].cancels:
            raise OrderError("there is no seat order %(number)s: 'lembur orders' lists them", number=number)
        order = known[number - 1]
        if order.until_ms <= now_ms or any(other.cancels == number for other in known):
            raise OrderError(
                "seat order %(number)s at %(station)s is over already", number=number, station=order.station
            )
        return [SeatOrder(order.station, 0, now_ms, order.until_ms, by, reason, cancels=number)]

    return _order(ledger, cancel)


def _check_order(setup: OfficeSetup, order: SeatOrder, now_ms: int) -> None:
    printers = setup.printers(setup.find_station(order.station))
    if not 0 <= order.seats <= printers:
        raise OrderError(
            "%(station)s has %(num)s printer: seats must be 0 or 1, not %(seats)s",
            "%(station)s has %(num)s printers: seats must be 0 to %(num)s, not %(seats)s",
            station=order.station,
            num=printers,
            seats=order.seats,
        )
    if order.until_ms <= order.from_ms:
        raise OrderError("the order ends before it begins: give a later end")
    if order.until_ms <= now_ms:
        raise OrderError("the order at %(station)s is over already: give a later end", station=order.station)


def _order(
    ledger: Ledger, make: Callable[[OfficeSetup, list[SeatOrder]], list[SeatOrder]], reference: str = ""
) -> Wakes:
    while True:  # until no other order and no change comes between the reading and the writing
        setup, known = read_setup(ledger), ledger.orders()
        added = make(setup, known)
        orders = [*known, *added]
        seats = {
            code: SeatTable(setup.steps(code, orders), setup.plan(code, orders))
            for code in {order.station for order in added}
        }
        wakes = ledger.order(added, known=len(known), changes=setup.changes, seats=seats, reference=reference)
        if wakes is not None:
            return wakes


def open_seats(ledger: Ledger, station: StationCode) -> int:
    """Return the seats open at a station now."""
    now_ms, _ = ledger.time()
    return ledger.seats_at(station, now_ms)


def change_seats(ledger: Ledger, station: StationCode, *, by_seats: int, by: str, reason: str) -> Wakes:
    """Open `by_seats` more seats (or close them) from now until this evening, as a seat order."""
    now_ms, _ = ledger.time()
    until_ms = evening_ms(now_ms, read_setup(ledger).scenario.zone)
    order = SeatOrder(station, ledger.seats_at(station, now_ms) + by_seats, now_ms, until_ms, by, reason)
    return order_seats(ledger, order)


def evening_ms(now_ms: int, zone: tzinfo) -> int:
    """Return the end of an order without one: 21:00 of the office's day, or an hour from now if that is later."""
    return max(at_ms(day_of(now_ms, zone), EVENING, zone), now_ms + HOUR_MS)
