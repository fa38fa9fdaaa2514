"""One card: its status, its history, and the cards that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.card import CardId, Status
from lembur.domain.errors import CardError
from lembur.domain.seats import StationCode
from lembur.ledger.connection import translate_redis_errors

if TYPE_CHECKING:
    from lembur.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a card's history."""

    at_ms: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class CardView:
    """Everything the ledger knows of a card; nothing of it is personal."""

    card: CardId
    status: Status
    station: StationCode
    priority: int
    due_ms: int
    kelurahan: str
    stream: str
    mask: str
    history: tuple[Moment, ...]


@translate_redis_errors
def read_card(ledger: Ledger, number: CardId) -> CardView:
    """Read one card with its whole history."""
    row = ledger.server.hgetall(f"{ledger.prefix}card:{number}")
    if not row:
        raise CardError(f"there is no card {number}")
    moments = sorted((name for name in row if name[0] == "h"), key=lambda name: int(name[1:]))
    return CardView(
        number,
        Status(row["s"]),
        StationCode(row["q"]),
        int(row["c"]),
        int(row["d"]),
        row["k"],
        row["t"],
        row["m"],
        tuple(_moment(row[name]) for name in moments),
    )


@translate_redis_errors
def unconfirmed_cards(ledger: Ledger) -> list[tuple[CardId, int]]:
    """List the cards that wait for a person to look at the printer, with the time since they wait, longest first."""
    found = ledger.server.zrange(ledger.prefix + "shelf", 0, -1, withscores=True)
    return [(CardId(card), int(since)) for card, since in found]


@translate_redis_errors
def find_card(ledger: Ledger, digest: str) -> CardId | None:
    """Find the card enrolled under this keyed hash."""
    number = ledger.server.hget(ledger.prefix + "nik", digest)
    return CardId(str(number)) if number else None


def _moment(text: str) -> Moment:
    what, _, rest = text.partition("@")
    at, _, why = rest.partition("|")
    return Moment(int(at), what, why)
