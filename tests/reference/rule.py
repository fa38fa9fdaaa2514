"""The rule in plain Python, as slow as it is short: what the compiled kernel is tested against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from lembur.domain.time import NEVER_MS

Seats = Callable[[int], int]
"""Seats open at a moment."""


@dataclass(frozen=True, slots=True)
class Made:
    """One print, or one answer of the centre: when it was begun and when it was done."""

    start_ms: int
    end_ms: int


def played(
    *,
    ready_ms: Iterable[int],
    end_ms: Callable[[int, int], int],
    seats: Seats,
    boundaries_ms: Sequence[int] = (),
    blank_ms: Callable[[int], int] = lambda _: 0,
    spoiled: Callable[[int], bool] = lambda _: False,
    in_hand_ms: Iterable[int] = (),
) -> list[Made]:
    """Play a station: print n starts at the first t >= ready, blank and the start before with a seat free.

    A spoiled print has used its blank and its seat, and one more card is ready from its end on. Whose card that is
    does not matter here: the n-th start takes whichever is first in the queue, and the print's time belongs to n.
    What cannot start any more is left out. `end_ms(n, start)` tells the end of print n.
    """
    made: list[Made] = []
    done, waiting, last = list(in_hand_ms), sorted(ready_ms), 0
    while waiting:
        number = len(made)
        since = max(last, waiting.pop(0), blank_ms(number))
        moments = sorted({since, *(moment for moment in (*done, *boundaries_ms) if moment > since)})
        last = next((t for t in moments if t < NEVER_MS and sum(end > t for end in done) < seats(t)), NEVER_MS)
        if last == NEVER_MS:
            return made
        made.append(Made(last, end_ms(number, last)))
        done.append(made[-1].end_ms)
        if spoiled(number):
            waiting = sorted([*waiting, made[-1].end_ms])
    return made


def served(
    made: Sequence[Made],
    *,
    ready_ms: Sequence[int],
    order: Sequence[int],
    spoiled: Callable[[int], bool] = lambda _: False,
) -> list[int]:
    """Tell whose each print is: the card that is ready and first by `order` (class, then due: a number a card)."""
    coming = sorted((ready, card) for card, ready in enumerate(ready_ms))
    queue: list[tuple[int, int]] = []
    cards: list[int] = []
    for number, each in enumerate(made):
        while coming and coming[0][0] <= each.start_ms:
            heappush(queue, (order[coming[0][1]], coming.pop(0)[1]))
        cards.append(heappop(queue)[1])
        if spoiled(number):
            coming = sorted([*coming, (each.end_ms, cards[-1])])
    return cards


def open_seats(calendar: Sequence[tuple[int, int]]) -> Seats:
    """Read a calendar of (moment, seats from then on); nothing is open before its first entry."""
    return lambda t: next((seats for at_ms, seats in reversed(calendar) if at_ms <= t), 0)
