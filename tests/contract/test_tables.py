"""What stands in a table holds: the keys, the moves, and that reconcile sees what is broken."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lembur import ledger as package
from lembur.domain.card import MOVES, SHELVES, CardId, Status, card_id
from lembur.domain.errors import CardError
from lembur.domain.observation import Forecast
from lembur.domain.seats import CENTRE, SeatOrder, SeatPlan, Step
from lembur.domain.time import DAY_MS
from lembur.ledger import Ledger, connect, load_nik_key, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries import forecasts
from lembur.ledger.schema import CODES, IN_HAND, KEYS
from lembur.ledger.types import Lot, PrinterState, SeatTable, Verdict
from support.servers import redis_of
from support.small_office import ENDS_MS, HALL, WING, answered, claim, failed, identity, opened, printed
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lembur.ledger.connection import Server

STATIONS = [HALL, WING]


@pytest.fixture
def ledger(server_url: str, office: str, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in which a bit of everything has happened."""
    with connect(server_url) as server:
        found = opened(
            Ledger(server, office=office),
            steps=[Step(0, 3)],
            promised=[{"at": 10**7, "blank": 5, "ribbon": 5}],
            fed_ms=10**6,
        )
        load_nik_key(found, tmp_path / "keys")
        found.enrol([identity(number, first_issue=number < 4, ready_ms=number) for number in range(12)])
        failed(found, claim(found, CENTRE))
        for verdict in (Status.PRINT_READY_RECORD, Status.DUPLICATE_RECORD, Status.PRINT_READY_RECORD):
            answered(found, claim(found, CENTRE), verdict)
        claim(found, CENTRE, takes_ms=10_000)  # until then nothing comes from there: prints may start
        out = list[CardId]()
        for number, reason in enumerate(("damaged", "", "")):
            taken = claim(found)
            assert isinstance(taken, Lot)
            found.commit(taken, reasons=[reason], ends_ms=taken.ends_ms, blanks=[f"SN-{number}"])
            out += taken.cards
        found.reprint(out[-1], due_ms=10**9, by="Bu Sri", reason="lost")
        found.take_feed("verify", lease_ms=60_000)
        lot = claim(found)
        assert isinstance(lot, Lot)
        found.unconfirm(lot)
        claim(found)
        found.enrol([identity(20, ready_ms=2 * 10**6)])
        found.hold(CardId("00000013"), by="Bu Sri", reason="a test")
        claim(found, WING)
        found.receive(WING, blanks=1, ribbon_cards=0, minutes="BA 1", by="Bu Sri")
        order = SeatOrder(HALL, 2, 0, 10**6, "Bu Sri", "a test")
        found.order([order], known=0, seats={HALL: SeatTable([Step(0, 2)], [SeatPlan(0, 3, 2)])})
        found.change(
            office=found.office(),
            stations=[],
            ends_ms=ENDS_MS,
            changes=0,
            orders=1,
            expects_others=True,
            changed="title: a -> b",
            by="Bu Sri",
            reason="a test",
        )
        found.send_heartbeat("print@hall")
        forecasts.append(found, Forecast(made_ms=0, took_s=0.1, stations={}, runway_s={}))
        forecasts.save_scores(found, [])
        found.enrol([identity(number, first_issue=True) for number in (40, 41, 42)])
        taken = claim(found, CENTRE)
        assert isinstance(taken, Lot)
        found.end_asking(taken)
        found.hear([Verdict(taken.cards[0], 1, Status.DUPLICATE_RECORD)], cursor="1")
        for notes_it in (True, False):
            taken = claim(found, CENTRE)
            assert isinstance(taken, Lot)
            if notes_it:
                found.end_asking(taken)
            else:
                found.hear([Verdict(taken.cards[0], 1, Status.DUPLICATE_RECORD)])
        found.set_clock(virtual_ms=5 * 10**6, speed=1.0, ends_ms=10**9)
        found.enrol([identity(30, station=WING, ready_ms=9 * 10**6)])
        found.offer(WING, most=1)
        printed(found, claim(found))
        yield found


