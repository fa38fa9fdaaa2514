"""What devices say wrongly changes nothing: not half a lot, and no card to where none may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import VERDICTS, Status
from lembur.domain.errors import CardError
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Lot
from support.small_office import HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """An office with two cards for the centre and two for the printers; whatever is said, it must add up."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office))
        found.enrol([identity(number, first_issue=number < 2) for number in range(4)])
        yield found
        assert reconcile(found, [HALL, WING]) == []


@pytest.mark.parametrize(("reasons", "ends"), [([""], [100, 200]), (["", ""], [100]), ([""] * 3, [100, 200, 300])])
def test_a_printer_that_cannot_count_changes_nothing(ledger: Ledger, reasons: list[str], ends: list[int]) -> None:
    """Fewer or more prints than the lot has cards are refused, and the lot can still be ended well."""
    # Of the two at the centre none comes here before this lot is over.
    lot = claim(ledger, CENTRE, most=2)
    assert isinstance(lot, Lot)
    ledger.answer(lot, verdicts=[Status.DUPLICATE_RECORD] * 2)
    lot = claim(ledger, most=2)
    assert isinstance(lot, Lot)
    before = queries.read_board(ledger, [CENTRE, HALL])

    with pytest.raises(CardError, match="for 2 cards"):
        ledger.commit(lot, reasons=reasons, ends_ms=ends)

    assert queries.read_board(ledger, [CENTRE, HALL]) == before
    assert printed(ledger, lot) is not None


@pytest.mark.parametrize("verdicts", [[], [Status.PRINT_READY_RECORD], [Status.DUPLICATE_RECORD] * 3])
def test_a_centre_that_cannot_count_changes_nothing(ledger: Ledger, verdicts: list[Status]) -> None:
    """A verdict too few or too many is no answer."""
    lot = claim(ledger, CENTRE, most=2)
    assert isinstance(lot, Lot)

    with pytest.raises(CardError, match="for 2 cards"):
        ledger.answer(lot, verdicts=verdicts)

    assert ledger.counts()[Status.SENT_FOR_ENROLLMENT] == 2


@pytest.mark.parametrize("verdict", sorted(set(Status) - VERDICTS))
def test_only_a_verdict_is_a_verdict(ledger: Ledger, verdict: Status) -> None:
    """The centre cannot print a card, nor hold one."""
    lot = claim(ledger, CENTRE)
    assert isinstance(lot, Lot)

    with pytest.raises(CardError, match=f"{verdict} is no verdict"):
        ledger.answer(lot, verdicts=[verdict])

    assert ledger.counts()[Status.SENT_FOR_ENROLLMENT] == 1
