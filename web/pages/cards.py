"""The pages of cards: find one, its history and promise, the acts on it, and lists by state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.accounts import Scope
from lembur.actions import CardVerb, find_card, handle_card, settle_card
from lembur.archive import archive_of, read_card
from lembur.domain.card import CARD_DIGITS, MOVES, SHELVES, CardId, Collector, Status, card_id
from lembur.domain.errors import CardError, LemburError
from lembur.ledger import queries
from lembur.ledger.queries.live import list_cards
from lembur.ledger.types import Finding
from lembur.typed_text import read_line
from web.pages.render import done, formats_of, office_of, page, status_of
from web.planning import StillComputingError, forecast_one_card
from web.session import Posted, Visitor, posted, visitor

if TYPE_CHECKING:
    from web.office import WebOffice

router = APIRouter()

PAGE_CARDS: Final = 50
VERBS: Final = get_args(CardVerb)


@router.get("/cards")
def show_cards(
    request: Request,
    visitor: Annotated[Visitor, Depends(visitor)],
    status: str = "",
    after: int = 0,
) -> Response:
    """Show the form to find a card, the cards in doubt, and a list by state."""
    return _show_list(request, visitor, status, after)


def _show_list(
    request: Request, visitor: Visitor, status: str = "", after: int = 0, *, code: int = 200, **more: Any
) -> Response:
    office = office_of(request)
    chosen = Status(status) if status in set(Status) else None
    rows, onward = list_cards(office.ledger, status=chosen, after=max(0, after), most=PAGE_CARDS)
    doubts = [(queries.read_card(office.ledger, card), at) for card, at in queries.unconfirmed_cards(office.ledger)]
    context = {"rows": rows, "onward": onward, "status": chosen or "", "after": after, "doubts": doubts}
    counts = office.live.newest().metrics.counts
    return page(request, "cards/list.html", visitor, code=code, statuses=list(Status), counts=counts, **context, **more)


@router.post("/cards/find")
def find(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Find a card by its number or NIK; the NIK is in the body, and the answer names the card's number only."""
    office = office_of(request)
    try:
        card = find_card(office, form.text("card"))
        read_card(office.ledger, archive_of(office.settings), card)
    except LemburError as fault:
        return _show_list(request, form.visitor, code=404, fault=str(fault))
    return done(f"/cards/{card}")


@router.get("/cards/{number}")
def show_card(request: Request, number: str, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show a card with its history, and when it will be ready."""
    return show_card_page(request, visitor, read_card_id(number))


def show_card_page(request: Request, visitor: Visitor, card: CardId, *, code: int = 200, **more: Any) -> Response:
    """Answer with the page of a card; `fault` stands in the summary on top."""
    office = office_of(request)
    found = read_card(office.ledger, archive_of(office.settings), card)
    promise, pending = None, False
    if found.status in queries.UNDER_WAY:
        try:
            promise = forecast_one_card(office.settings, card)
        except StillComputingError:
            pending = True
    acts = [verb for verb in VERBS if _fits(verb, found.status)]
    return page(
        request,
        "cards/card.html",
        visitor,
        code=code,
        card=found,
        promise=promise,
        pending=pending,
        acts=acts,
        collectors=list(Collector),
        hands_over=Status.CARD_ISSUED in MOVES[found.status],
        settles=_settles(found),
        **more,
    )


def _fits(verb: str, status: Status) -> bool:
    if verb == "release":
        return status in SHELVES - {Status.PRINT_UNCONFIRMED}
    return Status.HELD in MOVES[status]


def _settles(found: queries.CardView) -> bool:
    """Return whether a person may settle the card, or correct what another person found."""
    newest = found.history[-1].why if found.history else ""
    return found.status is Status.PRINT_UNCONFIRMED or ", found by " in newest


def read_card_id(number: str) -> CardId:
    """Read the number of a card in an address."""
    if not (number.isascii() and number.isdigit() and len(number) <= CARD_DIGITS):
        raise CardError("a card's address has its number of digits only")
    return card_id(int(number))


@router.post("/cards/{number}/settle")
def settle(request: Request, number: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Settle a card without a print result, or correct a wrong finding."""
    office, words = office_of(request), formats_of(request).words
    card = read_card_id(number)
    try:
        require_cards(office, form, card)
        if form.text("finding") not in set(Finding):
            raise CardError("choose what lay in the printer")
        settle_card(office, card, Finding(form.text("finding")), by=form.visitor.name)
    except LemburError as fault:
        return show_card_page(request, form.visitor, card, code=status_of(fault), fault=str(fault))
    return done(f"/cards/{card}", words.gettext("The card is settled."))


@router.post("/cards/{number}/{verb}")
def handle(request: Request, number: str, verb: CardVerb, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Hold, release or expedite a card."""
    office, words = office_of(request), formats_of(request).words
    card = read_card_id(number)
    try:
        require_cards(office, form, card)
        reason = read_line(form.text("reason"), option="Reason")
        handle_card(office, verb, card, by=form.visitor.name, reason=reason)
    except LemburError as fault:
        return show_card_page(request, form.visitor, card, code=status_of(fault), fault=str(fault))
    return done(f"/cards/{card}", words.gettext("It is done."))


def require_cards(office: WebOffice, form: Posted, card: CardId) -> None:
    """Refuse a person who may not act on the cards of this station."""
    form.visitor.require(Scope.CARDS, queries.read_card(office.ledger, card).station)
