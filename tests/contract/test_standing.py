"""The office as it stands, read from a ledger: every card once, where it is, with what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Priority
from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import CENTRE, SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.queries import snapshot as reading
from lembur.ledger.queries.history import read_card_records, read_history
from lembur.ledger.queries.snapshot import take_snapshot
from lembur.ledger.types import Finding, Lot, Offer
from lembur.office import OfficeSetup, open_office, order_seats
from support.runs import small_scenario
from support.small_office import answered, identity, printed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger.types import Enrolment

DINAS, JEBRES = StationCode("dinas"), StationCode("jebres")


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    """Two stations with three printers and one, open from 07:30; nobody waits at the start."""
    return load(str(small_scenario(tmp_path, cards=0)))


@pytest.fixture
def ledger(server_url: str, office: str, scenario: Scenario) -> Iterator[Ledger]:
    """The office at 08:30 of its first day, the clock standing still."""
    with connect(server_url) as server:
        found = Ledger(server, office=office)
        setup = OfficeSetup(scenario, 7, 1)
        open_office(found, setup)
        now = setup.starts_ms + HOUR_MS
        found.set_clock(virtual_ms=now, speed=1e-9, ends_ms=setup.ends_ms, exact=False)
        found.advance(setup.all_stations, fed_ms=now)
        yield found


def enrolled(ledger: Ledger, count: int, *, station: StationCode = DINAS, first: bool = False, after: int = 0) -> None:
    """Enrol people who are ready at the office's opening, or so many milliseconds from now."""
    now, _ = ledger.time()
    ready = now + after if after else now - HOUR_MS
    serial = ledger.serial()
    ledger.enrol([_one(serial + n, ready, station, first=first) for n in range(count)])


def _one(number: int, ready_ms: int, station: StationCode, *, first: bool) -> Enrolment:
    return identity(number, ready_ms=ready_ms, due_ms=ready_ms + number, station=station, first_issue=first)


def taken(ledger: Ledger, station: StationCode, *, takes_ms: int) -> Lot:
    """Claim the next card of a station for so long."""
    offer = ledger.offer(station, most=1)
    assert isinstance(offer, Offer)
    lot = ledger.claim(offer, ends_ms=[offer.start_ms + takes_ms], lease_ms=60_000)
    assert isinstance(lot, Lot)
    return lot


def test_every_card_is_found_where_it_is(ledger: Ledger, scenario: Scenario) -> None:
    """Waiting, in a printer, not yet sent, at the centre: with class, due time, station, and when it will be done."""
    enrolled(ledger, 5)
    enrolled(ledger, 2, station=JEBRES, after=HOUR_MS)
    enrolled(ledger, 3, first=True)
    printing = taken(ledger, DINAS, takes_ms=90_000)
    asked = taken(ledger, CENTRE, takes_ms=60_000)

    found = take_snapshot(ledger, scenario, 7)

    assert sorted(found.waiting.number.tolist()) == [2, 3, 4, 5, 6, 7]
    assert found.printing.number.tolist() == [1]
    assert found.printing.ready_ms.tolist() == [printing.ends_ms[0]]
    assert found.asked.number.tolist() == [8]
    assert found.asked.ready_ms.tolist() == [asked.ends_ms[0]]
    assert sorted(found.unsent.number.tolist()) == [9, 10]
    later = found.waiting.where(found.waiting.ready_ms > found.now_ms)
    assert (later.station.tolist(), set((later.ready_ms - found.now_ms).tolist())) == ([1, 1], {HOUR_MS})
    assert set(found.waiting.priority.tolist()) == {int(Priority.PRINT_READY)}
    assert found.stations[0].busy_ms == printing.ends_ms
    assert found.stations[0].position == 1
    assert found.stations[0].blanks == 499
    assert found.centre.busy_ms == asked.ends_ms


