"""Seat orders as people give them: for a station or for all, from a moment until another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.errors import OrderError
from lembur.domain.seats import ALL, SeatOrder, StationCode
from lembur.office import cancel_order, evening_ms, order_seats, read_setup

if TYPE_CHECKING:
    from lembur.actions.office_link import OfficeLink
    from lembur.office import OfficeSetup


def seats_by_station(setup: OfficeSetup, station: str, number: int) -> dict[StationCode, int]:
    """Return the seats to open by station; with 'all', a station with fewer printers opens all of its own."""
    if station != ALL:
        return {StationCode(station): number}
    most = max(setup.printers(code) for code in setup.stations)
    if not 0 <= number <= most:
        raise OrderError("no station has %(number)s printers: seats must be 0 to %(most)s", number=number, most=most)
    return {code: min(number, setup.printers(code)) for code in setup.stations}


def order_window(
    setup: OfficeSetup, now_ms: int, from_ms: int | None = None, until_ms: int | None = None
) -> tuple[int, int]:
    """Complete the window of an order: from now, until the evening of its day. A past or empty window is refused."""
    begin_ms = now_ms if from_ms is None else from_ms
    end_ms = evening_ms(begin_ms, setup.scenario.zone) if until_ms is None else until_ms
    if begin_ms < now_ms or end_ms < now_ms:
        raise OrderError("the order begins or ends in the past: give later moments")
    if end_ms <= begin_ms:
        raise OrderError("the order ends before it begins: give a later end")
    return begin_ms, end_ms


def open_seats_of(
    office: OfficeLink,
    station: str,
    number: int,
    window: tuple[int, int],
    *,
    by: str,
    reason: str,
    seen: int | None = None,
) -> list[SeatOrder]:
    """Order seats at a station, or at all, for a window.

    `seen` is the number of orders that the person knew: a later order of another person for a station is a conflict.
    """
    seats = seats_by_station(read_setup(office.ledger), station, number)
    orders = [SeatOrder(code, count, *window, by, reason) for code, count in seats.items()]
    office.wake(order_seats(office.ledger, *orders, seen=seen))
    return orders


def cancel_seats(office: OfficeLink, number: int, *, by: str, reason: str) -> None:
    """End an order now, or before it begins."""
    office.wake(cancel_order(office.ledger, number, by=by, reason=reason))
