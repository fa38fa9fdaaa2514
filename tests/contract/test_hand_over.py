"""The way of a card from the printer to its person: who handed it over, and which cards nobody has collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Collector, Status
from lembur.domain.errors import CardError
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.queries.live import await_events, last_event_id
from lembur.ledger.types import Finding, Lot
from support.cli import Desk
from support.small_office import HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give an office in which three of five cards came out; all reconciles at the end."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office))
        found.enrol([identity(number) for number in range(5)])
        for _ in range(3):
            printed(found, claim(found))
        yield found
        assert reconcile(found, [HALL, WING]) == []


def out(ledger: Ledger) -> list[CardId]:
    """List the cards that wait for their people."""
    return [card for card, *_ in queries.uncollected_cards(ledger)]


def test_a_card_is_handed_over_and_the_officer_is_kept(ledger: Ledger) -> None:
    """Shipped to another counter or not: the card's history and the log of people have who did it, and for whom."""
    first, second, third = out(ledger)
    ledger.ship(first, to="Kecamatan Jebres", by="Bu Sri")
    ledger.issue(first, to=Collector.HOLDER, by="Pak Budi")
    ledger.issue(second, to=Collector.FAMILY, by="Pak Budi")

    assert out(ledger) == [third]
    history = queries.read_card(ledger, first).history
    assert [(one.what, one.why) for one in history[-2:]] == [
        (Status.CARD_SHIPPED, "to Kecamatan Jebres (Bu Sri)"),
        (Status.CARD_ISSUED, "to holder (Pak Budi)"),
    ]
    assert [(one.what, one.by) for one in read_actions(ledger)] == [
        ("ship", "Bu Sri"),
        ("issue", "Pak Budi"),
        ("issue", "Pak Budi"),
    ]


def test_only_a_card_that_came_out_is_handed_over_and_once(ledger: Ledger) -> None:
    """Waiting, issued and unknown cards are refused in a sentence; so is an officer without a name."""
    first, *_ = out(ledger)
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.issue(first, to=Collector.HOLDER, by="Bu Sri")

    for card, words in (
        (first, "CARD_ISSUED"),
        (lot.cards[0], "SENT_FOR_CARD_PRINTING"),
        (CardId("00000099"), "no card"),
    ):
        with pytest.raises(CardError, match=words):
            ledger.issue(card, to=Collector.HOLDER, by="Bu Sri")
    with pytest.raises(CardError, match="who lets the card be issued"):
        ledger.issue(out(ledger)[0], to=Collector.HOLDER, by=" ")
    with pytest.raises(CardError, match="it cannot be shipped"):
        ledger.ship(first, to="Jebres", by="Bu Sri")


def test_a_card_that_was_handed_over_did_come_out(ledger: Ledger) -> None:
    """Once a found card is issued, nobody can correct that it came out."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    (card,) = lot.cards
    ledger.unconfirm(lot)
    ledger.confirm(card, finding=Finding.PRINTED, by="Bu Sri")
    ledger.issue(card, to=Collector.HOLDER, by="Pak Budi")

    with pytest.raises(CardError, match="nothing to confirm"):
        ledger.confirm(card, finding=Finding.SPOILED, by="Pak Budi")


def test_a_hand_over_is_an_event_for_other_programs(ledger: Ledger) -> None:
    """It names the card and nothing else."""
    before, card = last_event_id(ledger), out(ledger)[0]
    ledger.issue(card, to=Collector.PROXY, by="Bu Sri")

    (event,) = await_events(ledger, before, wait_ms=1_000)

    assert (event.kind, event.data) == ("issue", {"card": card})


def test_the_counter_works_by_the_command_line(
    ledger: Ledger, server_url: str, valkey_url: str, office: str, tmp_path: Path
) -> None:
    """`uncollected` lists the oldest first; `ship` and `issue` take a card off it, and `log` shows who did it."""
    desk = Desk(server_url, office, tmp_path, broker=valkey_url)
    first, second, _ = out(ledger)
    listed = desk.do("uncollected")
    assert listed.splitlines()[0].startswith(f"{first}  hall")
    assert listed.endswith("3 cards uncollected\n")

    assert desk.do("ship", first, "--to", "Jebres", "--by", "Bu Sri") == f"card {first}: shipped to Jebres\n"
    assert "CARD_SHIPPED" in desk.do("uncollected")
    assert desk.do("issue", first, "--to", "family", "--by", "Pak Budi") == f"card {first}: handed over to family\n"
    assert desk.do("issue", second, "--to", "holder", "--by", "Pak Budi")

    assert desk.do("uncollected").endswith("1 card uncollected\n")
    assert "Pak Budi" in desk.do("log")
    assert "cannot be issued now" in desk.be_refused("issue", first, "--to", "holder", "--by", "Bu Sri")
