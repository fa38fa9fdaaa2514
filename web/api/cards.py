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
from lembur.typed_text import read_line
from producers import RecordedPerson, enrol_people
from web.api.access import Actor, Caller, Reader
from web.api.models import (
    Because,
    CardHistoryOut,
    CardOut,
    CardPage,
    Carriage,
    Done,
    Enrolled,
    EnrolledBatch,
    EventOut,
    HandOver,
    Lookup,
    NewCard,
    NewCards,
    Settle,
    UncollectedOut,
    UncollectedPage,
)
from web.api.reading import moment
from web.planning import FORM_S, ask_uncollected

router = APIRouter()

MOST: Final = 500
Number = Annotated[str, Path(pattern=r"^[0-9]{8}$", description="The number of a card, 8 digits.")]
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


@router.get("/cards/uncollected")
def read_uncollected(by: Reader, after: After = 0, limit: Limit = 100) -> UncollectedPage:
    """Read the printed cards that nobody has collected, the longest wait first."""
    found = ask_uncollected(by.office.settings, wait_s=FORM_S)
    cards = [
        UncollectedOut(card=card, status=status, station=station, since=moment(by.office, since_ms))
        for card, status, station, since_ms in found[after:][:limit]
    ]
    onward = after + limit
    return UncollectedPage(cards=cards, total=len(found), next=str(onward) if onward < len(found) else None)


@router.get("/cards/{number}")
def read_card(by: Reader, number: Number) -> CardHistoryOut:
    """Read a card with its history."""
    return _card(by, CardId(number))


def _card(by: Caller, number: CardId) -> CardHistoryOut:
    try:
        found = read_any_card(by.office.ledger, archive_of(by.office.settings), number)
    except CardError as fault:
        raise HTTPException(404, str(fault)) from fault
    return CardHistoryOut(
        card=found.card,
        status=found.status,
        station=found.station,
        priority=found.priority,
        due=moment(by.office, found.due_ms),
        nik_mask=found.mask,
        kelurahan=found.kelurahan,
        stream=found.stream,
        history=[EventOut(at=moment(by.office, one.at_ms), what=one.what, why=one.why) for one in found.history],
    )


@router.post("/cards/lookup")
def look_up(by: Reader, body: Lookup) -> CardHistoryOut:
    """Find the card of a NIK; neither the answer nor the log holds the NIK."""
    by.require(Scope.CARDS)
    try:
        card = find_card(by.office, body.nik)
    except (CardError, NikError) as fault:
        raise HTTPException(404, str(fault)) from fault
    return _card(by, card)


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
    people = [RecordedPerson(one.nik, one.kelurahan_code, one.stream, one.recorded_at.isoformat()) for one in cards]
    return [Enrolled(outcome=outcome, reason=reason) for outcome, reason in enrol_people(by.office, people)]


@router.post("/cards/{number}/settle")
def settle(by: Actor, number: Number, body: Settle) -> Done:
    """Settle a card without a print result, or correct another person's finding."""
    by.require(Scope.CARDS, _card(by, CardId(number)).station)
    settle_card(by.office, CardId(number), body.finding, by=by.person.name)
    return Done()


@router.post("/cards/{number}/issue")
def issue(by: Actor, number: Number, body: HandOver) -> Done:
    """Note that a card was handed over; the caller looked at the identity of the collector."""
    by.require(Scope.CARDS, _card(by, CardId(number)).station)
    by.office.ledger.issue(CardId(number), to=body.to, by=by.person.name)
    return Done()


@router.post("/cards/{number}/ship")
def ship(by: Actor, number: Number, body: Carriage) -> Done:
    """Note that a printed card is carried to another counter."""
    by.require(Scope.CARDS, _card(by, CardId(number)).station)
    by.office.ledger.ship(CardId(number), to=read_line(body.to, option="to"), by=by.person.name)
    return Done()


@router.post("/cards/{number}/{verb}")
def handle(by: Actor, number: Number, verb: CardVerb, body: Because) -> Done:
    """Hold, release or expedite a card."""
    by.require(Scope.CARDS, _card(by, CardId(number)).station)
    handle_card(by.office, verb, CardId(number), by=by.person.name, reason=body.reason)
    return Done()
