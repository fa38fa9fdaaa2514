"""A ledger that is older than the print logs, as a restored copy is: what came out is entered before anyone prints."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import BlankUse, CardId, Status, parse_serial
from lembur.domain.seats import CENTRE, Step
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import LoggedJob, PrintLogs, Settlement, reconcile, settle_by_logs
from lembur.ledger.queries import read_board, read_card
from lembur.ledger.queries.counts import counters
from lembur.ledger.types import Finding, Lot, Offer
from support.small_office import HALL, WING, identity, opened
from workers.devices import JobLog, Print, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

STATIONS = [HALL, WING]
FIRST, SECOND = CardId("00000001"), CardId("00000002")
PRINTER = "card1"
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

    def log(self, lot: Lot, *, reason: str = "", blank: str = "", confirmed: bool = True) -> None:
        """Let a job come out of a printer; a printer with a name knows the serial of its blank."""
        done = Print(lot.ends_ms[0], reason, printer=PRINTER if blank else "", blank=blank)
        assert JobLog(self.folder / f"{HALL}.jsonl").write(lot, [done], confirmed=confirmed)

    def forgotten_lot(self, card: CardId, number: int = 0) -> Lot:
        """Return a lot that this ledger has forgotten."""
        return Lot(f"{owner_of(self.folder)}{card}{number:024d}", HALL, 0, 0, (card,), (100 + number,))

    def log_unknown(self, card: CardId, *reasons: str, blanks: Sequence[str] = ()) -> None:
        """Write jobs of a card that this ledger has forgotten."""
        for number, (reason, blank) in enumerate(zip_longest(reasons, blanks, fillvalue="")):
            self.log(self.forgotten_lot(card, number), reason=reason, blank=blank)

    def blank(self, serial: str) -> queries.BlankView | None:
        """Return the use of a blank."""
        return queries.find_blank(self.ledger, parse_serial(serial))

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


def test_serials_and_the_printer_are_entered_with_the_prints(press: Press) -> None:
    """A spoiled blank and a good card keep the serials that the printer knew; both count for this printer."""
    press.log_unknown(FIRST, "damaged", "", blanks=["A-001", "A-002"])

    assert press.settle() == Settlement(1, 1, ())

    assert press.blank("A-001") == queries.BlankView(parse_serial("A-001"), FIRST, BlankUse.SPOILED)
    assert press.blank("A-002") == queries.BlankView(parse_serial("A-002"), FIRST, BlankUse.USED)
    assert read_card(press.ledger, FIRST).blank == "A-002"
    found = counters(press.ledger)
    assert [found[f"printer_{kind}", HALL, PRINTER] for kind in ("good", "spoiled")] == [1, 1]
    assert press.ledger.destroy_spoiled(HALL, minutes="BA-1", witness="Pak Budi", by="Bu Sri") == 1
    assert press.blank("A-001") == queries.BlankView(parse_serial("A-001"), FIRST, BlankUse.DESTROYED, "BA-1")
    assert press.violations() == []


def test_a_serial_of_another_card_is_named_and_not_entered(press: Press, caplog: pytest.LogCaptureFixture) -> None:
    """The card is out all the same; one sentence names both cards."""
    lot = press.claim()
    press.log(lot, blank="A-001")
    press.log_unknown(SECOND, "", blanks=["A-001"])

    assert press.settle() == Settlement(1, 0, ())

    assert [read_card(press.ledger, card).blank for card in (*lot.cards, SECOND)] == ["A-001", ""]
    assert caplog.messages == [f"blank A-001 of card {SECOND} is card {FIRST}'s already: it is not noted"]
    assert press.violations() == []


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


def test_an_unconfirmed_card_that_came_out_keeps_all_its_blanks(press: Press) -> None:
    """Its first blank was spoiled, as the log shows now; it came out of a later lot, which the copy lacks."""
    lot = press.claim()
    press.log(lot, reason="damaged", blank="A-001")
    press.ledger.unconfirm(lot)
    press.log(press.forgotten_lot(lot.cards[0]), blank="A-002")

    assert press.settle() == Settlement(1, 1, ())

    view = read_card(press.ledger, lot.cards[0])
    assert (view.status, view.blank) == (Status.CARD_PRINTED, "A-002")
    assert press.blank("A-001") == queries.BlankView(parse_serial("A-001"), lot.cards[0], BlankUse.SPOILED)
    stock = read_board(press.ledger, [HALL]).stations[0].stock
    assert (stock.reserved, stock.used, stock.spoiled, stock.difference) == (0, 1, 1, 0)
    assert queries.unconfirmed_cards(press.ledger) == []
    assert press.violations() == []
    assert press.settle() == NOTHING


def test_a_card_whose_blank_lay_untouched_once_is_not_printed_twice(press: Press) -> None:
    """Before the copy a person found the blank untouched; after it the card came out."""
    lot = press.claim()
    press.ledger.unconfirm(lot)
    press.ledger.confirm(lot.cards[0], finding=Finding.UNTOUCHED, by="Bu Sri")
    press.log(press.forgotten_lot(lot.cards[0]))

    assert press.settle() == Settlement(1, 0, ())

    assert press.status(lot.cards[0]) == Status.CARD_PRINTED
    assert press.violations() == []


@pytest.mark.parametrize("finding", [Finding.SPOILED, Finding.UNTOUCHED])
def test_a_finding_before_the_copy_stays(press: Press, finding: Finding) -> None:
    """A jam that a person settled is not entered a second time."""
    lot = press.claim()
    press.log(lot, reason="jam", confirmed=False)
    press.ledger.unconfirm(lot)
    press.ledger.confirm(lot.cards[0], finding=finding, by="Bu Sri")

    assert press.settle() == NOTHING
    assert press.status(lot.cards[0]) == Status.PRINT_READY_RECORD


def test_a_print_without_a_known_end_waits_for_a_person(press: Press) -> None:
    """After the copy it jammed: nobody knows whether a card came out, so it is not printed again by itself."""
    press.log(press.forgotten_lot(FIRST), reason="jam", confirmed=False)

    assert press.settle() == Settlement(0, 0, (), 1)

    assert press.status(FIRST) == Status.PRINT_UNCONFIRMED
    assert [card for card, _ in queries.unconfirmed_cards(press.ledger)] == [FIRST]
    assert read_board(press.ledger, [HALL]).stations[0].stock.reserved == 1
    assert press.violations() == []
    assert press.settle() == NOTHING
    press.ledger.confirm(FIRST, finding=Finding.SPOILED, by="Bu Sri")
    assert press.violations() == []


def test_a_jam_before_a_good_card_is_a_spoiled_blank(press: Press) -> None:
    """Since it was printed again, somebody looked at the jam; the copy lacks the finding, and the log has the blank."""
    press.log(press.forgotten_lot(FIRST), reason="jam", confirmed=False)
    press.log(press.forgotten_lot(FIRST, 1))

    assert press.settle() == Settlement(1, 1, ())

    assert press.status(FIRST) == Status.CARD_PRINTED
    assert press.violations() == []


def test_jobs_that_no_log_ends_wait_for_a_person(press: Press) -> None:
    """A real printer's journal knows that they began; a lot in hand is the sweep's, for its printer may still work."""
    lot = press.claim()
    jobs = [
        LoggedJob(lot=one.name, cards=one.cards, ends=(100,), reasons=("",), rests=(0,), unconfirmed=True)
        for one in (lot, press.forgotten_lot(SECOND))
    ]

    found = settle_by_logs(press.ledger, STATIONS, PrintLogs([press.folder]), jobs)

    assert found == Settlement(0, 0, (), 1)
    statuses = [press.status(card) for card in (lot.cards[0], SECOND)]
    assert statuses == [Status.SENT_FOR_CARD_PRINTING, Status.PRINT_UNCONFIRMED]
    assert settle_by_logs(press.ledger, STATIONS, PrintLogs([press.folder]), jobs) == NOTHING
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
