"""When a card may start: never before it is ready, its blank is there and its seat is free, whatever else happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.capacity import CENTRE, Step
from lembur.domain.card import Priority
from lembur.ledger import Ledger, connect
from lembur.ledger.reconcile import reconcile
from lembur.ledger.values import Lot, Place, Refusal
from small import HALL, WING, claim, identity, opened

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """A ledger nobody has opened; whatever a test did to it must add up."""
    with connect(server_url) as server:
        found = Ledger(server, office=office)
        yield found
        assert reconcile(found, [HALL, WING]) == []


def taken(ledger: Ledger) -> Lot:
    """The next lot, which there must be."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    return lot


def test_a_seat_free_again_sooner_starts_nobody_who_is_not_ready(ledger: Ledger) -> None:
    """A refused seat has looked as far as 100; the lot given up then frees the seat at 0, and who comes at 90 waits."""
    opened(ledger, steps=[Step(0, 1)])
    ledger.enrol([identity(1), identity(2, ready_ms=90, priority=Priority.FIRST_TIME)])
    lot = taken(ledger)
    assert claim(ledger) is Refusal.NO_SEAT

    ledger.abandon(lot)

    again, other = taken(ledger), claim(ledger)
    assert (again.cards, again.start_ms) == (lot.cards, 0)
    assert other is Refusal.NO_SEAT


def test_nothing_starts_before_the_feed_said_how_far_it_is(ledger: Ledger) -> None:
    """Time has begun and the backlog is in, but who comes at 10 may be on the way: he goes before who comes at 100."""
    ledger.open(
        office={},
        places=[
            Place(CENTRE, 1, [Step(0, 1)]),
            Place(HALL, 1, [Step(0, 1)], blanks=9, ribbon_cards=9),
            Place(WING, 1, [Step(0, 1)]),
        ],
    )
    ledger.set_clock(virtual_ms=0, speed=0, ends_ms=10**9)
    ledger.enrol([identity(1, ready_ms=100)])
    assert claim(ledger) is Refusal.BEHIND

    ledger.enrol([identity(2, ready_ms=10)])
    ledger.feed([CENTRE, HALL, WING], fed_ms=1_000)

    assert taken(ledger).start_ms == 10