def pattern(name: str) -> str:
    """The row of KEYS a key belongs to."""
    kind, colon, _ = name.partition(":")
    return next(
        (key.name for key in KEYS if key.name.partition(":")[0] == kind and (":" in key.name) == bool(colon)), name
    )


def test_every_key_has_its_row_and_its_type(ledger: Ledger) -> None:
    """What a played office leaves in the server is what keys.py says, with the type it says."""
    types = {key.name: key.type for key in KEYS}
    ledger.note_printer(PrinterState("card1", HALL, ribbon_percent=80))  # simulated printers report nothing
    ledger.set_clock(virtual_ms=60 * DAY_MS, speed=0, ends_ms=61 * DAY_MS)
    ledger.fold_hours(JAKARTA, starts_ms=0)
    ledger.archive({})
    left = {name.removeprefix(ledger.prefix) for name in redis_of(ledger.server).scan_iter(ledger.prefix + "*")}

    for name in left:
        # A reply may have run out since the keys were listed.
        assert redis_of(ledger.server).type(ledger.prefix + name) in {types.get(pattern(name)), "none"}, name
    assert {pattern(name) for name in left} >= set(types) - {"blocked"}


def test_what_lua_does_stands_in_the_table_of_moves(ledger: Ledger) -> None:
    """Every pair of states in a card's history is a legal move."""
    seen = set()
    for number in range(1, ledger.serial() + 1):
        history = queries.read_card(ledger, card_id(number)).history
        seen |= set(pairwise(moment.what for moment in history if moment.what in set(Status)))

    assert len(seen) >= 6
    assert all(Status(after) in MOVES[Status(before)] for before, after in seen)


@pytest.mark.parametrize("status", Status)
def test_a_person_may_do_what_the_table_of_moves_allows(ledger: Ledger, status: Status) -> None:
    """Held from where a hold is legal; released from a shelf; a card in doubt only by what was found at its printer."""
    number = CardId("00000012")
    cards, queues = ledger.key("cards"), [ledger.key(name, HALL) for name in ("scheduled", "ready")]
    before = {after: before for before, after in IN_HAND.items()}.get(status)
    ledger.server.hset(ledger.key("held"), number, f"{Status.PRINT_READY_RECORD}|0")
    may_be_held = Status.HELD in MOVES[status]
    may_be_released = status in SHELVES - {Status.PRINT_UNCONFIRMED}

    for verb, may in (("hold", may_be_held), ("release", may_be_released), ("expedite", may_be_held)):
        record, _, _ = str(ledger.server.hget(cards, number)).rpartition("|")
        ledger.server.hset(cards, number, f"{record}|{CODES[before or status]}1")
        for queue in queues:
            redis_of(ledger.server).zrem(queue, number)
        if not before:
            redis_of(ledger.server).zadd(queues[0], {number: 1})
        if may:
            getattr(ledger, verb)(number, by="Bu Sri", reason="a test")
            after = queries.read_card(ledger, number).status
            assert after == status if verb == "expedite" else after in MOVES[status]
        else:
            with pytest.raises(CardError, match=f"is {status}: it cannot be"):
                getattr(ledger, verb)(number, by="Bu Sri", reason="a test")


def test_the_verbs_that_leave_an_event_are_those_of_the_table() -> None:
    """An event is found in the scripts of the verbs that keys.py names, and in no other."""
    scripts = {"sweep": "abandon unconfirm"}
    written = next(key.writer for key in KEYS if key.name == "events").split(", ")
    folder = Path(package.__file__).parent

    named = {script for verb in written for script in scripts.get(verb, verb).split()}
    assert named == {
        p.stem
        for p in folder.rglob("[a-z]*.lua")
        if re.search(r"^\s*(?:log_event|return end_action)\(", p.read_text(), re.MULTILINE)
    }


def test_scripts_name_no_status_themselves() -> None:
    """The moves stand in the table only: Lua is told every status it may read or write."""
    folder = Path(package.__file__).parent

    for script in folder.rglob("*.lua"):
        assert not [status for status in Status if status in script.read_text()], script.name


