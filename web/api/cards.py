"""Cards by REST: lists, one card, enrolling, the look-up by NIK, and the acts on one card."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Query

from lembur.accounts import Scope
from lembur.actions import CardVerb, find_card, handle_card, settle_card
from lembur.archive import archive_of
from lembur.archive import read_card as read_any_card
from lembur.domain.card import CardId, Status
from lembur.domain.errors import CardError, NikError
from lembur.ledger.queries.live import list_cards
from producers import RecordedPerson, enrol_people
from web.api.access import Actor, Caller, Reader
from web.api.forms import CARD
from web.api.models import (
    Because,
    CardHistoryOut,
    CardOut,
    CardPage,
    Done,
    Enrolled,
    EnrolledBatch,
    EventOut,
    Lookup,
    NewCard,
    NewCards,
    Settle,
)
from web.api.reading import moment

router = APIRouter()

MOST: Final = 500
Number = Annotated[str, Path(pattern=CARD, description="The number of a card, 8 digits.")]
After = Annotated[int, Query(ge=0, le=99_999_999, description="The cursor `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/cards")
def read_cards(by: Reader, status: Status | None = None, after: After = 0, limit: Limit = 100) -> CardPage:
    """Read the cards by number. A page may be short while more cards follow."""
    office = by.office
    rows, onward = list_cards(office.ledger, status=status, after=after, most=limit)
    cards = [
        CardOut(
            card=row.card,
            status=row.status,
            station=row.station,
            priority=row.priority,
            due=moment(office, row.due_ms),
            nik_mask=row.mask,
        )
        for row in rows
    ]
    return CardPage(cards=cards, next=str(onward) if onward else None)


@router.get("/cards/{number}")
def read_card(by: Reader, number: Number) -> CardHistoryOut:
    """Read a card with its history."""
    return show_card(by, CardId(number))


def show_card(by: Caller, number: CardId) -> CardHistoryOut:
    """Return a card with its history; 404 without one."""
    try:
        found = read_any_card(by.office.ledger, archive_of(by.office.settings), number)
    except CardError as fault:
        raise HTTPException(404, fault.sentence) from fault
    return CardHistoryOut(
        card=found.card,
        status=found.status,
        station=found.station,
        priority=found.priority,
        due=moment(by.office, found.due_ms),
        nik_mask=found.mask,
        kelurahan=found.kelurahan,
        stream=found.stream,
        blank=found.blank,
        reprint_of=found.reprint_of,
        reprinted_as=found.reprinted_as,
        history=[EventOut(at=moment(by.office, one.at_ms), what=one.what, why=one.why) for one in found.history],
    )


def require_card(by: Caller, number: str) -> CardId:
    """Return the card that a caller acts on; refuse one of a station where the caller may not."""
    card = CardId(number)
    by.require(Scope.CARDS, show_card(by, card).station)
    return card


@router.post("/cards/lookup")
def look_up(by: Reader, body: Lookup) -> CardHistoryOut:
    """Find the card of a NIK; neither the answer nor the log holds the NIK."""
    by.require(Scope.CARDS)
    try:
        card = find_card(by.office, body.nik)
    except (CardError, NikError) as fault:
        raise HTTPException(404, fault.sentence) from fault
    return show_card(by, card)


@router.post("/cards", status_code=201)
def enrol_card(by: Actor, body: NewCard) -> Enrolled:
    """Enrol one recorded person."""
    by.require(Scope.CARDS)
    return _enrol(by, [body])[0]


@router.post("/cards/batch", status_code=201)
def enrol_cards(by: Actor, body: NewCards) -> EnrolledBatch:
    """Enrol up to 500 recorded people together."""
    by.require(Scope.CARDS)
    return EnrolledBatch(results=_enrol(by, body.cards))


def _enrol(by: Caller, cards: list[NewCard]) -> list[Enrolled]:
    results = enrol_people(by.office, [_person(one) for one in cards])
    return [Enrolled(outcome=outcome, reason=by.formats.sentence(reason)) for outcome, reason in results]


def _person(card: NewCard) -> RecordedPerson:
    verified_at = card.verified_at.isoformat() if card.verified_at else ""
    return RecordedPerson(card.nik, card.kelurahan_code, card.stream, card.recorded_at.isoformat(), verified_at)


@router.post("/cards/{number}/settle")
def settle(by: Actor, number: Number, body: Settle) -> Done:
    """Settle a card without a print result, or correct another person's finding."""
    card = require_card(by, number)
    settle_card(by.office, card, body.finding, by=by.person.name)
    return Done()


@router.post("/cards/{number}/{verb}")
def handle(by: Actor, number: Number, verb: CardVerb, body: Because) -> Done:
    """Hold, release or expedite a card."""
    card = require_card(by, number)
    handle_card(by.office, verb, card, by=by.person.name, reason=body.reason)
    return Done()
