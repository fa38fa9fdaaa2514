"""One card: its status, its history, and the cards that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lembur.domain.card import BlankSerial, BlankUse, CardId, Status
from lembur.domain.errors import CardError
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.schema import count_spoiled, parse_record, read_records

if TYPE_CHECKING:
    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.schema import Moment, Record


PAGE: Final = 500
"""Cards read at a time."""


@dataclass(frozen=True, slots=True)
class CardView:
    """The ledger's knowledge of a card; nothing of it is personal. `spoiled` counts the blanks that it spoiled."""

    card: CardId
    status: Status
    station: StationCode
    priority: int
    due_ms: int
    recorded_ms: int
    kelurahan: str
    stream: str
    mask: str
    history: tuple[Moment, ...]
    archived: bool = False
    blank: str = ""
    spoiled: int = 0
    reprint_of: str = ""
    reprinted_as: str = ""


@translate_redis_errors
def read_card(ledger: Ledger, number: CardId) -> CardView:
    """Read one card with its whole history."""
    (found,) = read_records(ledger, [number])
    if not found:
        raise CardError("there is no card %(card)s", card=number)
    return _view(number, found)


def view_archived(number: CardId, text: str) -> CardView:
    """Return a card by its record in the archive."""
    return replace(_view(number, parse_record(text)), archived=True)


def _view(number: CardId, found: Record) -> CardView:
    return CardView(
        number,
        found.status,
        found.station,
        found.priority,
        found.due_ms,
        found.recorded_ms,
        found.kelurahan,
        found.stream,
        found.mask,
        found.history,
        blank=found.blank,
        spoiled=count_spoiled(found),
        reprint_of=found.reprint_of,
        reprinted_as=found.reprinted_as,
    )


@translate_redis_errors
def unconfirmed_cards(ledger: Ledger) -> list[tuple[CardId, int]]:
    """List the cards that wait for a person to look at the printer, and since when, the longest wait first."""
    found = ledger.server.zrange(ledger.key("unconfirmed"), 0, -1, withscores=True)
    return [(CardId(card), int(since)) for card, since in found]


@translate_redis_errors
def uncollected_cards(ledger: Ledger) -> list[tuple[CardId, Status, StationCode, int]]:
    """List the printed cards that wait for their people, and since when, the longest wait first.

    Only these cards are read, page by page.
    """
    found: list[tuple[CardId, Status, StationCode, int]] = []
    after = 0
    while rows := ledger.query("uncollected", after=after, most=PAGE):
        for card, text in rows:
            record = parse_record(text)
            since_ms = max(one.at_ms for one in record.history if one.what == Status.CARD_PRINTED)
            found.append((CardId(card), record.status, record.station, since_ms))
        after = int(rows[-1][0])
    return sorted(found, key=lambda one: one[3])


@translate_redis_errors
def find_card(ledger: Ledger, digest: str) -> CardId | None:
    """Find the card of this keyed hash. If the card was reprinted, return the latest reprint."""
    number, found = ledger.server.hget(ledger.key("nik"), digest), None
    while number:
        found = CardId(str(number))
        number = ledger.server.hget(ledger.key("reprints"), found)
    return found


@dataclass(frozen=True, slots=True)
class BlankView:
    """The use of a blank: the card that it became, or the card that spoiled it, and the minutes of its destruction."""

    serial: BlankSerial
    card: CardId
    use: BlankUse
    minutes: str = ""


@translate_redis_errors
def find_blank(ledger: Ledger, serial: BlankSerial) -> BlankView | None:
    """Find a blank by its serial; None when it was never noted."""
    text = ledger.server.hget(ledger.key("blanks"), serial)
    if text is None:
        return None
    card, use, *minutes = text.split("|", 2)
    return BlankView(serial, CardId(card), BlankUse(use), *minutes)