def lot_at(server: Server, prefix: str, station: str) -> str:
    """The name of a lot in hand."""
    return str(redis_of(server).zrange(f"{prefix}in_flight:{station}", 0, 0)[0])


def doubled(server: Server, prefix: str) -> None:
    """Give the card of one seat to another too."""
    lot = server.hget(prefix + "lots", lot_at(server, prefix, "hall"))
    redis_of(server).hset(prefix + "lots", "other", lot)
    redis_of(server).zadd(f"{prefix}in_flight:hall", {"other": 1})
    redis_of(server).zadd(f"{prefix}lease:hall", {"other": 1})


def at_another_station(server: Server, prefix: str) -> None:
    """Move the lot of one station to a seat of another."""
    lot = lot_at(server, prefix, "centre")
    for key in ("in_flight", "lease"):
        redis_of(server).zrem(f"{prefix}{key}:centre", lot)
        redis_of(server).zadd(f"{prefix}{key}:hall", {lot: 10**15})


def printed_twice(server: Server, prefix: str) -> None:
    """Write a second good card into the history of one that was printed."""
    is_printed = re.compile(rf"\|{CODES[Status.CARD_PRINTED]}\d+$").search
    card, record = next(row for row in server.hgetall(prefix + "cards").items() if is_printed(row[1]))
    server.hset(prefix + "cards", card, f"{record}|r1|p1|c1")


def went_back(server: Server, prefix: str) -> None:
    """Let a card be held after it was printed."""
    record = server.hget(prefix + "cards", "00000001")
    server.hset(prefix + "cards", "00000001", f"{record}|h1")


def unprinted(server: Server, prefix: str) -> None:
    """Put a used blank back on the shelf."""
    server.hincrby(prefix + "stock:hall", "used", -1)
    server.hincrby(prefix + "stock:hall", "blank", 1)


def overfilled(server: Server, prefix: str) -> None:
    """Put more blanks into a printer than its station has."""
    server.hset(prefix + "printers", "card1", json.dumps({"name": "card1", "station": "hall", "blanks": 10**6}))


