"""The history of every card, read by number and page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.card import SHELVES, CardId, Status
from lembur.domain.observation import CardHistory
from lembur.domain.time import NEVER_MS
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.counts import LOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger

READY: Final = Status.PRINT_READY_RECORD + "@"
PRINTED: Final = Status.CARD_PRINTED + "@"


@translate_redis_errors
def read_history(ledger: Ledger, stations: Sequence[StationCode]) -> CardHistory:
    """Read the cards that became ready to print; a card that waits for a person is left out."""
    places = {code: index for index, code in enumerate(stations)}
    rows, last = [], ledger.serial()
    now_ms, _ = ledger.time()
    for first in range(1, last + 1, LOT):
        pipe = ledger.server.pipeline(transaction=False)
        for number in range(first, min(first + LOT, last + 1)):
            pipe.hgetall(f"{ledger.prefix}card:{CardId(f'{number:08d}')}")
        rows += [_row(places, card) for card in pipe.execute() if card and _counts(card)]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return CardHistory(now_ms, *(np.ascontiguousarray(column) for column in table.T))


def _counts(card: Mapping[str, str]) -> bool:
    return card["s"] not in SHELVES and any(text.startswith(READY) for text in card.values())


def _row(places: Mapping[StationCode, int], card: Mapping[str, str]) -> tuple[int, int, int, int]:
    ready = min(_at(text) for text in card.values() if text.startswith(READY))
    printed = min((_at(text) for text in card.values() if text.startswith(PRINTED)), default=NEVER_MS)
    return places[card["q"]], ready, printed, int(card["d"])  # type: ignore[index]


def _at(text: str) -> int:
    return int(text.partition("@")[2].partition("|")[0])
