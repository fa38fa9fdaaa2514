"""The ledger starts cards exactly when the rule says, in whatever order its processes ask."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.capacity import CENTRE, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.values import Lot
from small import HALL, WING, claim, identity, opened, play, printed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.capacity import StationCode
    from lembur.ledger.connection import Server
    from lembur.ledger.values import Wakes

_rounds = count(1)
HORIZON_MS = 10**8

steps = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), max_size=6, unique_by=lambda step: step[0]).map(
    lambda found: [Step(0, 1), *(Step(at, seats) for at, seats in sorted(found)), Step(100, 2)]
)
"""Capacity that changes at random and at last stays open."""


def oracle(ready: Sequence[int], takes: Sequence[int], capacity: Sequence[Step], spoiled: int) -> list[tuple[int, int]]:
    """Start and end of every print, by the rule of planner.md in plain Python; print `spoiled` gives its card back."""

    def seats(at: int) -> int:
        return [step.seats for step in capacity if step.at_ms <= at][-1]

    done: list[tuple[int, int]] = []
    waiting, last = sorted(ready), 0
    while waiting:
        at = max(waiting[0], last)
        while sum(end > at for _, end in done) >= seats(at):
            at += 1
        waiting.pop(0)
        done.append((at, at + takes[len(done) % len(takes)]))
        last = at
        if len(done) - 1 == spoiled:
            waiting = sorted([*waiting, done[-1][1]])
    return sorted(done)


def played(
    server: Server, ready: Sequence[int], takes: Sequence[int], capacity: Sequence[Step], spoiled: int, seed: int
) -> list[tuple[int, int]]:
    """The same by the ledger, its wake-ups delivered in a random order and every commit late."""
    ledger = opened(Ledger(server, office=f"7{next(_rounds):03d}"), steps=capacity, blanks=100)
    _, wakes = ledger.enrol([identity(number, ready_ms=at) for number, at in enumerate(ready)])
    random, done, in_hand = Random(seed), [], []  # noqa: S311 - an order, not a secret

    def work(station: StationCode) -> Wakes | None:
        lot = claim_next(ledger, station, takes)
        if isinstance(lot, Lot):
            in_hand.append(lot)
        if in_hand and (not isinstance(lot, Lot) or random.random() < 0.5):
            over = in_hand.pop(random.randrange(len(in_hand)))
            done.append((over.start_ms, over.ends_ms[-1]))
            return printed(ledger, over, reason="damaged" if over.position == spoiled else "")
        return {station: 1} if isinstance(lot, Lot) else None

    play(ledger, wakes, work, random.randrange)
    while in_hand:
        over = in_hand.pop()
        done.append((over.start_ms, over.ends_ms[-1]))
        play(
            ledger,
            printed(ledger, over, reason="damaged" if over.position == spoiled else "") or {},
            work,
            random.randrange,
        )
    assert not ledger.feed([CENTRE, HALL, WING]).busy
    return sorted(done)


def claim_next(ledger: Ledger, station: StationCode, takes: Sequence[int]) -> object:
    """Take the next card, which takes the time of its position."""
    offer = ledger.offer(station, most=1)
    position = getattr(offer, "position", 0)
    return claim(ledger, station, takes_ms=takes[position % len(takes)])


@settings(max_examples=25, deadline=None)
@given(
    ready=st.lists(st.integers(0, 80), min_size=1, max_size=12),
    takes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    capacity=steps,
    spoiled=st.integers(-1, 8),
    seed=st.integers(0, 10**6),
)
def test_every_start_and_end_is_the_rules(
    valkey_url: str, ready: list[int], takes: list[int], capacity: list[Step], spoiled: int, seed: int
) -> None:
    """Random arrivals, print times, capacity and a spoiled print: three random orders of wake-ups, one result."""
    expected = oracle(ready, takes, capacity, spoiled)

    with connect(valkey_url) as server:
        for order in (seed, seed + 1, seed + 2):
            assert played(server, ready, takes, capacity, spoiled, order) == expected
