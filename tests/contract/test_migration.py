"""A ledger that an older version kept: refused in a sentence, and brought over with all that was in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from console.runtime import start_folder_server
from lembur.domain.card import CardId, card_id
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE
from lembur.ledger import SCHEMA, Ledger, connect, migrate, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.queries.metrics import read_metrics
from lembur.ledger.schema import migration
from lembur.ledger.types import Finding, Lot
from support.cli import Desk
from support.servers import redis_of
from support.small_office import HALL, WING, answered, claim, printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


LEDGERS = Path(__file__).parents[1] / "data" / "ledgers"
KEPT = json.loads((LEDGERS / "schema-1.json").read_text())
"""All keys of a ledger with cards in every state, as schema 1 kept them, and what that version read in them."""
KEPT_3 = json.loads((LEDGERS / "schema-3.json").read_text())
"""The same ledger as schema 3 kept it."""


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """The kept ledger, on a server."""
    with connect(server_url) as server:
        yield restored(Ledger(server, office=office))


def restored(ledger: Ledger, kept_ledger: dict[str, Any] = KEPT) -> Ledger:
    """Write all kept keys."""
    for name, kept in kept_ledger["keys"].items():
        restore(redis_of(ledger.server), ledger.prefix + name, kept["type"], kept["value"])
    return ledger


def restore(server: Any, key: str, kind: str, value: Any) -> None:
    """Write a kept key."""
    if kind == "hash":
        server.hset(key, mapping=value)
    elif kind == "zset":
        server.zadd(key, value)
    elif kind == "list":
        server.rpush(key, *value)
    elif kind == "set":
        server.sadd(key, *value)
    elif kind == "stream":
        for fields in value:
            server.xadd(key, fields)
    else:
        server.set(key, bytes.fromhex(value) if kind == "bytes" else value)


def forget_heartbeats(ledger: Ledger) -> None:
    """Let every process of the office be stopped for long."""
    ledger.server.hset(ledger.prefix + "crew", "print@hall", "0|hall")


def card_of(ledger: Ledger, number: int) -> dict[str, Any]:
    """Read a card; an older version had no archive. Its spoiled blanks are counted from its history."""
    found = asdict(queries.read_card(ledger, card_id(number)))
    for name in ("recorded_ms", "spoiled"):
        found.pop(name)
    for name in ("archived", "blank", "reprint_of", "reprinted_as"):
        assert not found.pop(name)
    return found


def read_all(ledger: Ledger) -> dict[str, Any]:
    """Read what the dump tells of the same ledger, in the same form."""
    metrics = read_metrics(ledger, [HALL, WING], ages_s=[1000], orders_from=0)
    board = queries.read_board(ledger, [CENTRE, HALL, WING])

    def rows(counts: Mapping[Any, int]) -> list[str]:
        return [f"{'|'.join(name)}={n}" for name, n in sorted(counts.items())]

    found = {
        "cards": [card_of(ledger, n) for n in range(1, ledger.serial() + 1)],
        "counts": metrics.counts,
        "totals": rows(metrics.counters),
        "levels": rows(metrics.gauges),
        "tally": rows(queries.tally(ledger)),
        "stock": {view.code: asdict(view.stock) for view in board.stations},
        "waiting": {view.code: view.waiting for view in board.stations},
        "unconfirmed": queries.unconfirmed_cards(ledger),
        "actions": len(read_actions(ledger)),
        "due_before": queries.due_before(ledger, [5010])[0],
    }
    return dict(json.loads(json.dumps(found)))


def test_a_ledger_of_an_older_schema_is_refused_in_a_sentence(ledger: Ledger) -> None:
    """The sentence names the command that helps."""
    with pytest.raises(LedgerError, match="stop its processes and run `lembur migrate`"):
        ledger.office()


def test_every_card_and_count_is_brought_over(ledger: Ledger) -> None:
    """Status, history, stock and counts are those that the older version read; all adds up, and no old key is left."""
    forget_heartbeats(ledger)

    assert migrate(ledger) == ledger.serial() == len(KEPT["expected"]["cards"])

    found = read_all(ledger)
    for name, expected in KEPT["expected"].items():
        assert found[name] == expected, name
    assert reconcile(ledger, [HALL, WING]) == []
    old = {*migration.RENAMED, "card"} - {"ready"}
    left = {
        name.removeprefix(ledger.prefix).partition(":")[0]
        for name in redis_of(ledger.server).scan_iter(ledger.prefix + "*")
    }
    assert not old & left


def test_an_office_of_the_third_schema_is_brought_over(server_url: str, office: str) -> None:
    """Its lots become one hash, and its claimed cards follow from them; a second call changes nothing."""
    with connect(server_url) as server:
        ledger = restored(Ledger(server, office=office), KEPT_3)

        assert migrate(ledger) == migrate(ledger) == ledger.serial()

        assert read_all(ledger) == KEPT["expected"]
        assert not list(redis_of(ledger.server).scan_iter(ledger.prefix + "lot:*"))
        assert not ledger.server.exists(ledger.prefix + "claimed")
        go_on(ledger)


def test_the_office_goes_on_where_it_stood(ledger: Ledger) -> None:
    """Lots in hand end, held cards come back, findings are corrected, and all still adds up."""
    forget_heartbeats(ledger)
    migrate(ledger)
    go_on(ledger)


def go_on(ledger: Ledger) -> None:
    """End the lots in hand, release held cards, correct findings and print the rest."""
    assert ledger.office()

    for lot in ledger.expired_lots([CENTRE, HALL, WING], since_ms=-(10**15)):
        (answered if lot.station == CENTRE else printed)(ledger, lot)
    for card in KEPT["expected"]["cards"]:
        if card["status"] == "HELD":
            ledger.release(CardId(card["card"]), by="Bu Sri", reason="go on")
        settled = card["history"][-1]["why"].partition(", found by ")
        if settled[1]:
            finding = Finding.UNTOUCHED if settled[0] == "printed" else Finding.PRINTED
            ledger.confirm(CardId(card["card"]), finding=finding, by="Pak Budi")
    while isinstance(next_lot := claim(ledger, most=3), Lot):
        printed(ledger, next_lot)

    assert reconcile(ledger, [HALL, WING]) == []


def test_an_office_of_the_second_schema_gets_the_bits_of_its_uncollected_cards(ledger: Ledger) -> None:
    """Nothing else changes in it; a process that was seen a moment ago is in the way."""
    forget_heartbeats(ledger)
    migrate(ledger)
    expected, clock = queries.uncollected_cards(ledger), ledger.key("clock")
    assert expected
    ledger.server.hset(clock, "schema", "2")
    redis_of(ledger.server).delete(ledger.key("uncollected"))
    ledger.send_heartbeat("print@hall")
    with pytest.raises(LedgerError, match=r"print@hall work.*stop every process"):
        migrate(ledger)
    ledger.server.hset(ledger.key("heartbeats"), "print@hall", "0|hall")

    migrate(ledger)

    assert queries.uncollected_cards(ledger) == expected
    assert read_all(ledger) == KEPT["expected"]
    assert reconcile(ledger, [HALL, WING]) == []


def test_an_interrupted_migration_goes_on(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it ends no version opens the ledger; the second call brings the rest over, the third changes nothing."""
    forget_heartbeats(ledger)
    monkeypatch.setattr(migration, "PAGE", 7)
    whole = migration._pack
    pages: list[Sequence[CardId]] = []

    def pack_two(ledger: Ledger, cards: Sequence[CardId]) -> None:
        if len(pages) == 2:
            raise LedgerError("the power is cut here")
        pages.append(cards)
        whole(ledger, cards)

    with monkeypatch.context() as broken:
        broken.setattr(migration, "_pack", pack_two)
        with pytest.raises(LedgerError, match="power"):
            migrate(ledger)
    with pytest.raises(LedgerError, match="schema 1 to 4"):
        ledger.office()

    assert migrate(ledger) == migrate(ledger)

    assert read_all(ledger) == KEPT["expected"]


