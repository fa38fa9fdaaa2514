"""A seat keeps its lot while its printer is at work or waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.types import ClaimRefusal, Lot, Offer
from support.cups import wall_ms
from support.small_office import HALL, WING, identity, opened, printed
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE_MS = 200


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give an office at its own pace: one seat in the hall, two cards."""
    with connect(server_url) as server:
        found, now = Ledger(server, office=office), wall_ms()
        opened(found, started=False, steps=(Step(0, 1),), blanks=5)
        found.set_clock(virtual_ms=now, speed=1, ends_ms=now + 10**9)
        found.enrol([identity(n, ready_ms=now - 1_000, due_ms=now + 10**7) for n in range(2)])
        found.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
        yield found
        assert reconcile(found, [HALL, WING]) == []


def claim(ledger: Ledger) -> Lot | ClaimRefusal:
    """Claim the next card for a print of a tenth of a second."""
    offer = ledger.offer(HALL, most=1)
    if not isinstance(offer, Offer):
        return offer
    found = ledger.claim(offer, ends_ms=[offer.start_ms + 100], lease_ms=LEASE_MS)
    assert not isinstance(found, Offer)
    return found


def test_a_renewed_lot_is_not_swept_and_keeps_its_seat(ledger: Ledger) -> None:
    """Past its planned end a lot that is renewed is not ended by others, and no other card takes its seat."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    over_ms = ledger.time()[0] + 5 * LEASE_MS

    def renew() -> bool:
        assert ledger.renew(lot, lease_ms=LEASE_MS)
        assert ledger.expired_lots([HALL]) == []
        assert claim(ledger) is ClaimRefusal.NO_SEAT
        return ledger.time()[0] > over_ms

    eventually(renew)
    assert printed(ledger, lot) is not None


def test_without_renewal_the_lot_is_swept(ledger: Ledger) -> None:
    """A seat that stops renewing loses its lot when the lease ends, and may not renew it after it was ended."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    assert ledger.renew(lot, lease_ms=LEASE_MS)

    assert eventually(lambda: ledger.expired_lots([HALL]))
    assert ledger.abandon(lot) is not None

    assert not ledger.renew(lot, lease_ms=LEASE_MS)
