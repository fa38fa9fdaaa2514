"""Open seats of a station over time: one step function from shifts, orders and breakdowns."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NewType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

StationCode = NewType("StationCode", str)
CENTRE = StationCode("centre")
"""The centre as a station: a line to it is a seat, and it prints nothing."""
ALL: Final = "all"
"""All print stations, where a station is named: the whole office in a forecast."""


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, milliseconds UTC: `start_ms` belongs to it, `end_ms` does not."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SeatOrder:
    """A written change of seats at a station, with its times, its person and its reason. The latest order wins.

    `cancels` is the number of an earlier order that ends when this one begins, or 0. The first order has number 1.
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
    """A number of open seats from `at_ms` until the next step."""

    at_ms: int
    seats: int


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """Planned seats from `at_ms` on, as if no printer were broken: `base` by shifts alone, `wanted` with all orders."""

    at_ms: int
    base: int
    wanted: int


def orders_in_force(given: Sequence[SeatOrder]) -> list[SeatOrder]:
    """Return the orders that open or close seats, in the order given. A cancelled order ends at its cancellation."""
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
    """Return the open seats over time: an order's seats while it holds, else those of the shift, and none in breaks.

    There are never more than the printers in order. `repairs` has one window for each printer and fault.
    """
    windows = (*shifts, *breaks, *repairs)
    spans = [(one.start_ms, one.end_ms) for one in windows] + [(one.from_ms, one.until_ms) for one in orders]
    moments = sorted({0, *(edge for span in spans for edge in span)})
    wanted = [base_seats if shift else 0 for shift in _overlaps(moments, shifts)]
    for order in orders:
        begin, end = (bisect_left(moments, edge) for edge in (order.from_ms, order.until_ms))
        wanted[begin:end] = [order.seats] * (end - begin)
    found: list[Step] = []
    rests, broken = _overlaps(moments, breaks), _overlaps(moments, repairs)
    for at, seats, rest, under_repair in zip(moments, wanted, rests, broken, strict=True):
        there = 0 if rest else max(0, min(seats, printers - under_repair))
        if not found or found[-1].seats != there:
            found.append(Step(at, there))
    return found


def _overlaps(moments: Sequence[int], windows: Iterable[Window]) -> list[int]:
    """Count the windows that contain each moment; every edge of a window is one of the moments."""
    changes = [0] * len(moments)
    for window in windows:
        if window.start_ms < window.end_ms:
            changes[bisect_left(moments, window.start_ms)] += 1
            changes[bisect_left(moments, window.end_ms)] -= 1
    return list(accumulate(changes))


def plan_seats(base: Sequence[Step], wanted: Sequence[Step]) -> list[SeatPlan]:
    """Combine two step functions that begin at the same moment."""
    by_shift, by_order = {step.at_ms: step.seats for step in base}, {step.at_ms: step.seats for step in wanted}
    found: list[SeatPlan] = []
    for at in sorted({*by_shift, *by_order}):
        before = found[-1] if found else SeatPlan(at, 0, 0)
        found.append(SeatPlan(at, by_shift.get(at, before.base), by_order.get(at, before.wanted)))
    return found


def wanted_steps(plan: Iterable[SeatPlan]) -> list[Step]:
    """Return the seats over time that shifts and orders ask for, as if no printer were under repair."""
    return [Step(one.at_ms, one.wanted) for one in plan]


def seat_ms(found: Sequence[Step], window: Window) -> int:
    """Return the seat-milliseconds that are open inside `window`."""
    total = 0
    for step, after in zip(found, [*found[1:], Step(window.end_ms, 0)], strict=True):
        total += step.seats * max(0, min(after.at_ms, window.end_ms) - max(step.at_ms, window.start_ms))
    return total
