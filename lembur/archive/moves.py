"""Cards on their way from the ledger into the archive and back.

A card is in a file, on the disk and read back, before it leaves the ledger; a restored card's row stays in its file.
So whatever is interrupted, the card is in the ledger, or in a file, or in both: then the ledger's counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from lembur.archive.files import Archive, ArchivedCard
from lembur.domain.errors import ArchiveError, CardError
from lembur.domain.time import DAY_MS, month_of
from lembur.ledger import queries
from lembur.ledger.queries.archive import ended_cards

if TYPE_CHECKING:
    from datetime import tzinfo

    from lembur.domain.card import CardId
    from lembur.ledger import Ledger
    from lembur.ledger.queries.archive import EndedCard
    from lembur.settings import Settings

OLD_DAYS: Final = 42
"""Younger cards stay: a finding may still be corrected, and forecasts of six weeks are compared with them."""
BATCH: Final = 1_000
"""Cards that leave the ledger in one script, which takes it some milliseconds."""


def archive_of(settings: Settings) -> Archive:
    """Return the archive of an office, in its data folder."""
    return Archive(settings.data / "archive" / f"office={settings.office}")


def archive_cards(ledger: Ledger, archive: Archive, *, before_ms: int, zone: tzinfo) -> Counter[str]:
    """Move the cards that ended before a moment into the files of their months; return the cards moved by month."""
    now_ms, _ = ledger.time()
    if before_ms > now_ms - OLD_DAYS * DAY_MS:
        raise ArchiveError(
            "cards are archived when they ended %(days)s days ago or earlier: give an earlier date", days=OLD_DAYS
        )
    moved: Counter[str] = Counter()
    with archive.lock():
        for page in ended_cards(ledger, before_ms):
            months: dict[str, list[ArchivedCard]] = defaultdict(list)
            for card in page:
                months[month_of(card.ended_ms, zone)].append(_row(card))
            for month, cards in sorted(months.items()):
                archive.write(month, cards)
                moved[month] += _remove(ledger, cards)
    return moved


def _remove(ledger: Ledger, cards: list[ArchivedCard]) -> int:
    batches = [cards[first : first + BATCH] for first in range(0, len(cards), BATCH)]
    return sum(ledger.archive({card.card: card.record for card in batch}) for batch in batches)


def _row(card: EndedCard) -> ArchivedCard:
    record = card.record
    return ArchivedCard(
        card=card.card,
        station=record.station,
        kelurahan=record.kelurahan,
        stream=record.stream,
        priority=record.priority,
        status=record.status,
        due_ms=record.due_ms,
        recorded_ms=record.recorded_ms,
        ended_ms=card.ended_ms,
        blank=record.blank or None,
        record=card.text,
    )


def read_card(ledger: Ledger, archive: Archive, card: CardId) -> queries.CardView:
    """Read a card with its history, in the ledger or in the archive."""
    return _find_card(ledger, archive, card)[0]


def restore_card(ledger: Ledger, archive: Archive, card: CardId, *, by: str, reason: str) -> None:
    """Bring an archived card back into the ledger."""
    _, record = _find_card(ledger, archive, card)
    if not record:
        raise CardError("card %(card)s is in the ledger: there is nothing to restore", card=card)
    ledger.restore(card, record, by=by, reason=reason)


def _find_card(ledger: Ledger, archive: Archive, card: CardId) -> tuple[queries.CardView, str]:
    """Return a card and its record in the archive; the record is empty when the ledger has the card."""
    try:
        return queries.read_card(ledger, card), ""
    except CardError:
        if int(card) > ledger.serial():
            raise
    for _, record in archive.read([card]):
        return queries.view_archived(card, record), record
    raise ArchiveError(
        "card %(card)s is archived, and %(folder)s does not have it: act where its file is",
        card=card,
        folder=archive.folder,
    )
