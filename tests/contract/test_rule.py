"""The ledger starts cards exactly when the rule says, in whatever order its processes ask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.card import Priority
from lembur.domain.seats import CENTRE, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.types import Lot, Offer
from support.small_office import HALL, WING, identity, opened, play, wakes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger.connection import Server
    from lembur.ledger.types import ClaimRefusal, Wakes

_rounds = count(1)
DUE_MS = 5_000


@dataclass(frozen=True, slots=True)
class Case:
    """A station's world: who is ready when and of which class, print times by position, seats, blanks, lots."""

    people: Sequence[tuple[int, Priority]]
    takes: Sequence[int]
    seats: Sequence[Step]
    spoiled: int
    blanks: int
    delivered_ms: int
    most: int

    def takes_ms(self, position: int) -> int:
        """How long the print at a position takes."""
        return self.takes[position % len(self.takes)]

    def ends(self, start_ms: int, until_ms: int, position: int, cards: int) -> list[int]:
        """One print after the other on one seat, as many as start before the stretch ends."""
        ends: list[int] = []
        while len(ends) < cards and (at := ends[-1] if ends else start_ms) < until_ms:
            ends.append(at + self.takes_ms(position + len(ends)))
        return ends

    def reasons(self, position: int, cards: int) -> list[str]:
        """The print at the position `spoiled` is a bad one."""
        return ["damaged" if position + place == self.spoiled else "" for place in range(cards)]


Print = tuple[int, int, int]
"""Person, start and end."""


def oracle(case: Case) -> list[Print]:
    """Every print, by the rule of planner.md in plain Python: millisecond by millisecond, all lots kept."""
    waiting = [(ready, priority, person) for person, (ready, priority) in enumerate(case.people)]
    lots: list[int] = []
    done: list[Print] = []
    at = 0
    while waiting:
        at = max(at, min(waiting)[0])
        open_now = [step.seats for step in case.seats if step.at_ms <= at][-1]
        blanks = case.blanks - len(done) + (len(case.people) + 1 if at >= case.delivered_ms else 0)
        if blanks < 1 or sum(end > at for end in lots) >= open_now:
            at += 1
            continue
        queue = sorted((one for one in waiting if one[0] <= at), key=lambda one: one[1:])[: min(case.most, blanks)]
        until = min((step.at_ms for step in case.seats if step.at_ms > at), default=10**9)
        position = len(done)
        ends = case.ends(at, until, position, len(queue))
        for one, start, end, reason in zip(queue, [at, *ends], ends, case.reasons(position, len(ends)), strict=False):
            waiting.remove(one)
            done.append((one[2], start, end))
            if reason:
                waiting.append((ends[-1], *one[1:]))
        lots.append(ends[-1])
    return sorted(done)


def played(server: Server, case: Case, seed: int) -> list[Print]:
    """The same by the ledger, its wake-ups delivered in a random order and every commit late."""
    ledger = opened(
        Ledger(server, office=f"7{next(_rounds):03d}"),
        steps=case.seats,
        blanks=case.blanks,
        promised=[{"at": case.delivered_ms, "blank": len(case.people) + 1, "ribbon": 0}],
    )
    _, wakes = ledger.enrol(
        [identity(n, ready_ms=at, priority=priority, due_ms=DUE_MS) for n, (at, priority) in enumerate(case.people)]
    )
    random = Random(seed)  # noqa: S311 - an order, not a secret
    done: list[Print] = []
    in_hand: list[Lot] = []

    def end(number: int) -> Wakes | None:
        lot = in_hand.pop(number)
        starts = [lot.start_ms, *lot.ends_ms]
        prints = zip(lot.cards, starts, lot.ends_ms, strict=False)
        done.extend((int(card) - 1, start, end) for card, start, end in prints)
        reasons = case.reasons(lot.position, len(lot.cards))
        return wakes_of(ledger.commit(lot, reasons=reasons, ends_ms=lot.ends_ms))

    def work(station: StationCode) -> Wakes | None:
        lot = claim(ledger, station, case)
        if isinstance(lot, Lot):
            in_hand.append(lot)
        if in_hand and (not isinstance(lot, Lot) or random.random() < 0.5):
            return end(random.randrange(len(in_hand)))
        return {station: 1} if isinstance(lot, Lot) else None

    play(ledger, wakes, work, random.randrange)
    while in_hand:
        play(ledger, end(0) or {}, work, random.randrange)
    assert not ledger.advance([CENTRE, HALL, WING]).busy
    return sorted(done)


def claim(ledger: Ledger, station: StationCode, case: Case) -> Lot | ClaimRefusal:
    """Take the next lot, each print taking the time of its position."""
    offer = ledger.offer(station, most=case.most)
    while isinstance(offer, Offer):
        ends = case.ends(offer.start_ms, offer.until_ms, offer.position, len(offer.cards))
        taken = ledger.claim(offer, ends_ms=ends, lease_ms=60_000)
        if not isinstance(taken, Offer):
            return taken
        offer = taken
    return offer


seats = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), max_size=6, unique_by=lambda step: step[0]).map(
    lambda found: [Step(0, 1), *(Step(at, open_seats) for at, open_seats in sorted(found)), Step(100, 2)]
)
"""Capacity that changes at random and at last stays open."""
cases = st.builds(
    Case,
    people=st.lists(
        st.tuples(st.integers(0, 80), st.sampled_from([Priority.PRINT_READY, Priority.EXPEDITED])),
        min_size=1,
        max_size=12,
    ),
    takes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    seats=seats,
    spoiled=st.integers(-1, 8),
    blanks=st.integers(0, 14),
    delivered_ms=st.integers(1, 120),
    most=st.integers(1, 4),
)


@settings(max_examples=40, deadline=None)
@given(case=cases, seed=st.integers(0, 10**6))
def test_every_start_and_end_is_the_rules(valkey_url: str, case: Case, seed: int) -> None:
    """People, classes, print times, seats, blanks, lots, a spoiled print: one result in any order of wake-ups."""
    expected = oracle(case)

    with connect(valkey_url) as server:
        for order in (seed, seed + 1):
            assert played(server, case, order) == expected
