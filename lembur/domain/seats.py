"""Open seats of a station over time: one step function from shifts, orders and breakdowns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

StationCode = NewType("StationCode", str)
CENTRE = StationCode("centre")
"""The centre is a station too: a line to it is a seat, and it prints nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, milliseconds UTC: `start_ms` belongs to it, `end_ms` does not."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SeatOrder:
    """A written change of seats: a number, from when until when, by a person, for a reason. The latest given wins.

    `cancels` is the number of an earlier order (the first is 1) that ends when this one begins, or 0.
    """

    station: StationCode
    seats: int
    from_ms: int
    until_ms: int
    by: str
    reason: str
    cancels: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """From `at_ms` on, `seats` are open, until the next step."""

    at_ms: int
    seats: int


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """From `at_ms` on, seats as planned, printers broken or not: `base` by shifts alone, `wanted` with all orders."""

    at_ms: int
    base: int
    wanted: int


def orders_in_force(given: Sequence[SeatOrder]) -> list[SeatOrder]:
    """Return the orders that open or close seats, in the order given; a cancelled one ends at its cancellation."""
    found = list(given)
    for cancel in given:
        if cancel.cancels:
            order = found[cancel.cancels - 1]
            found[cancel.cancels - 1] = replace(order, until_ms=min(order.until_ms, cancel.from_ms))
    return [order for order in found if not order.cancels and order.from_ms < order.until_ms]


def steps(
    *,
    shifts: Sequence[Window],
    breaks: Sequence[Window],
    base_seats: int,
    printers: int,
    orders: Sequence[SeatOrder] = (),
    repairs: Sequence[Window] = (),
) -> list[Step]:
    """Open seats over time: the shift's own outside orders, an order's inside it, none in breaks.

    There are never more than the printers that are not under repair (`repairs`: one window per printer and fault).
    """
    edges = {0}
    for windows in (shifts, breaks, repairs):
        edges.update(edge for window in windows for edge in (window.start_ms, window.end_ms))
    edges.update(edge for order in orders for edge in (order.from_ms, order.until_ms))
    found: list[Step] = []
    for at in sorted(edges):
        wanted = base_seats if _within(at, shifts) else 0
        for order in orders:
            if order.from_ms <= at < order.until_ms:
                wanted = order.seats
        working = printers - sum(window.start_ms <= at < window.end_ms for window in repairs)
        seats = 0 if _within(at, breaks) else max(0, min(wanted, working))
        if not found or found[-1].seats != seats:
            found.append(Step(at, seats))
    return found


def plan_seats(base: Sequence[Step], wanted: Sequence[Step]) -> list[SeatPlan]:
    """Lay two step functions beside each other; both begin at the same moment."""
    by_shift, by_order = {step.at_ms: step.seats for step in base}, {step.at_ms: step.seats for step in wanted}
    found: list[SeatPlan] = []
    for at in sorted({*by_shift, *by_order}):
        before = found[-1] if found else SeatPlan(at, 0, 0)
        found.append(SeatPlan(at, by_shift.get(at, before.base), by_order.get(at, before.wanted)))
    return found


def _within(at_ms: int, windows: Iterable[Window]) -> bool:
    return any(window.start_ms <= at_ms < window.end_ms for window in windows)


def seat_ms(found: Sequence[Step], window: Window) -> int:
    """Seat-milliseconds that are open inside `window`."""
    total = 0
    for step, after in zip(found, [*found[1:], Step(window.end_ms, 0)], strict=True):
        total += step.seats * max(0, min(after.at_ms, window.end_ms) - max(step.at_ms, window.start_ms))
    return total
