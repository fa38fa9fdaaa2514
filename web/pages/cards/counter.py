"""The counter: a card is carried and handed over, its blank is noted, and an interim letter stands in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from console.papers import give_interim_letter, write_interim_letter
from console.ui import Language
from lembur.actions import issue_card, note_blank
from lembur.domain.card import Collector
from lembur.domain.errors import CardError
from web.answers import send_pdf
from web.pages.cards.card_page import act_on_card
from web.pages.render import formats_of
from web.session import Posted, posted

if TYPE_CHECKING:
    from lembur.domain.card import CardId
    from web.office import WebOffice

router = APIRouter()

Form = Annotated[Posted, Depends(posted)]


@router.post("/cards/{number}/issue")
def issue(request: Request, number: str, form: Form) -> Response:
    """Note that a card was handed over, and who collected it; check the serial of its blank if it was typed."""
    words = formats_of(request).words

    def act(office: WebOffice, card: CardId) -> None:
        if form.text("to") not in set(Collector):
            raise CardError("choose who collects the card")
        issue_card(office, card, to=Collector(form.text("to")), by=form.visitor.name, serial=form.text("serial"))

    return act_on_card(request, number, form, act, words.gettext("The card is handed over."))


@router.post("/cards/{number}/ship")
def ship(request: Request, number: str, form: Form) -> Response:
    """Note that a printed card is carried to another counter."""
    words = formats_of(request).words

    def act(office: WebOffice, card: CardId) -> None:
        office.ledger.ship(card, to=form.line("counter"), by=form.visitor.name)

    return act_on_card(request, number, form, act, words.gettext("It is noted."))


@router.post("/cards/{number}/blank")
def note(request: Request, number: str, form: Form) -> Response:
    """Note the serial of the blank that became a card, or of one that it spoiled."""
    words = formats_of(request).words

    def act(office: WebOffice, card: CardId) -> None:
        note_blank(office, card, form.text("serial"), spoiled=form.text("use") == "spoiled", by=form.visitor.name)

    return act_on_card(request, number, form, act, words.gettext("The serial is noted."))


@router.post("/cards/{number}/letter")
def give_letter(request: Request, number: str, form: Form) -> Response:
    """Give the owner of a waiting card an interim letter: note it, and send it as PDF."""
    language = Language(formats_of(request).language == "en")

    def act(office: WebOffice, card: CardId) -> Response:
        letter = form.line("number")
        letterhead = form.line("office")
        by = form.visitor.name
        paper = give_interim_letter(office, card, number=letter, letterhead=letterhead, by=by, language=language)
        return send_pdf(f"surat-keterangan-{card}.pdf", lambda path: write_interim_letter(paper, path))

    return act_on_card(request, number, form, act)
