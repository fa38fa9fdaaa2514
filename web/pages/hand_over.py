"""The way of a card from the printer to its person: carried to a counter, handed over, or not collected yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.domain.card import CardId, Collector
from lembur.domain.errors import CardError, LemburError
from lembur.typed_text import read_line
from web.pages.cards import read_card_id, require_cards, show_card_page
from web.pages.render import done, formats_of, office_of, page, status_of
from web.planning import StillComputingError, ask_uncollected
from web.session import Posted, Visitor, posted, visitor

if TYPE_CHECKING:
    from web.office import WebOffice

router = APIRouter()

PAGE_CARDS: Final = 100


@router.get("/cards/uncollected")
def show_uncollected(request: Request, visitor: Annotated[Visitor, Depends(visitor)], after: int = 0) -> Response:
    """Show the printed cards that nobody has collected; the page loads them later where that takes long."""
    office, rows, total = office_of(request), None, 0
    try:
        found = ask_uncollected(office.settings)
        rows, total = found[max(0, after) :][:PAGE_CARDS], len(found)
    except StillComputingError:
        pass  # the page asks again
    onward = after + PAGE_CARDS if rows and after + PAGE_CARDS < total else None
    now_ms = office.ledger.time()[0]
    return page(request, "cards/uncollected.html", visitor, rows=rows, total=total, onward=onward, now_ms=now_ms)


@router.post("/cards/{number}/issue")
def issue(request: Request, number: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Note that a card was handed over, and who collected it."""
    office, words = office_of(request), formats_of(request).words
    card = read_card_id(number)
    try:
        _issue(office, form, card)
    except LemburError as fault:
        return show_card_page(request, form.visitor, card, code=status_of(fault), fault=str(fault))
    return done(f"/cards/{card}", words.gettext("The card is handed over."))


def _issue(office: WebOffice, form: Posted, card: CardId) -> None:
    require_cards(office, form, card)
    if form.text("to") not in set(Collector):
        raise CardError("choose who collects the card")
    office.ledger.issue(card, to=Collector(form.text("to")), by=form.visitor.name)


@router.post("/cards/{number}/ship")
def ship(request: Request, number: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Note that a printed card is carried to another counter."""
    office, words = office_of(request), formats_of(request).words
    card = read_card_id(number)
    try:
        require_cards(office, form, card)
        office.ledger.ship(card, to=read_line(form.text("to"), option="Counter"), by=form.visitor.name)
    except LemburError as fault:
        return show_card_page(request, form.visitor, card, code=status_of(fault), fault=str(fault))
    return done(f"/cards/{card}", words.gettext("It is noted."))
