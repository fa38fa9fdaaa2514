"""The slow rule itself: what a person would write down, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.time import NEVER_MS
from reference.rule import Made, open_seats, played, served

if TYPE_CHECKING:
    from collections.abc import Callable


def takes(length: int) -> Callable[[int, int], int]:
    """Let every print take as long."""
    return lambda _, start: start + length


def test_cards_start_when_a_seat_is_free() -> None:
    """Two seats, three cards of 10: the third starts when the first is done."""
    made = played(ready_ms=[0, 0, 0], end_ms=takes(10), seats=lambda _: 2)

    assert made == [Made(0, 10), Made(0, 10), Made(10, 20)]


def test_a_card_waits_for_opening() -> None:
    """No seat is open before 50, so nothing starts before."""
    calendar = [(0, 0), (50, 1)]

    made = played(ready_ms=[0], end_ms=takes(10), seats=open_seats(calendar), boundaries_ms=[50])

    assert made == [Made(50, 60)]


def test_a_spoiled_print_comes_back_at_its_end() -> None:
    """The first print is spoiled: its blank and seat are used, and one more print follows."""
    made = played(ready_ms=[0], end_ms=takes(10), seats=lambda _: 1, spoiled=lambda n: n == 0)

    assert made == [Made(0, 10), Made(10, 20)]


def test_no_blank_no_print() -> None:
    """The second blank comes at 100 and the third never: one card waits, the next is left out."""
    blanks = [0, 100, NEVER_MS]

    made = played(ready_ms=[0, 0, 0], end_ms=takes(10), seats=lambda _: 5, blank_ms=lambda n: blanks[n])

    assert made == [Made(0, 10), Made(100, 110)]


def test_the_first_class_goes_first_among_those_that_are_ready() -> None:
    """Card 1 is of a better class but ready only at 5: it overtakes card 2 and not card 0."""
    ready = [0, 5, 0]
    made = played(ready_ms=ready, end_ms=takes(10), seats=lambda _: 1)

    assert served(made, ready_ms=ready, order=[1, 0, 2]) == [0, 1, 2]


def test_a_spoiled_card_keeps_its_place_in_the_queue() -> None:
    """Card 0 is first by due date: its spoiled print is followed by its own reprint."""
    made = played(ready_ms=[0, 0], end_ms=takes(10), seats=lambda _: 1, spoiled=lambda n: n == 0)

    assert served(made, ready_ms=[0, 0], order=[0, 1], spoiled=lambda n: n == 0) == [0, 0, 1]
