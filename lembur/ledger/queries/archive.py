"""Reads for the archive: cards that ended, and cards that only the archive has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from lembur.domain.card import CAME_OUT
from lembur.domain.errors import ArchiveError
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.schema import Record, card_pages, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.card import CardId
    from lembur.ledger.ledger import Ledger

PAGE: Final = 20_000
"""Cards of one page: some months of a city."""


class ArchiveReader(Protocol):
    """The files of an archive."""

    def read(self, cards: Sequence[CardId] | None = None) -> Iterator[tuple[CardId, str]]:
        """Yield the records of some cards by number. A card that no file has is left out."""
        ...


@dataclass(frozen=True, slots=True)
class EndedCard:
    """A card that is done, with its record as the ledger keeps it."""

    card: CardId
    text: str
    record: Record

    @property
    def ended_ms(self) -> int:
        """The moment of the last entry of its history."""
        return self.record.history[-1].at_ms


def ended_cards(ledger: Ledger, before_ms: int) -> Iterator[list[EndedCard]]:
    """Yield the cards that ended before a moment, page by page."""
    for cards in card_pages(ledger.serial(), PAGE):
        rows = (
            (card, text, parse_record(text)) for card, text in zip(cards, _texts(ledger, cards), strict=True) if text
        )
        ended = [EndedCard(*row) for row in rows if row[2].status in CAME_OUT]
        yield [one for one in ended if one.ended_ms < before_ms]


@translate_redis_errors
def _texts(ledger: Ledger, cards: Sequence[CardId]) -> list[str | None]:
    return ledger.server.hmget(ledger.key("cards"), *cards)


def read_archived(archive: ArchiveReader, cards: Sequence[CardId]) -> Iterator[Record]:
    """Yield the records of cards that the ledger does not have. All must be in the archive."""
    found = 0
    for _, text in archive.read(cards) if cards else ():
        found += 1
        yield parse_record(text)
    if found < len(cards):
        raise ArchiveError(
            "%(cards)s archived cards are in no file here: act where the archive's files are", cards=len(cards) - found
        )