def test_a_long_queue_is_read_page_by_page(ledger: Ledger, scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is missed or counted twice, also when a page is full to the last card."""
    monkeypatch.setattr(reading, "PAGE", 10)
    enrolled(ledger, 40)
    enrolled(ledger, 25, station=JEBRES)
    ledger.offer(DINAS, most=1)

    found = take_snapshot(ledger, scenario, 7)

    assert sorted(found.waiting.number.tolist()) == list(range(1, 66))
    assert (found.waiting.station == 1).sum() == 25


def test_reading_takes_few_round_trips(ledger: Ledger, scenario: Scenario) -> None:
    """A queue of 300 costs as many commands as one of 3: a page holds thousands."""

    def commands() -> int:
        before = int(ledger.server.info("commandstats")["cmdstat_fcall_ro"]["calls"])
        take_snapshot(ledger, scenario, 7)
        return int(ledger.server.info("commandstats")["cmdstat_fcall_ro"]["calls"]) - before

    enrolled(ledger, 3)
    few = commands()
    enrolled(ledger, 300)

    assert commands() == few <= 8


def test_orders_and_observations_are_told(ledger: Ledger, scenario: Scenario) -> None:
    """The orders in the ledger, a print and a spoiled one, an answer, and who was enrolled."""
    enrolled(ledger, 3)
    enrolled(ledger, 1, first=True)
    now, _ = ledger.time()
    order_seats(ledger, SeatOrder(JEBRES, 1, now, now + HOUR_MS, "Bu Sri", "a test"))
    printed(ledger, taken(ledger, DINAS, takes_ms=90_000))
    printed(ledger, taken(ledger, DINAS, takes_ms=90_000), reason="damaged")
    answered(ledger, taken(ledger, CENTRE, takes_ms=60_000))

    found = take_snapshot(ledger, scenario, 7)

    assert [order.by for order in found.orders] == ["Bu Sri"]
    seen = found.observed
    assert (seen.total("printed", DINAS), seen.total("spoiled", DINAS), seen.total("enrolled", DINAS)) == (1, 1, 3)
    assert (seen.total("busy_ms", DINAS), seen.total("busy_ms", CENTRE)) == (180_000, 60_000)


def test_what_became_of_cards_is_told(ledger: Ledger) -> None:
    """One printed, one spoiled and waiting again, one that never moved; who is held is left out."""
    enrolled(ledger, 4)
    first = taken(ledger, DINAS, takes_ms=90_000)
    printed(ledger, first)
    printed(ledger, taken(ledger, DINAS, takes_ms=90_000), reason="damaged")
    ledger.hold(CardId("00000003"), by="Bu Sri", reason="a test")
    now, _ = ledger.time()

    found = read_history(ledger, [DINAS, JEBRES])

    assert found.printed_ms.tolist().count(NEVER_MS) == 2
    assert min(found.printed_ms.tolist()) == first.ends_ms[0]
    assert set(found.ready_ms.tolist()) == {now - HOUR_MS}
    assert found.waiting(now - 1).sum() == 3
    assert found.cleared_ms(now - 1) == NEVER_MS
    assert found.late(now - 1) is None


def test_each_spoiled_blank_has_its_moment_and_reason(ledger: Ledger) -> None:
    """As printed and as a person found it; a corrected finding, a lot given up and an untouched blank spoil none."""
    enrolled(ledger, 4)
    enrolled(ledger, 2, station=JEBRES)
    spoiled = taken(ledger, DINAS, takes_ms=0)
    printed(ledger, spoiled, reason="damaged")
    unknown = [taken(ledger, DINAS, takes_ms=0) for _ in range(2)]
    for lot in unknown:
        ledger.unconfirm(lot)
        ledger.confirm(lot.cards[0], finding=Finding.SPOILED, by="Bu Sri")
    ledger.confirm(unknown[1].cards[0], finding=Finding.PRINTED, by="Pak Budi")
    untouched = taken(ledger, JEBRES, takes_ms=0)
    ledger.unconfirm(untouched)
    ledger.confirm(untouched.cards[0], finding=Finding.UNTOUCHED, by="Bu Sri")
    ledger.abandon(taken(ledger, JEBRES, takes_ms=0))

    found = read_card_records(ledger, [JEBRES, DINAS])

    assert sorted((one.station, one.reason) for one in found.spoiled) == [(1, "damaged"), (1, "unconfirmed")]
    assert {one.at_ms for one in found.spoiled if one.reason == "damaged"} == {spoiled.ends_ms[0]}
    assert (found.printed_ms < NEVER_MS).sum() == 1
    assert sorted(found.station.tolist()) == [0, 0, 1, 1, 1, 1]
