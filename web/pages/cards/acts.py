"""Acts on a card in the queue: hold, release, let it go first, settle its print, and ask for it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.actions import CardVerb, handle_card, reprint_card, settle_card
from lembur.domain.errors import CardError
from lembur.ledger.types import Finding
from web.pages.cards.card_page import act_on_card
from web.pages.render import done, formats_of
from web.session import Posted, posted

if TYPE_CHECKING:
    from lembur.domain.card import CardId
    from web.office import WebOffice

router = APIRouter()

Form = Annotated[Posted, Depends(posted)]


@router.post("/cards/{number}/settle")
def settle(request: Request, number: str, form: Form) -> Response:
    """Settle a card without a print result, or correct a wrong finding."""
    words = formats_of(request).words

    def act(office: WebOffice, card: CardId) -> None:
        if form.text("finding") not in set(Finding):
            raise CardError("choose what lay in the printer")
        settle_card(office, card, Finding(form.text("finding")), by=form.visitor.name)

    return act_on_card(request, number, form, act, words.gettext("The card is settled."))


@router.post("/cards/{number}/reprint")
def reprint(request: Request, number: str, form: Form) -> Response:
    """Ask for a printed card once more, and show the new card."""

    def act(office: WebOffice, card: CardId) -> Response:
        reason = form.line("reason")
        new = reprint_card(office, card, by=form.visitor.name, reason=reason)
        notice = formats_of(request).words.gettext("This is the new card; card %(first)s is no longer valid.")
        return done(f"/cards/{new}", notice % {"first": card})

    return act_on_card(request, number, form, act)


@router.post("/cards/{number}/{verb}")
def handle(request: Request, number: str, verb: CardVerb, form: Form) -> Response:
    """Hold, release or expedite a card."""
    words = formats_of(request).words

    def act(office: WebOffice, card: CardId) -> None:
        reason = form.line("reason")
        handle_card(office, verb, card, by=form.visitor.name, reason=reason)

    return act_on_card(request, number, form, act, words.gettext("It is done."))
