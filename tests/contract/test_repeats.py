"""A network may deliver a request twice: each verb takes effect once, and its second answer is its first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import CardId, Status
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Step
from lembur.ledger import Ledger, connect
from lembur.ledger import scripts as ledger_scripts
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Finding, Lot, SeatTable
from support.repeated_delivery import Stammering
from support.servers import redis_of, running
from support.small_office import HALL, WING, answered, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lembur.ledger.connection import Server

READ: dict[str, Callable[[Server, str], Any]] = {
    "hash": lambda server, key: server.hgetall(key),
    "zset": lambda server, key: server.zrange(key, 0, -1, withscores=True),
    "set": lambda server, key: redis_of(server).smembers(key),
    "list": lambda server, key: server.lrange(key, 0, -1),
    "stream": lambda server, key: redis_of(server).xrange(key),
    "string": lambda server, key: server.get(key),
}


def everything(ledger: Ledger) -> dict[str, Any]:
    """All that the server keeps of this office."""
    server = ledger.server
    return {
        key: READ[redis_of(server).type(key)](server, key)
        for key in sorted(redis_of(server).scan_iter(ledger.prefix + "*"))
    }


@pytest.fixture
def scripts(server_url: str, office: str) -> Iterator[Stammering]:
    """Give the door of an office that has been opened, with people for the centre and for the printers."""
    with connect(server_url) as server:
        ledger = opened(Ledger(server, office=office), blanks=50)
        ledger.enrol([identity(number, first_issue=number < 3) for number in range(9)])
        yield Stammering(ledger, lambda: everything(ledger))
        assert reconcile(ledger, [HALL, WING]) == []


def lot(ledger: Ledger, station: StationCode = HALL) -> Lot:
    """The next lot, which there must be."""
    found = claim(ledger, station)
    assert isinstance(found, Lot)
    return found


def shelved(ledger: Ledger) -> CardId:
    """A card nobody can answer for."""
    taken = lot(ledger)
    ledger.unconfirm(taken)
    return taken.cards[0]


def wrongly_confirmed(ledger: Ledger) -> CardId:
    """A card that one person found printed, and another will not."""
    card = shelved(ledger)
    ledger.confirm(card, finding=Finding.PRINTED, by="Bu Sri")
    return card


LAST = CardId("00000009")

VERBS: dict[str, Callable[[Ledger], object]] = {
    "enrol": lambda ledger: ledger.enrol([identity(70), identity(71, first_issue=True)]),
    "claim": lot,
    "claim at the centre": lambda ledger: lot(ledger, CENTRE),
    "answer": lambda ledger: answered(ledger, lot(ledger, CENTRE)),
    "answer otherwise": lambda ledger: answered(ledger, lot(ledger, CENTRE), Status.DUPLICATE_RECORD),
    "commit": lambda ledger: printed(ledger, lot(ledger)),
    "spoil": lambda ledger: printed(ledger, lot(ledger), reason="damaged"),
    "abandon": lambda ledger: ledger.abandon(lot(ledger)),
    "abandon at the centre": lambda ledger: ledger.abandon(lot(ledger, CENTRE)),
    "unconfirm": shelved,
    "confirm printed": lambda ledger: ledger.confirm(shelved(ledger), finding=Finding.PRINTED, by="Bu Sri"),
    "confirm spoiled": lambda ledger: ledger.confirm(shelved(ledger), finding=Finding.SPOILED, by="Bu Sri"),
    "confirm untouched": lambda ledger: ledger.confirm(shelved(ledger), finding=Finding.UNTOUCHED, by="Bu Sri"),
    "correct": lambda ledger: ledger.confirm(wrongly_confirmed(ledger), finding=Finding.SPOILED, by="Pak Budi"),
    "hold": lambda ledger: ledger.hold(LAST, by="Bu Sri", reason="a doubt"),
    "release": lambda ledger: (
        ledger.hold(LAST, by="Bu Sri", reason="a doubt"),
        ledger.release(LAST, by="Bu Sri", reason="none"),
    ),
    "expedite": lambda ledger: ledger.expedite(LAST, by="Bu Sri", reason="a funeral"),
    "receive": lambda ledger: ledger.receive(HALL, blanks=7, ribbon_cards=3, minutes="1", by="Bu Sri"),
    "transfer": lambda ledger: ledger.transfer(HALL, to=WING, blanks=7, ribbon_cards=3, minutes="1", by="Bu Sri"),
    "destroy": lambda ledger: ledger.destroy(HALL, blanks=7, minutes="1", by="Bu Sri"),
    "order": lambda ledger: ledger.order(
        [SeatOrder(HALL, 1, 0, 10**6, "Bu Sri", "a test")],
        known=0,
        seats={HALL: SeatTable([Step(0, 1), Step(10**6, 2)])},
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_delivered_twice_takes_effect_once(scripts: Stammering, verb: str) -> None:
    """The second delivery answers as the first did, and not a field of the office is another."""
    VERBS[verb](scripts.ledger)

    assert scripts.repeated


def test_a_repeated_change_waits_for_the_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: str) -> None:
    """Who lost the answer and asks again, on a new connection, is answered only when the change itself is on the disk.

    A server that never syncs stands for a slow disk.
    """
    monkeypatch.setattr(ledger_scripts, "SYNC_MS", 50)
    with (
        running(valkey_binary(), tmp_path, appendfsync="no") as url,
        connect(url) as server,
        connect(url) as other,
    ):
        enrolled: dict[str, list[str]] = {
            name: [] for name in ("niks", "records", "ready", "orders", "kind_of", "kinds")
        }
        for connection in (server, other):
            ledger = Ledger(connection, office=office)
            with pytest.raises(LedgerError, match="disk did not confirm"):
                ledger._scripts.run_once("enrol", "the same token", **enrolled)
