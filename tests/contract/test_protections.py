"""Protections of the ledger that nothing else would miss at once: each test fails when its protection is taken away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.circuit_breaker import TRIES
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Finding, Lot, Offer
from support.repeated_delivery import Stammering
from support.servers import redis_of
from support.small_office import HALL, WING, answered, claim, failed, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STATIONS = [HALL, WING]
ENDS_MS = 10**9


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give a ledger of an office nobody has opened yet."""
    with connect(server_url) as server:
        yield Ledger(server, office=office)


def offer_of(ledger: Ledger) -> Offer:
    """Return the hall's next start."""
    offer = ledger.offer(HALL, most=1)
    assert isinstance(offer, Offer)
    return offer


def test_a_claim_starts_at_the_moment_offered_or_not_at_all(ledger: Ledger) -> None:
    """The last blank was destroyed and another came at 500: the same card, but its start is another."""
    opened(ledger, blanks=1)
    ledger.enrol([identity(1)])
    offer = offer_of(ledger)
    ledger.set_clock(virtual_ms=500, speed=0, ends_ms=ENDS_MS)
    ledger.destroy(HALL, blanks=1, minutes="BA-1", by="Bu Sri")
    ledger.receive(HALL, blanks=1, ribbon_cards=0, minutes="BA-2", by="Bu Sri")

    newer = ledger.claim(offer, ends_ms=[100], lease_ms=60_000)

    assert offer.start_ms == 0
    assert isinstance(newer, Offer)
    assert (newer.start_ms, newer.position, newer.cards) == (500, offer.position, offer.cards)


@pytest.mark.parametrize(("due_ms", "late"), [(100, 0), (99, 1)])
def test_a_card_printed_at_its_due_time_is_not_late(ledger: Ledger, due_ms: int, late: int) -> None:
    """Printed at 100: in time when it is due at 100, late when it was due a millisecond before."""
    opened(ledger)
    ledger.enrol([identity(1, due_ms=due_ms)])

    printed(ledger, claim(ledger, takes_ms=100))

    assert queries.tally(ledger).get(("late", HALL, "0"), 0) == late


@pytest.mark.parametrize(("due_ms", "late"), [(6_000, 0), (5_999, 1)])
def test_a_card_found_printed_at_its_due_time_is_not_late(ledger: Ledger, due_ms: int, late: int) -> None:
    """The same when a person finds it."""
    opened(ledger)
    ledger.enrol([identity(1, due_ms=due_ms)])
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.unconfirm(lot)
    ledger.set_clock(virtual_ms=6_000, speed=0, ends_ms=ENDS_MS)

    ledger.confirm(lot.cards[0], finding=Finding.PRINTED, by="Bu Sri")

    assert queries.tally(ledger).get(("late", HALL, "0"), 0) == late


def test_a_lease_that_is_over_for_less_than_asked_is_left_alone(ledger: Ledger) -> None:
    """A lot of another machine's printers is taken up only a while after its lease."""
    opened(ledger)
    ledger.enrol([identity(1)])
    offer = offer_of(ledger)
    lot = ledger.claim(offer, ends_ms=[100], lease_ms=-10_000)
    assert isinstance(lot, Lot)

    assert ledger.expired_lots(STATIONS, since_ms=600_000) == []
    assert [found.name for found in ledger.expired_lots(STATIONS, since_ms=5_000)] == [lot.name]


def test_an_answer_clears_the_failures_of_a_card(ledger: Ledger) -> None:
    """It failed once less than it may, was answered, and came back: from there it may fail as often again."""
    opened(ledger)
    ledger.enrol([identity(1, first_issue=True)])
    for _ in range(TRIES - 1):
        failed(ledger, claim(ledger, CENTRE))
    answered(ledger, claim(ledger, CENTRE), Status.ADJUDICATE_RECORD)
    ledger.release(CardId("00000001"), by="Bu Sri", reason="the expert is done")

    for _ in range(TRIES - 1):
        failed(ledger, claim(ledger, CENTRE))
    assert queries.read_card(ledger, CardId("00000001")).status is Status.BIO_CAPTURED
    failed(ledger, claim(ledger, CENTRE))
    assert queries.read_card(ledger, CardId("00000001")).status is Status.SEARCH_FAILURE_AT_CENTRAL


class Timed(Stammering):
    """Notes when a request is made."""

    asked_s = 0.0

    def run_once(self, verb: str, token: str | None = None, ends_ms: Sequence[int] = (), /, **arguments: Any) -> Any:
        """Note the time, then run it."""
        self.asked_s = time.monotonic()
        return super().run_once(verb, token, ends_ms, **arguments)


def test_a_lease_is_counted_from_the_request(ledger: Ledger) -> None:
    """The server's own lease begins before its answer arrives: a printer may not rely on a later end."""
    opened(ledger)
    ledger.enrol([identity(1)])
    offer = offer_of(ledger)
    timed = Timed(ledger)

    lot = ledger.claim(offer, ends_ms=[100], lease_ms=60_000)

    assert isinstance(lot, Lot)
    assert lot.held_until_s <= timed.asked_s + 60


def nik_violations(ledger: Ledger) -> set[str]:
    """Return the cards that have no NIK of their own."""
    return {one.where for one in reconcile(ledger, STATIONS) if one.invariant == "a card is for one NIK"}


def test_a_card_of_two_niks_is_found(ledger: Ledger) -> None:
    """One NIK more leads to the second card."""
    opened(ledger)
    ledger.enrol([identity(number) for number in range(1, 4)])
    ledger.server.hset(ledger.prefix + "nik", "another", "00000002")

    assert nik_violations(ledger) == {"00000002"}


def test_two_cards_of_a_nik_are_found(ledger: Ledger) -> None:
    """A NIK leads to one card; the other card that was enrolled for the same person has none."""
    opened(ledger)
    ledger.enrol([identity(number) for number in range(1, 4)])
    redis_of(ledger.server).hdel(ledger.prefix + "nik", "nik-2")
    ledger.server.hset(ledger.prefix + "nik", "another", "00000099")

    assert nik_violations(ledger) == {"00000002"}
