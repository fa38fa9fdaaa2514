"""Acts on one card: find it, hold it, release it, let it go first, settle its print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lembur.domain.calendar import Calendar
from lembur.domain.card import CARD_DIGITS, CardId, card_id
from lembur.domain.errors import CardError
from lembur.domain.nik import Nik
from lembur.ledger import load_nik_key, queries
from lembur.office import read_setup

if TYPE_CHECKING:
    from lembur.actions.office_link import OfficeLink
    from lembur.ledger.types import Finding

CardVerb = Literal["hold", "release", "expedite"]


def find_card(office: OfficeLink, text: str) -> CardId:
    """Find a card by its number, or by the NIK it is for."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        raise CardError("a card is named by its number, or by the 16 digits of a NIK")
    if len(text) <= CARD_DIGITS:
        return card_id(int(text))
    digest = Nik.parse(text, demonstration=True).digest(load_nik_key(office.ledger, office.settings.keys))
    card = queries.find_card(office.ledger, digest)
    if card is None:
        raise CardError("nobody with this NIK is enrolled")
    return card


def handle_card(office: OfficeLink, verb: CardVerb, card: CardId, *, by: str, reason: str) -> None:
    """Hold, release or expedite a card, and wake the workers that it concerns."""
    ledger = office.ledger
    office.wake(
        {"hold": ledger.hold, "release": ledger.release, "expedite": ledger.expedite}[verb](card, by=by, reason=reason)
    )


def reprint_card(office: OfficeLink, card: CardId, *, by: str, reason: str) -> CardId:
    """Ask for a card once more, due as a card that is recorded now; return the new one."""
    ledger, scenario = office.ledger, read_setup(office.ledger).scenario
    due_ms = Calendar.of(scenario).due_ms(ledger.time()[0], scenario.hours.sla_days)
    new, wakes = ledger.reprint(card, due_ms=due_ms, by=by, reason=reason)
    office.wake(wakes)
    return new


def settle_card(office: OfficeLink, card: CardId, finding: Finding, *, by: str) -> None:
    """Settle an unconfirmed card as a person found it, or correct what another person found."""
    office.wake(office.ledger.confirm(card, finding=finding, by=by))
