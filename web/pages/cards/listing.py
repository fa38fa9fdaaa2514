"""Lists of cards: by state, in doubt, uncollected, owed a letter; and the forms that find one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from lembur.actions import find_blank, find_card
from lembur.archive import archive_of, read_card
from lembur.domain.card import BlankUse, Status
from lembur.domain.errors import LemburError
from lembur.ledger import queries
from lembur.ledger.queries.live import list_cards
from web.answers import CURSOR, page_after
from web.pages.render import done, formats_of, office_of, page
from web.planning import StillComputingError, ask_owed_letters
from web.session import Posted, Visitor, posted, visitor

if TYPE_CHECKING:
    from web.language import Formats

router = APIRouter()

PAGE_CARDS: Final = 50
After = Annotated[str, Query(pattern=CURSOR)]


@router.get("/cards")
def show_cards(
    request: Request,
    visitor: Annotated[Visitor, Depends(visitor)],
    status: str = "",
    after: int = 0,
) -> Response:
    """Show the forms to find a card, the cards in doubt, and a list by state."""
    return _show_list(request, visitor, status, after)


def _show_list(
    request: Request, visitor: Visitor, status: str = "", after: int = 0, *, code: int = 200, **more: Any
) -> Response:
    office = office_of(request)
    chosen = Status(status) if status in set(Status) else None
    rows, onward = list_cards(office.ledger, status=chosen, after=max(0, after), most=PAGE_CARDS)
    doubts = [(queries.read_card(office.ledger, card), at) for card, at in queries.unconfirmed_cards(office.ledger)]
    context: dict[str, Any] = {"rows": rows, "onward": onward, "status": chosen or "", "after": after, "doubts": doubts}
    counts = office.live.newest().metrics.counts
    context |= {"statuses": list(Status), "counts": counts}
    return page(request, "cards/list.html", visitor, code=code, path="/cards", **context, **more)


@router.post("/cards/find")
def find(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Find a card by its number or NIK; the NIK is in the body, and the answer names the card's number only."""
    office = office_of(request)
    try:
        card = find_card(office, form.text("card"))
        read_card(office.ledger, archive_of(office.settings), card)
    except LemburError as fault:
        return _show_list(request, form.visitor, code=404, fault=fault)
    return done(f"/cards/{card}")


@router.post("/cards/find-blank")
def find_by_blank(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Find the card that a blank became or that spoiled it, by the serial of the blank."""
    try:
        found = find_blank(office_of(request), form.text("serial"))
    except LemburError as fault:
        return _show_list(request, form.visitor, code=404, fault=fault, given=form.typed_fields())
    return done(f"/cards/{found.card}", _describe_blank(found, formats_of(request)))


def _describe_blank(found: queries.BlankView, formats: Formats) -> str:
    """Describe the use of a blank in a sentence."""
    words = formats.words
    text = {
        BlankUse.USED: words.gettext("Blank %(serial)s became this card."),
        BlankUse.SPOILED: words.gettext("Blank %(serial)s was spoiled by this card."),
        BlankUse.DESTROYED: words.gettext(
            "Blank %(serial)s was spoiled by this card. Minutes %(minutes)s have its destruction."
        ),
    }[found.use]
    return text % {"serial": found.serial, "minutes": found.minutes}


@router.get("/cards/uncollected")
def show_uncollected(request: Request, visitor: Annotated[Visitor, Depends(visitor)], after: After = "") -> Response:
    """Show the printed cards that nobody has collected, the longest wait first."""
    ledger = office_of(request).ledger
    found = queries.uncollected_cards(ledger)
    rows, onward = page_after(found, after, PAGE_CARDS, lambda one: (one[3], one[0]))
    context: dict[str, Any] = {"rows": rows, "onward": onward, "total": len(found), "now_ms": ledger.time()[0]}
    return page(request, "cards/uncollected.html", visitor, **context)


@router.get("/cards/letters")
def show_owed_letters(request: Request, visitor: Annotated[Visitor, Depends(visitor)], after: After = "") -> Response:
    """Show the interim letters that are owed; the page loads the list later where it takes long."""
    office = office_of(request)
    context: dict[str, Any] = {"rows": None, "onward": "", "total": 0, "now_ms": office.ledger.time()[0]}
    try:
        found = ask_owed_letters(office.settings)
        rows, onward = page_after(found, after, PAGE_CARDS, lambda one: (one.recorded_ms, one.card))
        context |= {"rows": rows, "onward": onward, "total": len(found)}
    except StillComputingError:
        pass  # the page asks again
    return page(request, "cards/letters.html", visitor, rule=office.setup.scenario.interim_letter, **context)
