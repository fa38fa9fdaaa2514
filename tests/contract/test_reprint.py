"""A card is asked for once more: a new request, linked to the first, and never a second original."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Collector, Priority, Status
from lembur.domain.errors import CardError
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from support.small_office import HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = CardId("00000001")
DUE_MS = 10**9


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """An office in which the first of two cards came out; all reconciles at the end."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office))
        found.enrol([identity(number) for number in range(2)])
        printed(found, claim(found))
        yield found
        assert reconcile(found, [HALL, WING]) == []


def reprint(ledger: Ledger, card: CardId = FIRST) -> CardId:
    """Ask for a card once more."""
    return ledger.reprint(card, due_ms=DUE_MS, by="Bu Sri", reason="lost on the way home")[0]


def test_a_reprint_is_a_new_request_with_a_link_both_ways(ledger: Ledger) -> None:
    """It is the same person's, at the same station, behind those who have no card; both histories have the reason."""
    ledger.issue(FIRST, to=Collector.HOLDER, by="Bu Sri")

    new = reprint(ledger)

    first, second = queries.read_card(ledger, FIRST), queries.read_card(ledger, new)
    assert (first.reprinted_as, second.reprint_of) == (new, FIRST)
    assert first.history[-1].why == f"as {new}: lost on the way home (Bu Sri)"
    assert second.history[0].why == f"reprint of {FIRST}: lost on the way home (Bu Sri)"
    assert (second.status, second.station, second.mask) == (Status.PRINT_READY_RECORD, first.station, first.mask)
    assert (second.priority, second.due_ms, second.stream) == (Priority.REPLACEMENT, DUE_MS, "replacement")
    assert first.status == Status.CARD_ISSUED
    action = read_actions(ledger)[-1]
    assert (action.what, action.by, action.reason) == ("reprint", "Bu Sri", "lost on the way home")
    assert action.details == {"card": FIRST, "as": new}


def test_the_first_is_no_original_any_more(ledger: Ledger) -> None:
    """It is not handed over, not carried, and not reprinted a second time; its reprint is, once it came out."""
    new = reprint(ledger)

    for handle in (
        lambda: ledger.issue(FIRST, to=Collector.HOLDER, by="Bu Sri"),
        lambda: ledger.ship(FIRST, to="Jebres", by="Bu Sri"),
        lambda: reprint(ledger),
    ):
        with pytest.raises(CardError, match=f"card {FIRST} was reprinted as {new}: only that one is valid"):
            handle()
    with pytest.raises(CardError, match=f"card {new} is PRINT_READY_RECORD: it cannot be reprinted"):
        reprint(ledger, new)
    assert queries.uncollected_cards(ledger) == []

    for _ in range(2):
        printed(ledger, claim(ledger))
    third = reprint(ledger, new)
    assert queries.read_card(ledger, third).reprint_of == new
    assert queries.find_card(ledger, "nik-0") == third


def test_a_card_that_did_not_come_out_is_not_reprinted(ledger: Ledger) -> None:
    """Nor is an unknown one; a reason and a name are needed."""
    with pytest.raises(CardError, match="PRINT_READY_RECORD: it cannot be reprinted"):
        reprint(ledger, CardId("00000002"))
    with pytest.raises(CardError, match="there is no card 00000099"):
        reprint(ledger, CardId("00000099"))
    with pytest.raises(CardError, match="why the card is reprinted"):
        ledger.reprint(FIRST, due_ms=DUE_MS, by="Bu Sri", reason=" ")


def test_a_reason_that_imitates_a_link_makes_none(ledger: Ledger) -> None:
    """Only the reprint itself writes a link."""
    ledger.hold(CardId("00000002"), by="Bu Sri", reason="a test")
    ledger.release(CardId("00000002"), by="Bu Sri", reason="reprint of 00000001: x")

    assert queries.read_card(ledger, CardId("00000002")).reprint_of == ""


def test_a_reprint_asked_for_twice_is_one(ledger: Ledger) -> None:
    """A request that the network repeats gives the same card."""
    same = ledger.with_token("asked-once")

    assert reprint(same) == reprint(same)
    assert ledger.serial() == 3
