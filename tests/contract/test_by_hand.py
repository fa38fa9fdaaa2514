"""What people change by hand: stock, and the place of a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId
from lembur.domain.errors import CardError, StockError
from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.office import OfficeSetup, open_office

if TYPE_CHECKING:
    from collections.abc import Iterator

DINAS, LAWEYAN = StationCode("dinas"), StationCode("laweyan")


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give an office that has been opened and has done nothing yet."""
    with connect(server_url) as server:
        opened = Ledger(server, office=office)
        open_office(opened, OfficeSetup(load("solo-2016"), seed=1, lot_cards=1))
        yield opened


def test_blanks_received_carried_and_destroyed_are_accounted_for(ledger: Ledger) -> None:
    """Each move of stock leaves every blank somewhere."""
    ledger.receive(DINAS, blanks=5, ribbon_cards=0, minutes="BA 1")
    ledger.transfer(DINAS, to=LAWEYAN, blanks=2, ribbon_cards=0, minutes="BA 2")
    ledger.destroy(LAWEYAN, blanks=1, minutes="BA 3")

    assert not reconcile(ledger, [DINAS, LAWEYAN])


def test_nobody_carries_away_what_is_not_there(ledger: Ledger) -> None:
    """More blanks than lie on the shelf are refused."""
    with pytest.raises(StockError, match="on the shelf"):
        ledger.destroy(DINAS, blanks=1_000_000, minutes="BA 4")


@pytest.mark.parametrize("verb", ["hold", "release", "expedite"])
def test_a_card_that_is_not_there_cannot_be_moved(ledger: Ledger, verb: str) -> None:
    """Whoever mistypes a number is told that there is no such card."""
    with pytest.raises(CardError, match="no card"):
        getattr(ledger, verb)(CardId("99999999"), why="a test")
