"""Open seats over time: shifts, breaks, orders and repairs, as one step function."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.seats import SeatOrder, StationCode, Step, Window, orders_in_force, seat_ms, steps

DINAS = StationCode("dinas")
WINDOWS = st.builds(lambda at, length: Window(at, at + length), st.integers(1, 90), st.integers(1, 30))
ORDERS = st.builds(
    lambda seats, at, length: SeatOrder(DINAS, seats, at, at + length, "head", "queue"),
    st.integers(0, 6),
    st.integers(1, 90),
    st.integers(1, 30),
)


def order(seats: int, from_ms: int, until_ms: int) -> SeatOrder:
    """Write a seat order."""
    return SeatOrder(DINAS, seats, from_ms, until_ms, "head", "queue")


def test_seats_are_open_in_the_shift_and_not_in_the_break() -> None:
    """Half-open: open at the first moment, closed at the last."""
    found = steps(shifts=[Window(10, 50)], breaks=[Window(20, 30)], base_seats=1, printers=2)

    assert found == [Step(0, 0), Step(10, 1), Step(20, 0), Step(30, 1), Step(50, 0)]


def test_an_order_holds_outside_the_shift_and_ends_by_itself() -> None:
    """Overtime goes on after closing; breaks hold in it too."""
    found = steps(shifts=[Window(10, 50)], breaks=[Window(55, 60)], base_seats=1, printers=2, orders=[order(2, 40, 70)])

    assert found == [Step(0, 0), Step(10, 1), Step(40, 2), Step(55, 0), Step(60, 2), Step(70, 0)]


def test_the_latest_given_order_wins() -> None:
    """A later order may close seats that an earlier one opened, and the earlier one holds again after it."""
    found = steps(shifts=[], breaks=[], base_seats=0, printers=4, orders=[order(4, 10, 50), order(1, 20, 30)])

    assert found == [Step(0, 0), Step(10, 4), Step(20, 1), Step(30, 4), Step(50, 0)]


def test_never_more_seats_than_printers_in_order() -> None:
    """A printer under repair takes its seat with it; two at a time take two."""
    found = steps(
        shifts=[Window(0, 100)],
        breaks=[],
        base_seats=5,
        printers=3,
        repairs=[Window(10, 30), Window(20, 40)],
    )

    assert found == [Step(0, 3), Step(10, 2), Step(20, 1), Step(30, 2), Step(40, 3), Step(100, 0)]


def test_a_station_that_never_opens_has_one_step() -> None:
    """Always closed is an answer too."""
    assert steps(shifts=[], breaks=[], base_seats=3, printers=3) == [Step(0, 0)]


def test_seat_time_is_counted_inside_the_window_only() -> None:
    """Two seats for 10 ms and one for 5."""
    assert seat_ms([Step(0, 0), Step(10, 2), Step(20, 1)], Window(5, 25)) == 2 * 10 + 5
    assert seat_ms([Step(0, 2)], Window(50, 50)) == 0


@settings(max_examples=60)
@given(
    st.lists(WINDOWS, max_size=4),
    st.lists(WINDOWS, max_size=4),
    st.lists(ORDERS, max_size=4),
    st.lists(WINDOWS, max_size=5),
    st.integers(0, 4),
    st.integers(1, 4),
)
def test_the_steps_say_at_every_moment_what_the_rules_say(
    shifts: list[Window],
    breaks: list[Window],
    orders: list[SeatOrder],
    repairs: list[Window],
    base_seats: int,
    printers: int,
) -> None:
    """Millisecond by millisecond against the rules in plain words."""
    found = steps(
        shifts=shifts, breaks=breaks, base_seats=base_seats, printers=printers, orders=orders, repairs=repairs
    )

    assert [step.at_ms for step in found] == sorted({step.at_ms for step in found})
    assert all(one.seats != after.seats for one, after in pairwise(found))
    for moment in range(130):
        open_now = [step.seats for step in found if step.at_ms <= moment][-1]
        holding = [given.seats for given in orders if given.from_ms <= moment < given.until_ms]
        wanted = holding[-1] if holding else base_seats * inside(moment, shifts)
        working = printers - sum(inside(moment, [window]) for window in repairs)
        assert open_now == (0 if inside(moment, breaks) else max(0, min(wanted, working)))


def inside(moment: int, windows: list[Window]) -> bool:
    """Tell whether a moment lies in any of the windows."""
    return any(window.start_ms <= moment < window.end_ms for window in windows)


def test_a_cancelled_order_ends_at_its_cancellation() -> None:
    """The seats are the order's until then; one that is cancelled before it begins never counts."""
    tonight, tomorrow = order(3, 100, 200), order(2, 300, 400)
    orders = [tonight, tomorrow, replace(order(0, 150, 200), cancels=1), replace(order(0, 150, 400), cancels=2)]

    assert orders_in_force(orders) == [order(3, 100, 150)]
    assert orders_in_force([tonight, tomorrow]) == [tonight, tomorrow]
