"""Reconcile on a system at work: what moves while it looks is no fault."""

from __future__ import annotations

from typing import Any

from lembur.domain.card import CardId, card_id
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.audit.checks import CARD_PAGE
from lembur.ledger.types import Lot, PrinterState
from support.small_office import HALL, WING, claim, identity, opened

FIRST, LAST = CardId("00000001"), card_id(CARD_PAGE + 1)


class Restless(Ledger):
    """An office in which one card is held and another released between the first cards looked at and the last."""

    def query(self, verb: str, /, **arguments: Any) -> Any:
        """Look at a range, after the moves."""
        if arguments.get("first", 0) > CARD_PAGE:
            self.hold(FIRST, by="Bu Sri", reason="a doubt")
            self.release(LAST, by="Bu Sri", reason="settled")
        return super().query(verb, **arguments)


def test_cards_that_change_places_while_they_are_counted_are_no_fault(server_url: str, office: str) -> None:
    """The counts are the same before and after, but the cards found are not those of one moment."""
    with connect(server_url) as server:
        ledger = opened(Restless(server, office=office))
        ledger.enrol([identity(number) for number in range(CARD_PAGE + 1)])
        ledger.hold(LAST, by="Bu Sri", reason="a doubt")

        assert reconcile(ledger, [HALL, WING]) == []


def test_a_printer_holds_no_more_than_the_ledger(server_url: str, office: str) -> None:
    """Blanks and ribbon that a printer reports and the ledger lacks are a fault; prints since the report are not."""
    with connect(server_url) as server:
        ledger = opened(Ledger(server, office=office), blanks=5, ribbon=5)
        ledger.note_printer(PrinterState("card1", HALL, blanks=3, ribbon_cards=5))
        ledger.note_printer(PrinterState("card2", HALL, blanks=2))
        ledger.enrol([identity(number) for number in range(2)])
        for reason in ("", "jam"):
            lot = claim(ledger)
            assert isinstance(lot, Lot)
            assert reconcile(ledger, [HALL, WING]) == []
            ledger.commit(lot, reasons=[reason], ends_ms=lot.ends_ms, printer="card1")
            assert reconcile(ledger, [HALL, WING]) == []

        ledger.note_printer(PrinterState("card1", HALL, blanks=2, ribbon_cards=4))
        found = [(one.invariant, one.where) for one in reconcile(ledger, [HALL, WING])]

    invariant = "printers hold no more than the ledger"
    assert found == [
        (invariant, "hall: blanks for 4 cards in its printers, for 3 in the ledger"),
        (invariant, "hall: ribbon for 4 cards in its printers, for 3 in the ledger"),
    ]
