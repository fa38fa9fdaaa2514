"""Reconcile on a system at work: what moves while it looks is no fault."""

from __future__ import annotations

from typing import Any

from lembur.domain.card import CardId
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.audit.checks import LOT
from support.small_office import HALL, WING, identity, opened

FIRST, LAST = CardId("00000001"), CardId(f"{LOT + 1:08d}")


class Restless(Ledger):
    """An office in which one card is held and another released between the first cards looked at and the last."""

    def query(self, verb: str, /, **arguments: Any) -> Any:
        """Look at a range, after the moves."""
        if arguments.get("first", 0) > LOT:
            self.hold(FIRST, by="Bu Sri", reason="a doubt")
            self.release(LAST, by="Bu Sri", reason="settled")
        return super().query(verb, **arguments)


def test_cards_that_change_places_while_they_are_counted_are_no_fault(server_url: str, office: str) -> None:
    """The counts are the same before and after, but the cards found are not those of one moment."""
    with connect(server_url) as server:
        ledger = opened(Restless(server, office=office))
        ledger.enrol([identity(number) for number in range(LOT + 1)])
        ledger.hold(LAST, by="Bu Sri", reason="a doubt")

        assert reconcile(ledger, [HALL, WING]) == []
