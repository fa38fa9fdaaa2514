"""Bring a ledger of an older schema to the present one.

From schema 1 its keys get their present names, and each card's hash becomes one record. From schemas 1 and 2 the
uncollected cards get their bits. From all of them the lots in hand become one hash, which also shows the claimed cards.
An interrupted migration goes on where it stopped. Until it ends the ledger has a schema that no version opens.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from lembur.domain.card import Status
from lembur.domain.errors import LedgerError
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.schema.keys import SCHEMA, STEMS
from lembur.ledger.schema.records import CODES, IN_HAND, NOTES, TO_COLLECT, card_pages, encode, read_records
from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.card import CardId
    from lembur.ledger.connection import Server
    from lembur.ledger.schema.keys import Keys

FIRST: Final = "1"
SECOND: Final = "2"
THIRD: Final = "3"
PAGE: Final = 500
RENAMED: Final = {
    "soon": "scheduled",
    "wait": "ready",
    "flight": "in_flight",
    "away": "at_centre",
    "age": "waiting_since",
    "line": "station",
    "steps": "open_seats",
    "plan": "planned_seats",
    "bells": "wake_timers",
    "behind": "blocked",
    "crew": "heartbeats",
    "fed": "arrivals_watermark",
    "tally": "hourly_counts",
    "totals": "counters",
    "levels": "gauges",
    "shelf": "unconfirmed",
}
"""Names of keys in schema 1, with those of schema 2."""


@translate_redis_errors
def migrate(ledger: Keys) -> int:
    """Convert the ledger; return the number of its cards. A ledger of the present schema is left as it is."""
    server, clock = ledger.server, ledger.key("clock")
    schema = server.hget(clock, "schema") or ""
    before, _, _ = schema.partition(" to ")  # The schema of a migration under way.
    if not server.exists(ledger.key("office")):
        raise LedgerError("there is no office in this ledger: nothing is migrated")
    if before not in {FIRST, SECOND, THIRD, SCHEMA}:
        raise LedgerError(
            "this office has schema %(there)s: only %(first)s to %(last)s can be brought to %(schema)s",
            there=schema or "-",
            first=str(FIRST),
            last=str(THIRD),
            schema=str(SCHEMA),
        )
    last = int(server.get(ledger.key("serial")) or 0)
    if before == SCHEMA:
        return last
    _refuse_work(ledger)
    server.hset(clock, "schema", f"{before} to {SCHEMA}")
    if before == FIRST:
        for page in card_pages(last, PAGE):
            _pack(ledger, page)
        _rename(ledger)
    _gather_lots(ledger)
    if before in {FIRST, SECOND}:
        for page in card_pages(last, PAGE):
            _mark_uncollected(ledger, page)
        server.copy(ledger.key("asked"), ledger.key("ask_again"))
    server.hset(clock, "schema", SCHEMA)
    return last


def _refuse_work(ledger: Keys) -> None:
    seconds, _ = ledger.server.time()
    crews = [ledger.server.hgetall(key) for key in (ledger.prefix + "crew", ledger.key("heartbeats"))]
    seen = {node: int(row.partition("|")[0]) for crew in crews for node, row in crew.items()}
    at_work = sorted(node for node, at_ms in seen.items() if at_ms > seconds * 1000 - HEARTBEAT_TIMEOUT_MS)
    if at_work:
        raise LedgerError(
            "%(processes)s work in this office: stop every process of it, then migrate", processes=", ".join(at_work)
        )


def _pack(ledger: Keys, cards: Sequence[CardId]) -> None:
    """Write the records of some cards, and drop their hashes, in one transaction."""
    pipe = ledger.server.pipeline(transaction=False)
    for card in cards:
        pipe.hgetall(f"{ledger.prefix}card:{card}")
    rows = {card: row for card, row in zip(cards, pipe.execute(), strict=True) if row}
    pipe = ledger.server.pipeline(transaction=True)
    for card, row in rows.items():
        entries = [_entry(row[name]) for name in sorted(_history(row), key=lambda name: int(name[1:]))]
        if row["s"] in IN_HAND.values():
            entries.pop()  # Its lot shows it.
        if row["s"] == Status.HELD:
            pipe.hset(ledger.key("held"), card, f"{row['b']}|{row['r']}")
        fields = [encode(row[name]) for name in "cdeqktm"]
        pipe.hset(ledger.key("cards"), card, "|".join([*fields, *entries]))
        pipe.unlink(f"{ledger.prefix}card:{card}")
    pipe.execute()


def _history(row: dict[str, str]) -> list[str]:
    return [name for name in row if name[0] == "h"]


def _entry(text: str) -> str:
    """Pack one entry of a history: a status or an act, its time and its reason."""
    what, _, rest = text.partition("@")
    at, _, why = rest.partition("|")
    code = CODES[Status(what)] if what in Status.__members__ else NOTES["expedited"]
    return f"{code}{at} {encode(why)}" if why else f"{code}{at}"


def _rename(ledger: Keys) -> None:
    """Give the keys their new names, all at once. From then on the ledger has the second schema."""
    names = [name.removeprefix(ledger.prefix) for name in _names(ledger.server, ledger.prefix)]
    pipe = ledger.server.pipeline(transaction=True)
    for name in names:
        stem, colon, part = name.partition(":")
        if stem in RENAMED and STEMS[RENAMED[stem]].endswith(":") == bool(colon):
            pipe.rename(ledger.prefix + name, ledger.key(RENAMED[stem], part))
    pipe.unlink(ledger.key("printers"))  # Each real printer reports again.
    pipe.hset(ledger.key("clock"), "schema", f"{SECOND} to {SCHEMA}")
    pipe.execute()


def _gather_lots(ledger: Keys) -> None:
    """Write all lots in hand into one hash. The claimed cards follow from it."""
    pipe = ledger.server.pipeline(transaction=True)
    for name in _names(ledger.server, ledger.prefix + "lot:"):
        lot = ledger.server.hgetall(name)
        ends = [str(end) for end in json.loads(lot["ends"])]
        text = "|".join((lot["station"], lot["start"], lot["cards"], json.dumps(ends)))
        pipe.hset(ledger.key("lots"), name.rpartition(":")[2], text)
        pipe.unlink(name)
    pipe.unlink(ledger.prefix + "claimed")
    pipe.execute()


def _mark_uncollected(ledger: Keys, cards: Sequence[CardId]) -> None:
    pipe = ledger.server.pipeline(transaction=False)
    for card, record in zip(cards, read_records(ledger, cards), strict=True):
        if record and record.status in TO_COLLECT:
            pipe.setbit(ledger.key("uncollected"), int(card), 1)
    pipe.execute()


def _names(server: Server, prefix: str) -> set[str]:
    return set(server.scan_iter(prefix + "*", 1_000))
