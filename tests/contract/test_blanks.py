"""Which blank became which card: serials are optional, are on one card each, and are checked at the hand-over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import BlankUse, CardId, Collector, Status, parse_serial
from lembur.domain.errors import CardError, StockError
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.types import Finding, Lot
from support.small_office import HALL, WING, claim, identity, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

A, B, C = (parse_serial(text) for text in ("A-001", "A-002", "A-003"))


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """An office with five cards that wait; all reconciles at the end."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office))
        found.enrol([identity(number) for number in range(5)])
        yield found
        assert reconcile(found, [HALL, WING]) == []


def commit(ledger: Ledger, *blanks: str, reasons: Sequence[str] = ()) -> tuple[CardId, ...]:
    """Print a lot of as many cards, whose printer knew these serials."""
    lot = claim(ledger, most=len(blanks))
    assert isinstance(lot, Lot)
    ledger.commit(lot, reasons=reasons or [""] * len(blanks), ends_ms=lot.ends_ms, blanks=blanks)
    return lot.cards


def test_a_printer_that_knows_the_blank_notes_it_with_the_print(ledger: Ledger) -> None:
    """Each blank is found by its serial, used or spoiled; a blank without a serial leaves nothing."""
    first, second, third = commit(ledger, A, B, "", reasons=["", "jam", ""])

    assert queries.find_blank(ledger, A) == queries.BlankView(A, first, BlankUse.USED)
    assert queries.find_blank(ledger, B) == queries.BlankView(B, second, BlankUse.SPOILED)
    assert queries.find_blank(ledger, C) is None
    views = [queries.read_card(ledger, card) for card in (first, second, third)]
    assert [(view.status, view.blank) for view in views] == [
        (Status.CARD_PRINTED, A),
        (Status.PRINT_READY_RECORD, ""),
        (Status.CARD_PRINTED, ""),
    ]


def test_a_serial_that_a_printer_reports_twice_stays_with_the_first_card(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """The second card is out all the same, so its print counts; one sentence in the log names both cards."""
    (first,) = commit(ledger, A)
    (second,) = commit(ledger, A)

    assert queries.find_blank(ledger, A) == queries.BlankView(A, first, BlankUse.USED)
    assert queries.read_card(ledger, second).status == Status.CARD_PRINTED
    assert caplog.messages == [f"blank A-001 of card {second} is card {first}'s already: it is not noted"]


def test_a_person_notes_a_serial_and_mends_a_wrong_one(ledger: Ledger) -> None:
    """Another person's card is refused in a sentence; the wrong serial is free again."""
    (first, second) = commit(ledger, "", "")
    ledger.note_blank(first, A, by="Bu Sri")
    with pytest.raises(CardError, match=f"blank A-001 is noted for card {first} already: look at both"):
        ledger.note_blank(second, A, by="Bu Sri")
    ledger.note_blank(first, B, by="Bu Sri")
    ledger.note_blank(second, A, by="Bu Sri")

    ledger.issue(second, to=Collector.HOLDER, by="Pak Budi", blank=A)

    with pytest.raises(CardError, match=f"card {second} was printed on blank A-001, not on A-003"):
        ledger.note_blank(second, C, by="Bu Sri")
    assert [one.why for one in queries.read_card(ledger, first).history if one.what == "blank"] == [A, B]
    assert [(one.what, one.details["blank"]) for one in read_actions(ledger)[:3]] == [
        ("note blank", A),
        ("note blank", B),
        ("note blank", A),
    ]


def test_the_hand_over_checks_the_blank(ledger: Ledger) -> None:
    """The wrong card in the hand is refused, and the right one goes out; a serial not known before is noted."""
    first, second, third = commit(ledger, A, B, "")

    with pytest.raises(CardError, match=f"card {first} was printed on blank A-001, not on A-002"):
        ledger.issue(first, to=Collector.HOLDER, by="Pak Budi", blank=B)
    with pytest.raises(CardError, match=f"blank A-002 is noted for card {second}"):
        ledger.issue(third, to=Collector.HOLDER, by="Pak Budi", blank=B)
    ledger.issue(first, to=Collector.HOLDER, by="Pak Budi", blank=A)
    ledger.issue(third, to=Collector.HOLDER, by="Pak Budi", blank=C)
    ledger.issue(second, to=Collector.HOLDER, by="Pak Budi")

    assert queries.find_blank(ledger, C) == queries.BlankView(C, third, BlankUse.USED)


def test_a_card_that_did_not_come_out_has_no_blank(ledger: Ledger) -> None:
    """Neither has an unknown one."""
    with pytest.raises(CardError, match="PRINT_READY_RECORD"):
        ledger.note_blank(CardId("00000001"), A, by="Bu Sri")
    with pytest.raises(CardError, match="there is no card"):
        ledger.note_blank(CardId("00000099"), A, by="Bu Sri")


def test_a_card_has_as_many_spoiled_serials_as_spoiled_blanks(ledger: Ledger) -> None:
    """By its printer or as a person found; a blank is not both good and spoiled."""
    for number in range(2, 6):
        ledger.hold(CardId(f"{number:08d}"), by="Bu Sri", reason="one card is enough")
    (card,) = commit(ledger, "", reasons=["jam"])
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    assert lot.cards == (card,)
    ledger.unconfirm(lot)
    ledger.confirm(card, finding=Finding.SPOILED, by="Bu Sri")

    ledger.note_spoiled_blank(card, A, by="Bu Sri")
    ledger.note_spoiled_blank(card, A, by="Bu Sri")  # the same once more
    ledger.note_spoiled_blank(card, B, by="Bu Sri")

    with pytest.raises(CardError, match="has spoiled 2 blanks, and the serial of each is noted"):
        ledger.note_spoiled_blank(card, C, by="Bu Sri")
    (card,) = commit(ledger, "")
    with pytest.raises(CardError, match="blank A-001 is noted for card"):
        ledger.note_blank(card, A, by="Bu Sri")


def test_spoiled_blanks_are_destroyed_once_and_by_serial(ledger: Ledger) -> None:
    """Minutes take all that no earlier ones have; the log keeps their serials, and each blank its minutes."""
    commit(ledger, A, "", B, reasons=["jam", "jam", ""])
    destroy = {"witness": "Pak Budi", "by": "Bu Sri"}

    assert ledger.destroy_spoiled(HALL, minutes="BA 7", **destroy) == 2

    assert queries.find_blank(ledger, A) == queries.BlankView(A, CardId("00000001"), BlankUse.DESTROYED, "BA 7")
    action = read_actions(ledger)[-1]
    assert action.details == {
        "station": HALL,
        "blanks": 2,
        "serials": A,
        "minutes": "BA 7",
        "witness": "Pak Budi",
    }
    with pytest.raises(StockError, match="hall has no spoiled blank that is not in minutes yet"):
        ledger.destroy_spoiled(HALL, minutes="BA 8", **destroy)
    commit(ledger, "", reasons=["jam"])
    with pytest.raises(StockError, match="minutes ba 7 are booked already: 2 blanks destroyed at hall"):
        ledger.destroy_spoiled(HALL, minutes="ba 7", **destroy)
    assert ledger.destroy_spoiled(HALL, minutes="BA 8", **destroy) == 1


@pytest.mark.parametrize("text", ["", "AB", "A 1|2", "A%1", "X" * 41, "-A1"])
def test_what_is_no_serial_is_refused(text: str) -> None:
    """A serial is letters and digits; spaces and small letters of a scanner do not matter."""
    with pytest.raises(CardError, match="no serial of a blank"):
        parse_serial(text)
    assert parse_serial(" ab 12-c\n") == "AB12-C"