def test_an_office_at_work_is_not_migrated(ledger: Ledger) -> None:
    """A process seen a moment ago would go on with keys that are gone."""
    ledger.server.hset(ledger.prefix + "crew", "print@hall", f"{ledger.real_ms()}|hall")

    with pytest.raises(LedgerError, match=r"print@hall work.*stop every process"):
        migrate(ledger)

    assert ledger.server.hget(ledger.key("clock"), "schema") == "1"


def test_a_schema_from_nowhere_is_not_migrated(ledger: Ledger) -> None:
    """A ledger of a later version is left as it is."""
    ledger.server.hset(ledger.key("clock"), "schema", "99")

    with pytest.raises(LedgerError, match=f"has schema 99: only 1 to 3 can be brought to {SCHEMA}"):
        migrate(ledger)


def test_a_person_migrates_an_office_on_a_server(
    ledger: Ledger, server_url: str, valkey_url: str, office: str, tmp_path: Path
) -> None:
    """Commands on cards refuse the office before, and look for their card after."""
    desk = Desk(server_url, office, tmp_path, broker=valkey_url)
    forget_heartbeats(ledger)
    hold = ("hold", "00009999", "--by", "Bu Sri", "--reason", "a test")
    assert "run `lembur migrate`" in desk.be_refused(*hold)

    assert f"by schema {SCHEMA} now, with {ledger.serial()} cards" in desk.do("migrate")

    assert "there is no card 00009999" in desk.be_refused(*hold)


def test_a_person_migrates_an_office_in_a_data_folder(office: str, tmp_path: Path) -> None:
    """Its server is stopped with the office, so the command starts it and ends it again."""
    data = tmp_path / "data"
    with start_folder_server(data) as url, connect(url) as server:
        forget_heartbeats(restored(Ledger(server, office=office)))

    Desk("", office, data).do("migrate")

    with start_folder_server(data) as url, connect(url) as server:
        assert read_all(Ledger(server, office=office)) == KEPT["expected"]


def test_a_folder_without_a_server_is_not_migrated(office: str, tmp_path: Path) -> None:
    """The sentence asks for the place of the ledger."""
    assert "holds no server of Lembur" in Desk("", office, tmp_path).be_refused("migrate")