BREAKS: tuple[tuple[str, Callable[[Server, str], object]], ...] = (
    (
        "a card that was asked is in no line",
        lambda server, prefix: redis_of(server).zadd(prefix + "asked", {"00000001": 1}),
    ),
    ("a card that was asked is asked again", lambda server, prefix: redis_of(server).delete(prefix + "ask_again")),
    ("no card is lost", lambda server, prefix: redis_of(server).hdel(prefix + "cards", "00000001")),
    ("a card is in the ledger or in the archive", lambda server, prefix: redis_of(server).incr(prefix + "archived")),
    ("every card enrolled is counted once", lambda server, prefix: server.hincrby(prefix + "counts", "HELD", 1)),
    ("every card enrolled is counted once", lambda server, prefix: server.hincrby(prefix + "counts", "LOST", 1)),
    ("every card enrolled is counted once", lambda server, prefix: redis_of(server).incr(prefix + "serial")),
    ("every card enrolled is counted once", lambda server, prefix: server.hset(prefix + "nik", "nik-x", "00000001")),
    ("a card is for one NIK", lambda server, prefix: server.hset(prefix + "nik", "nik-1", "00000001")),
    ("the counts are the cards", lambda server, prefix: server.hincrby(prefix + "counts", "HELD", 1)),
    ("blanks add up to what was received", lambda server, prefix: server.hincrby(prefix + "stock:hall", "used", 1)),
    ("every good card took one blank", unprinted),
    ("a blank is reserved for a card", lambda server, prefix: server.hincrby(prefix + "stock:hall", "reserved", 1)),
    ("a card in a printer has its blank", lambda server, prefix: server.hset(prefix + "stock:hall", "reserved", 0)),
    ("what one station sends another", lambda server, prefix: server.hincrby(prefix + "stock:hall", "moved", 1)),
    ("no stock is below zero", lambda server, prefix: server.hset(prefix + "stock:wing", "blank", -1)),
    ("no stock is below zero", lambda server, prefix: server.hset(prefix + "stock:wing", "ribbon", -1)),
    ("no stock is below zero", lambda server, prefix: redis_of(server).delete(prefix + "stock:wing")),
    ("a card to be printed is once in a queue", lambda server, prefix: redis_of(server).zpopmin(prefix + "ready:hall")),
    (
        "cards that wait for a printer",
        lambda server, prefix: redis_of(server).zadd(prefix + "ready:hall", {"00000099": 1}),
    ),
    (
        "cards that wait for the centre",
        lambda server, prefix: redis_of(server).zadd(prefix + "scheduled:centre", {"00000099": 1}),
    ),
    ("cards at the centre are in a line", lambda server, prefix: redis_of(server).delete(prefix + "in_flight:centre")),
    (
        "a card to be printed is once in a queue",
        lambda server, prefix: redis_of(server).delete(prefix + "in_flight:centre"),
    ),
    ("a card is in a seat of its own queue", at_another_station),
    ("every lot is in a seat", lambda server, prefix: redis_of(server).zpopmin(prefix + "in_flight:centre")),
    ("cards in print are in a seat", lambda server, prefix: redis_of(server).delete(prefix + "in_flight:hall")),
    ("a card is in one seat only", doubled),
    (
        "a seat at work has its lot",
        lambda server, prefix: redis_of(server).hdel(prefix + "lots", lot_at(server, prefix, "hall")),
    ),
    ("a seat at work has its lot", lambda server, prefix: redis_of(server).delete(prefix + "lease:hall")),
    ("a card nobody can answer for", lambda server, prefix: redis_of(server).delete(prefix + "unconfirmed")),
    (
        "cards that wait are counted by class",
        lambda server, prefix: server.hincrby(prefix + "gauges", "waiting|hall|3", 1),
    ),
    ("cards in hand are counted", lambda server, prefix: server.hincrby(prefix + "gauges", "in_hand|hall", -1)),
    (
        "a card that waits has its age",
        lambda server, prefix: redis_of(server).zadd(prefix + "waiting_since:hall", {"00000099": 1}),
    ),
    (
        "a card at the centre is away",
        lambda server, prefix: redis_of(server).zadd(prefix + "at_centre:wing", {"00000099": 1}),
    ),
    ("a card that came out waits", lambda server, prefix: redis_of(server).delete(prefix + "uncollected")),
    ("a card that came out waits", lambda server, prefix: redis_of(server).setbit(prefix + "uncollected", 12, 1)),
    ("a blank became one card", lambda server, prefix: redis_of(server).delete(prefix + "blanks")),
    ("every move is a legal one", went_back),
    ("one good card per request", printed_twice),
    ("printers hold no more than the ledger", overfilled),
)
"""What can be broken by hand, and the invariant that must be reported."""


def test_every_invariant_can_fail() -> None:
    """Each sentence that audit.lua and reconcile.py know has a way of breaking it below."""
    folder = Path(package.__file__).parent
    known = re.findall(r"check\(.*?, '([^']+)', ", (folder / "lua" / "reading" / "audit.lua").read_text())
    known += re.findall(r'Violation\("([^"]+)"', (folder / "audit" / "checks.py").read_text())

    assert len(known) > 15
    assert [one for one in known if not any(one.startswith(invariant) for invariant, _ in BREAKS)] == []


@pytest.mark.parametrize(("invariant", "broken"), BREAKS, ids=[name for name, _ in BREAKS])
def test_reconcile_reports_what_is_broken(
    ledger: Ledger, invariant: str, broken: Callable[[Server, str], object]
) -> None:
    """Sound before, and after each kind of damage the invariant is named."""
    assert reconcile(ledger, STATIONS) == []

    broken(ledger.server, ledger.prefix)

    assert any(violation.invariant.startswith(invariant) for violation in reconcile(ledger, STATIONS))
