"""The counter by REST: hand-over, serials of blanks, reprints, and interim letters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from console.papers import give_interim_letter, write_interim_letter
from console.ui import Language
from lembur.actions import find_blank, issue_card, note_blank, reprint_card
from lembur.domain.errors import StockError
from lembur.ledger import queries
from web.answers import CURSOR, PdfResponse, page_after, send_pdf
from web.api.access import Actor, Reader
from web.api.cards import Limit, Number, require_card
from web.api.counter_models import (
    BlankOut,
    Carriage,
    HandOver,
    NewLetter,
    NotedBlank,
    OwedOut,
    OwedPage,
    ReprintOut,
    UncollectedOut,
    UncollectedPage,
)
from web.api.models import Because, Done
from web.api.reading import moment
from web.planning import FORM_S, ask_owed_letters

router = APIRouter()

After = Annotated[str, Query(pattern=CURSOR, description="The cursor `next` of the page before.")]
Serial = Annotated[str, Query(min_length=3, max_length=60, description="The serial of a blank.")]


@router.get("/cards/uncollected")
def read_uncollected(by: Reader, after: After = "", limit: Limit = 100) -> UncollectedPage:
    """Read the printed cards that nobody has collected, the longest wait first."""
    found = queries.uncollected_cards(by.office.ledger)
    rows, onward = page_after(found, after, limit, lambda one: (one[3], one[0]))
    cards = [
        UncollectedOut(card=card, status=status, station=station, since=moment(by.office, since_ms))
        for card, status, station, since_ms in rows
    ]
    return UncollectedPage(cards=cards, total=len(found), next=onward or None)


@router.get("/letters/owed")
def read_owed_letters(by: Reader, after: After = "", limit: Limit = 100) -> OwedPage:
    """Read the interim letters that are owed, the longest wait first."""
    found = ask_owed_letters(by.office.settings, wait_s=FORM_S)
    rows, onward = page_after(found, after, limit, lambda one: (one.recorded_ms, one.card))
    letters = [
        OwedOut(card=one.card, station=one.station, recorded=moment(by.office, one.recorded_ms), nik_mask=one.mask)
        for one in rows
    ]
    return OwedPage(letters=letters, total=len(found), next=onward or None)


@router.get("/blanks")
def read_blank(by: Reader, serial: Serial) -> BlankOut:
    """Read the use of a blank: the card that it became, or that spoiled it."""
    try:
        found = find_blank(by.office, serial)
    except StockError as fault:
        raise HTTPException(404, fault.sentence) from fault
    return BlankOut(serial=found.serial, card=found.card, use=found.use, minutes=found.minutes)


@router.post("/cards/{number}/issue")
def issue(by: Actor, number: Number, body: HandOver) -> Done:
    """Note that a card was handed over; the caller looked at the identity of the collector."""
    issue_card(by.office, require_card(by, number), to=body.to, by=by.person.name, serial=body.blank or "")
    return Done()


@router.post("/cards/{number}/ship")
def ship(by: Actor, number: Number, body: Carriage) -> Done:
    """Note that a printed card is carried to another counter."""
    by.office.ledger.ship(require_card(by, number), to=body.to, by=by.person.name)
    return Done()


@router.post("/cards/{number}/blank")
def note(by: Actor, number: Number, body: NotedBlank) -> Done:
    """Note the serial of the blank that became a card, or of one that it spoiled."""
    note_blank(by.office, require_card(by, number), body.serial, spoiled=body.spoiled, by=by.person.name)
    return Done()


@router.post("/cards/{number}/reprint", status_code=201)
def reprint(by: Actor, number: Number, body: Because) -> ReprintOut:
    """Ask for a printed card once more; the first is no longer valid from then on."""
    return ReprintOut(card=reprint_card(by.office, require_card(by, number), by=by.person.name, reason=body.reason))


@router.post("/cards/{number}/letter", response_class=PdfResponse)
def give_letter(by: Actor, number: Number, body: NewLetter) -> PdfResponse:
    """Give the owner of a waiting card an interim letter: note it, and send it as PDF."""
    paper = give_interim_letter(
        by.office,
        require_card(by, number),
        number=body.number,
        letterhead=body.office,
        by=by.person.name,
        language=Language(body.english),
    )
    return send_pdf(f"surat-keterangan-{number}.pdf", lambda path: write_interim_letter(paper, path))
