"""Reads for pages that stay open: wait for events, count due cards, list cards and actions page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lembur.domain.card import CardId, Priority, Status
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.actions import Action, parse_action
from lembur.ledger.queries.counts import PAGE
from lembur.ledger.schema import CLASS_STEP, card_pages, read_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger

MOST_EVENTS: Final = 5_000
SCANNED: Final = 20_000
"""Most cards that are read for one page of a list."""


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One entry of the ledger's stream of events."""

    id: str
    kind: str
    at_ms: int
    data: Any


@dataclass(frozen=True, slots=True)
class DueCount:
    """Waiting cards of a station: due already, and due soon."""

    late: int
    soon_late: int


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card of a list."""

    card: CardId
    status: Status
    station: StationCode
    priority: int
    due_ms: int
    mask: str


@translate_redis_errors
def last_event_id(ledger: Ledger) -> str:
    """Return the name of the newest event; '0-0' before the first."""
    found = ledger.server.xrevrange(ledger.key("events"), count=1)
    return str(found[0][0]) if found else "0-0"


@translate_redis_errors
def is_kept(ledger: Ledger, event: str) -> bool:
    """Return True if an event is still in the stream. An event that is not was dropped with all before it."""
    return bool(ledger.server.xrevrange(ledger.key("events"), event, event, count=1))


@translate_redis_errors
def await_events(ledger: Ledger, after: str, *, wait_ms: int) -> list[LedgerEvent]:
    """Return the events after one, the oldest first; wait at most `wait_ms` for the first of them."""
    found = ledger.server.xread({ledger.key("events"): after}, MOST_EVENTS, wait_ms)
    rows = dict(found).get(ledger.key("events"), []) if found else []
    # A list of lists, or a map of lists of lists: RESP2 and RESP3 differ.
    rows = rows[0] if rows and isinstance(rows[0], list) and rows[0] and isinstance(rows[0][0], list | tuple) else rows
    return [_event(str(name), row) for name, row in rows]


def _event(name: str, row: dict[str, str]) -> LedgerEvent:
    return LedgerEvent(name, row.get("kind", ""), int(float(row.get("at", 0))), json.loads(row.get("data") or "{}"))


@translate_redis_errors
def due_counts(
    ledger: Ledger, stations: Sequence[StationCode], *, now_ms: int, soon_ms: int
) -> dict[StationCode, DueCount]:
    """Count the cards that wait for each station's printers and are due, or due within `soon_ms`."""
    pipe = ledger.server.pipeline(transaction=False)
    for code in stations:
        for priority in Priority:
            base = priority * CLASS_STEP
            pipe.zcount(ledger.key("ready", code), base, base + now_ms)
            pipe.zcount(ledger.key("ready", code), f"({base + now_ms}", base + now_ms + soon_ms)
    found = pipe.execute()
    width = 2 * len(Priority)
    rows = (found[first : first + width] for first in range(0, len(found), width))
    return {code: DueCount(sum(row[::2]), sum(row[1::2])) for code, row in zip(stations, rows, strict=True)}


@translate_redis_errors
def list_cards(
    ledger: Ledger, *, status: Status | None, after: int, most: int, station: StationCode | None = None
) -> tuple[list[CardRow], int | None]:
    """List cards by number after one, and the number for the next page; None at the end.

    A page of a rare status may be short, because it ends after a fixed number of cards was read.
    """
    last, found, number = ledger.serial(), list[CardRow](), after
    for cards in card_pages(min(last, after + SCANNED), PAGE, after=after):
        for card, row in zip(cards, read_records(ledger, cards), strict=True):
            number = int(card)
            if row and (status in {None, row.status}) and (station in {None, row.station}):
                found.append(CardRow(card, row.status, row.station, row.priority, row.due_ms, row.mask))
                if len(found) == most:
                    return found, number if number < last else None
    return found, number if number < last else None


@translate_redis_errors
def action_page(ledger: Ledger, *, before: int | None, most: int) -> tuple[list[tuple[int, Action]], int | None]:
    """List actions of people with their numbers, the newest first, and the number for the next page."""
    key = ledger.key("actions")
    end = ledger.server.llen(key) if before is None else before
    begin = max(0, end - most)
    rows = ledger.server.lrange(key, begin, end - 1) if end > 0 else []
    found = [(begin + place, parse_action(json.loads(text))) for place, text in enumerate(rows)]
    return found[::-1], begin or None
