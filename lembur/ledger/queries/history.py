"""The history of every card, read by number and page by page."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.card import CAME_OUT, GIVEN_UP, SHELVES, CardId, Status, Stream
from lembur.domain.observation import CardRecords, SpoiledBlank
from lembur.domain.time import NEVER_MS
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.archive import read_archived
from lembur.ledger.queries.counts import PAGE
from lembur.ledger.schema import card_pages, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.observation import CardHistory
    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.queries.archive import ArchiveReader
    from lembur.ledger.schema import Record

UNCONFIRMED: Final = "unconfirmed"
"""The reason of a blank that a person found spoiled in a printer that gave no answer."""

Entry = tuple[str, int, str]
"""Status, moment and reason of one entry of a card's history."""


def read_history(ledger: Ledger, stations: Sequence[StationCode]) -> CardHistory:
    """Read the cards that became ready to print. A card that waits for a person is left out."""
    return read_card_records(ledger, stations).history()


@translate_redis_errors
def read_card_records(
    ledger: Ledger, stations: Sequence[StationCode], archive: ArchiveReader | None = None
) -> CardRecords:
    """Read all cards, and the blanks that they spoiled. Without its archive only the cards of the ledger are read."""
    positions = {code: index for index, code in enumerate(stations)}
    now_ms, _ = ledger.time()
    rows: list[tuple[int, ...]] = []
    spoiled: list[SpoiledBlank] = []
    for card in _cards(ledger, archive):
        position, entries = positions[card.station], [(one.what, one.at_ms, one.why) for one in card.history]
        rows.append((position, card.priority, card.due_ms, *_moments(card.status, entries)))
        spoiled += [SpoiledBlank(position, at_ms, reason) for at_ms, reason in _spoilage_of(entries)]
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    station, priority, due, ready, printed, shelved = (np.ascontiguousarray(column) for column in table.T)
    return CardRecords(now_ms, station, priority, due, ready, printed, shelved, spoiled)


@translate_redis_errors
def count_recorded(ledger: Ledger, since_ms: int, archive: ArchiveReader | None = None) -> Counter[str]:
    """Count the first issues recorded since a moment, by kelurahan: every card, a thousand in one round trip."""
    return Counter(
        one.kelurahan
        for one in _cards(ledger, archive)
        if one.stream == Stream.FIRST_ISSUE and one.recorded_ms >= since_ms
    )


def _cards(ledger: Ledger, archive: ArchiveReader | None) -> Iterator[Record]:
    missing: list[CardId] = []
    for cards in card_pages(ledger.serial(), PAGE):
        records = read_records(ledger, cards)
        yield from (record for record in records if record)
        missing += [card for card, record in zip(cards, records, strict=True) if not record]
    if archive:
        yield from read_archived(archive, missing)


def _moments(status: Status, entries: Sequence[Entry]) -> tuple[int, int, int]:
    """Return when a card was first ready and when it was printed, and 1 if it waits for a person."""
    ready = min((at for what, at, _ in entries if what == Status.PRINT_READY_RECORD), default=NEVER_MS)
    printed = max((at for what, at, _ in entries if what == Status.CARD_PRINTED), default=NEVER_MS)
    return ready, printed if status in CAME_OUT else NEVER_MS, int(status in SHELVES)


def _spoilage_of(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Yield the moment and the reason of each blank that a card spoiled. A corrected finding counts as corrected."""
    after = [*entries[1:], ("", 0, "")]
    for (before, (status, at_ms, why)), (_, _, then) in zip(pairwise(entries), after[1:], strict=True):
        if status != Status.PRINT_READY_RECORD:
            continue
        if before[0] == Status.SENT_FOR_CARD_PRINTING and why not in {"", GIVEN_UP}:
            yield at_ms, why
        elif why.startswith("spoiled, found by ") and not then.startswith("corrected by "):
            yield at_ms, UNCONFIRMED
