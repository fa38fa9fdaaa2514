"""Interim letters that are owed: for cards that wait too long for want of a blank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain.card import CardId
from lembur.domain.time import DAY_MS
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.schema import read_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.scenario import InterimLetter
    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.schema import Record


@dataclass(frozen=True, slots=True)
class OwedLetter:
    """A card whose owner is owed a letter."""

    card: CardId
    station: StationCode
    mask: str
    recorded_ms: int


@translate_redis_errors
def owed_letters(ledger: Ledger, stations: Sequence[StationCode], rule: InterimLetter) -> list[OwedLetter]:
    """List the cards without a blank whose owners have waited too long and have no valid letter, longest first.

    The first cards of a queue get the blanks that its station has; the others wait for want of one.
    """
    now_ms, _ = ledger.time()
    found = [
        OwedLetter(card, station, record.mask, record.recorded_ms)
        for station in stations
        for card, record in _without_blank(ledger, station)
        if now_ms - record.recorded_ms >= rule.after_days * DAY_MS
        and now_ms - record.letter_ms >= rule.valid_days * DAY_MS
    ]
    return sorted(found, key=lambda one: (one.recorded_ms, one.card))


def _without_blank(ledger: Ledger, station: StationCode) -> Iterator[tuple[CardId, Record]]:
    pipe = ledger.server.pipeline(transaction=True)
    pipe.hget(ledger.key("stock", station), "blank")
    for queue in ("ready", "scheduled"):
        pipe.zrange(ledger.key(queue, station), 0, -1)
    blank, ready, scheduled = pipe.execute()
    cards = [CardId(card) for card in (*ready, *scheduled)]
    if len(cards) <= int(blank):
        return
    rows = [(card, record) for card, record in zip(cards, read_records(ledger, cards), strict=True) if record]
    yield from sorted(rows, key=lambda row: (row[1].priority, row[1].due_ms, row[0]))[int(blank) :]
