"""A ledger that is older than the print logs, as a restored copy is: what came out is entered before anyone prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.seats import CENTRE, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import PrintLogs, Settlement, reconcile, settle_by_logs
from lembur.ledger.queries import read_board, read_card
from lembur.ledger.types import Lot, Offer
from support.small_office import HALL, WING, identity, opened
from workers.devices import JobLog, Print, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATIONS = [HALL, WING]
FIRST, SECOND = CardId("00000001"), CardId("00000002")
NOTHING = Settlement(0, 0, ())


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """A ledger with four cards that wait for a printer and one that waits for the centre."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office), steps=[Step(0, 3)])
        found.enrol([identity(number) for number in range(4)])
        found.enrol([identity(4, first_issue=True)])
        yield found


class Press:
    """The printers of this machine, and a ledger that may forget what they did."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.folder = folder

    def claim(self, station: str = HALL) -> Lot:
        """Claim the next card."""
        offer = self.ledger.offer(station, most=1)  # type: ignore[arg-type]
        while isinstance(offer, Offer):
            claimed = self.ledger.claim(
                offer, ends_ms=[offer.start_ms + 100], lease_ms=60_000, owner=owner_of(self.folder)
            )
            if isinstance(claimed, Lot):
                return claimed
            assert isinstance(claimed, Offer)
            offer = claimed
        raise AssertionError(offer)

    def log(self, lot: Lot, *, reason: str = "", confirmed: bool = True) -> None:
        """Let a job come out of the printer."""
        assert JobLog(self.folder / f"{HALL}.jsonl").write(lot, [Print(lot.ends_ms[0], reason)], confirmed=confirmed)

    def log_unknown(self, card: CardId, *reasons: str) -> None:
        """Write jobs of a card that this ledger has forgotten."""
        for number, reason in enumerate(reasons):
            lot = Lot(f"{owner_of(self.folder)}{card}{number:024d}", HALL, 0, 0, (card,), (100 + number,))
            self.log(lot, reason=reason)

    def settle(self) -> Settlement:
        """Hold the ledger against the logs."""
        return settle_by_logs(self.ledger, STATIONS, PrintLogs([self.folder]))

    def status(self, card: CardId) -> str:
        """Return the status of a card."""
        return read_card(self.ledger, card).status

    def violations(self) -> list[str]:
        """Return what does not add up."""
        return [str(one) for one in reconcile(self.ledger, STATIONS, logs=PrintLogs([self.folder]))]


@pytest.fixture
def press(ledger: Ledger, tmp_path: Path) -> Press:
    """Printers that log into a folder of this machine."""
    return Press(ledger, tmp_path / "printers")


def test_a_card_that_came_out_is_not_printed_again(press: Press) -> None:
    """The copy was made before it was claimed: it is printed now, its blank used, and everything adds up."""
    press.log_unknown(FIRST, "")

    assert press.settle() == Settlement(1, 0, ())

    assert press.status(FIRST) == Status.CARD_PRINTED
    stock = read_board(press.ledger, [HALL]).stations[0].stock
    assert (stock.used, stock.spoiled, stock.difference) == (1, 0, 0)
    assert press.claim().cards == (SECOND,)
    assert press.violations() == []
    assert press.settle() == NOTHING


def test_spoiled_blanks_before_it_are_entered_too(press: Press) -> None:
    """Two blanks were spoiled before the good card; a third card has only a spoiled one, and waits again."""
    press.log_unknown(FIRST, "damaged", "failed print", "")
    press.log_unknown(SECOND, "damaged")

    assert press.settle() == Settlement(1, 3, ())

    assert (press.status(FIRST), press.status(SECOND)) == (Status.CARD_PRINTED, Status.PRINT_READY_RECORD)
    assert press.violations() == []
    assert press.settle() == NOTHING


def test_a_lot_in_hand_ends_as_the_log_shows(press: Press) -> None:
    """The copy was made between claim and commit: one lot came out, one was called off, one jammed."""
    good, dropped, jam = press.claim(), press.claim(), press.claim()
    press.log(good)
    JobLog(press.folder / f"{HALL}.jsonl").call_off(dropped)
    press.log(jam, reason="jam", confirmed=False)

    assert press.settle() == NOTHING

    found = [press.status(lot.cards[0]) for lot in (good, dropped, jam)]
    assert found == [Status.CARD_PRINTED, Status.PRINT_READY_RECORD, Status.PRINT_UNCONFIRMED]
    assert press.violations() == []


def test_a_card_in_an_old_lot_that_came_out_in_a_later_one_is_printed(press: Press) -> None:
    """The copy has it in a lot that the log does not know; a person is not asked about a card that is there."""
    old = press.claim()
    press.log_unknown(old.cards[0], "")

    assert press.settle() == Settlement(1, 0, ())

    assert press.status(old.cards[0]) == Status.CARD_PRINTED
    assert press.violations() == []


@pytest.mark.parametrize("at_centre", [False, True])
def test_a_card_that_waits_for_the_centre_again_is_printed_by_the_log(press: Press, *, at_centre: bool) -> None:
    """Its verdict is lost with the copy; it has one all the same, or no printer would have had it."""
    card = CardId("00000005")
    if at_centre:
        assert press.claim(CENTRE).cards == (card,)
    press.log_unknown(card, "")

    assert press.settle() == Settlement(1, 0, ())

    assert press.status(card) == Status.CARD_PRINTED
    assert press.violations() == []


def test_an_unconfirmed_card_whose_log_is_here_again_is_printed(press: Press) -> None:
    """A person was to look, since the log could not be read; now it can."""
    lot = press.claim()
    press.log(lot)
    press.ledger.unconfirm(lot)

    assert press.settle() == Settlement(1, 0, ())
    assert press.status(lot.cards[0]) == Status.CARD_PRINTED
    assert press.violations() == []


def test_blanks_of_a_delivery_that_the_copy_lacks_are_counted_as_received(press: Press) -> None:
    """No stock goes below zero, and all blanks are accounted for."""
    stock = read_board(press.ledger, [HALL]).stations[0].stock
    press.ledger.destroy(HALL, blanks=stock.blank, minutes="BA-1", by="Bu Sri")
    press.log_unknown(FIRST, "")

    press.settle()

    assert press.violations() == []
    assert read_board(press.ledger, [HALL]).stations[0].stock.received == stock.received + 1


def test_printed_cards_that_the_copy_does_not_have_are_named(press: Press) -> None:
    """They were enrolled after it; their number must not be given to another person."""
    press.log_unknown(FIRST, "")
    press.log_unknown(CardId("00000099"), "")

    assert press.settle() == Settlement(1, 0, (CardId("00000099"),))


def test_rows_that_cannot_be_read_stop_nobody(press: Press) -> None:
    """Torn, no object, or an object without sense: each is named, and the others count."""
    press.log_unknown(FIRST, "")
    path = press.folder / f"{HALL}.jsonl"
    whole = path.read_bytes()
    odd = [
        b'{"lot": "x", "cards": ["00000002"], "reas',
        b"[]",
        b"5",
        b"null",
        b'{"cards": 5}',
        b"\xff\xfe",
        b"[" * 9_000,
    ]
    odd.append(json.dumps({"lot": "x", "cards": ["00000002"], "ends": [], "reasons": [""], "rests": []}).encode())
    path.write_bytes(b"\n".join(odd) + b"\n" + whole)
    logs = PrintLogs([press.folder])

    assert settle_by_logs(press.ledger, STATIONS, logs) == Settlement(1, 0, ())

    assert len(logs.unreadable) == len(odd)
    assert press.violations() == []
