"""The page of one card: its facts, its history, its promise, and the forms of the acts that fit its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.accounts import Scope
from lembur.actions import CardVerb
from lembur.archive import archive_of, read_card
from lembur.domain.card import CAME_OUT, CARD_DIGITS, MOVES, RELEASABLE, CardId, Collector, Status, card_id
from lembur.domain.errors import CardError, LemburError
from lembur.ledger import queries
from web.pages.render import done, office_of, page, status_of
from web.planning import StillComputingError, forecast_one_card
from web.session import Visitor, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.office import WebOffice
    from web.session import Posted

router = APIRouter()

VERBS: Final = get_args(CardVerb)


@router.get("/cards/{number}")
def show_card(request: Request, number: str, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show a card with its history, and when it will be ready."""
    return _show(request, visitor, _read_number(number))


def act_on_card(
    request: Request, number: str, form: Posted, act: Callable[[WebOffice, CardId], Response | None], notice: str = ""
) -> Response:
    """Let a person act on a card of their stations: its page shows the notice, or the fault beside what was typed.

    An act may have another answer than the page of the card.
    """
    office, card = office_of(request), _read_number(number)
    try:
        form.visitor.require(Scope.CARDS, _read(office, card).station)
        answer = act(office, card)
    except LemburError as fault:
        code, given = status_of(fault), form.typed_fields()
        return _show(request, form.visitor, card, code=code, fault=fault, given=given)
    return answer or done(f"/cards/{card}", notice)


def _read_number(number: str) -> CardId:
    """Read the number of a card in an address."""
    if not (number.isascii() and number.isdigit() and len(number) <= CARD_DIGITS):
        raise CardError("a card's address has its number of digits only")
    return card_id(int(number))


def _read(office: WebOffice, card: CardId) -> queries.CardView:
    return read_card(office.ledger, archive_of(office.settings), card)


def _show(request: Request, visitor: Visitor, card: CardId, *, code: int = 200, **more: Any) -> Response:
    office = office_of(request)
    found = _read(office, card)
    promise, pending = None, False
    if found.status in queries.UNDER_WAY:
        try:
            promise = forecast_one_card(office.settings, card)
        except StillComputingError:
            pending = True
    context = {"card": found, "promise": promise, "pending": pending, "collectors": list(Collector), **_acts_on(found)}
    return page(request, "cards/card.html", visitor, code=code, path=f"/cards/{card}", **context, **more)


def _acts_on(found: queries.CardView) -> dict[str, Any]:
    """Return which forms fit the state of a card; the ledger decides when one is sent."""
    status, valid = found.status, not (found.archived or found.reprinted_as)
    came_out = status in CAME_OUT
    return {
        "verbs": [] if found.archived else [verb for verb in VERBS if _fits(verb, status)],
        "settles": valid and _settles(found),
        "ships": valid and Status.CARD_SHIPPED in MOVES[status],
        "hands_over": valid and Status.CARD_ISSUED in MOVES[status],
        "reprints": valid and came_out,
        "notes_blank": valid and came_out and not (found.blank and status is Status.CARD_ISSUED),
        "notes_spoiled": not found.archived and found.spoiled > 0,
        "needs_letter": status is Status.PRINT_READY_RECORD,
    }


def _fits(verb: str, status: Status) -> bool:
    if verb == "release":
        return status in RELEASABLE
    return Status.HELD in MOVES[status]


def _settles(found: queries.CardView) -> bool:
    """Return whether a person may settle the card, or correct what another person found."""
    newest = found.history[-1].why if found.history else ""
    return found.status is Status.PRINT_UNCONFIRMED or ", found by " in newest
