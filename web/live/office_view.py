"""The figures of the page Now and of the orders, computed once from a reading, without any words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

from lembur.domain.card import SHELVES, Status
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Window, wanted_steps
from lembur.domain.time import DAY_MS, HOUR_MS, at_ms, day_of
from lembur.domain.world import overtime_orders
from web.live.capacity import printable_cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.scenario import Station
    from web.live.reader import Reading


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A seat order with its number and what became of it.

    `ends_ms` is when it ended or will end; `cancelled_by` and `replaced_by` name the person, '' for none.
    """

    number: int
    order: SeatOrder
    ends_ms: int
    active: bool
    coming: bool
    cancelled_by: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class StationRow:
    """A print station now."""

    code: str
    name: str
    printers: int
    seats_open: int
    seats_busy: int
    base: int
    order: OrderRow | None
    waiting: int
    oldest_ms: int
    past: tuple[int, ...]
    late: int
    soon_late: int
    printed: int
    planned: int
    blanks: int
    ribbon: int


@dataclass(frozen=True, slots=True)
class NowView:
    """The office now. `asked_ms` is when the oldest unanswered card was sent to a centre outside; None without one."""

    now_ms: int
    stations: tuple[StationRow, ...]
    orders: tuple[OrderRow, ...]
    centre_waiting: int
    centre_busy: int
    centre_open: int
    asked_ms: int | None
    counts: dict[Status, int]
    on_shelves: int
    unconfirmed: int

    def total(self, name: str) -> int:
        """Add a figure of all stations up."""
        return sum(getattr(row, name) for row in self.stations)


def view_now(reading: Reading) -> NowView:
    """Compute the page Now."""
    metrics = reading.metrics
    orders = tuple(view_orders(reading))
    centre = metrics.stations[CENTRE]
    return NowView(
        now_ms=metrics.now_ms,
        stations=tuple(_station(reading, station, orders) for station in reading.setup.scenario.stations),
        orders=orders,
        centre_waiting=_waiting(reading, CENTRE),
        centre_busy=centre.busy,
        centre_open=centre.open,
        asked_ms=metrics.asked_ms if metrics.asked_ms < metrics.now_ms else None,
        counts=metrics.counts,
        on_shelves=sum(metrics.counts.get(status, 0) for status in SHELVES),
        unconfirmed=metrics.unconfirmed,
    )


def view_orders(reading: Reading) -> list[OrderRow]:
    """List the orders, newest first, without the cancellations; the scenario's own come last, as number 0."""
    return [*_given_orders(reading), *_written_orders(reading)]


def _written_orders(reading: Reading) -> list[OrderRow]:
    """List the overtime of the scenario; an order that was given later goes before it."""
    now_ms, rows = reading.metrics.now_ms, []
    for order in overtime_orders(reading.setup.scenario):
        later = next((one for one in reversed(reading.orders) if _replaces(one, order, now_ms)), None)
        active = order.from_ms <= now_ms < order.until_ms and later is None
        coming = order.from_ms > now_ms
        rows.append(OrderRow(0, order, order.until_ms, active, coming, replaced_by=later.by if later else ""))
    return rows


def _given_orders(reading: Reading) -> list[OrderRow]:
    now_ms, given = reading.metrics.now_ms, reading.orders
    cancels = {order.cancels: order for order in given if order.cancels}
    rows = []
    for number, order in enumerate(given, 1):
        if order.cancels:
            continue
        cancel = cancels.get(number)
        ends_ms = min(order.until_ms, cancel.from_ms) if cancel else order.until_ms
        later = next((one for one in reversed(given[number:]) if _replaces(one, order, now_ms)), None)
        running = now_ms < ends_ms
        rows.append(
            OrderRow(
                number=number,
                order=order,
                ends_ms=ends_ms,
                active=running and order.from_ms <= now_ms and later is None,
                coming=running and order.from_ms > now_ms,
                cancelled_by=cancel.by if cancel else "",
                replaced_by=later.by if later and running else "",
            )
        )
    return rows[::-1]


def _replaces(later: SeatOrder, order: SeatOrder, now_ms: int) -> bool:
    return later.station == order.station and not later.cancels and later.from_ms <= now_ms < later.until_ms


def _station(reading: Reading, station: Station, orders: Sequence[OrderRow]) -> StationRow:
    code = StationCode(station.code)
    figures, due = reading.metrics.stations[code], reading.due[code]
    printed, planned = _today(reading, station)
    return StationRow(
        code=code,
        name=station.name,
        printers=station.printers,
        seats_open=figures.open,
        seats_busy=figures.busy,
        base=figures.base,
        order=next((row for row in orders if row.active and row.order.station == code), None),
        waiting=_waiting(reading, code),
        oldest_ms=figures.oldest_ms,
        past=figures.past,
        late=due.late,
        soon_late=due.soon_late,
        printed=printed,
        planned=planned,
        blanks=figures.stock.blank,
        ribbon=figures.stock.ribbon,
    )


def _waiting(reading: Reading, code: str) -> int:
    gauges = reading.metrics.gauges.items()
    return sum(number for (what, where, *_), number in gauges if what == "waiting" and where == code)


def _today(reading: Reading, station: Station) -> tuple[int, int]:
    """Return the cards printed today, and those that today's planned seats can print."""
    scenario, now_ms, code = reading.setup.scenario, reading.metrics.now_ms, StationCode(station.code)
    zone = scenario.zone
    midnight_ms = at_ms(day_of(now_ms, zone), time(0), zone)
    hours = range(midnight_ms // HOUR_MS, now_ms // HOUR_MS + 1)
    printed = sum(reading.counted.get(("printed", code, str(hour)), 0) for hour in hours)
    today = Window(midnight_ms, midnight_ms + DAY_MS)
    return printed, printable_cards(scenario, station, wanted_steps(reading.plans[code]), today)
