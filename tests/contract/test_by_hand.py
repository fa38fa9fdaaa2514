"""What people change by hand: stock, and the place of a card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId
from lembur.domain.errors import CardError, LedgerError, OrderError, StockError
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import DAY_MS, HOUR_MS
from lembur.ledger import SCHEMA, Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.office import OfficeSetup, cancel_order, open_office, order_seats, read_setup
from support.servers import redis_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DINAS, LAWEYAN = StationCode("dinas"), StationCode("laweyan")
SOLO = load("solo-2016").model_copy(update={"overtime": ()})


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give an office that has been opened and has done nothing yet."""
    with connect(server_url) as server:
        opened = Ledger(server, office=office)
        open_office(opened, OfficeSetup(SOLO, seed=1, lot_cards=1))
        yield opened


def test_blanks_received_carried_and_destroyed_are_accounted_for(ledger: Ledger) -> None:
    """Each move of stock leaves every blank somewhere."""
    ledger.receive(DINAS, blanks=5, ribbon_cards=0, minutes="BA 1", by="Bu Sri")
    ledger.transfer(DINAS, to=LAWEYAN, blanks=2, ribbon_cards=0, minutes="BA 2", by="Bu Sri")
    ledger.destroy(LAWEYAN, blanks=1, minutes="BA 3", by="Bu Sri")

    assert not reconcile(ledger, [DINAS, LAWEYAN])


def test_nobody_carries_away_what_is_not_there(ledger: Ledger) -> None:
    """More blanks than lie on the shelf are refused."""
    with pytest.raises(StockError, match="on the shelf"):
        ledger.destroy(DINAS, blanks=1_000_000, minutes="BA 4", by="Bu Sri")


@pytest.mark.parametrize("verb", ["hold", "release", "expedite"])
def test_a_card_that_is_not_there_cannot_be_moved(ledger: Ledger, verb: str) -> None:
    """Whoever mistypes a number is told that there is no such card."""
    with pytest.raises(CardError, match="no card"):
        getattr(ledger, verb)(CardId("99999999"), by="Bu Sri", reason="a test")


START_MS = OfficeSetup(SOLO, 1, 1).starts_ms
TONIGHT_MS, EVENING_MS = START_MS + 12 * HOUR_MS, START_MS + 14 * HOUR_MS
"""The scenario begins at 07:30 and its office closes at 16:00: 19:30 and 21:30."""


@pytest.fixture
def open_ledger(ledger: Ledger) -> Ledger:
    """Give the office at 08:30 of its first day, the clock standing still."""
    ledger.set_clock(virtual_ms=START_MS + HOUR_MS, speed=1e-9, ends_ms=START_MS + 40 * HOUR_MS)
    return ledger


def order_of(seats: int, from_ms: int, until_ms: int, station: StationCode = DINAS) -> SeatOrder:
    """Return an order of Bu Sri."""
    return SeatOrder(station, seats, from_ms, until_ms, "Bu Sri", "a backlog")


def test_an_order_for_tomorrow_opens_no_seat_tonight(open_ledger: Ledger) -> None:
    """Tonight the seats are those of the shift: none; tomorrow evening they are those ordered."""
    usual = open_ledger.seats_at(DINAS, START_MS + HOUR_MS)

    order_seats(open_ledger, order_of(2, TONIGHT_MS + DAY_MS, EVENING_MS + DAY_MS))

    assert usual > 0
    assert [open_ledger.seats_at(DINAS, at) for at in (START_MS + HOUR_MS, TONIGHT_MS)] == [usual, 0]
    assert open_ledger.seats_at(DINAS, TONIGHT_MS + DAY_MS) == 2
    assert open_ledger.seats_at(DINAS, EVENING_MS + DAY_MS) == 0


def test_orders_for_several_stations_are_given_together(open_ledger: Ledger) -> None:
    """All or none: when one asks for too many seats, no station gets any."""
    with pytest.raises(OrderError, match="seats must be 0 to"):
        order_seats(open_ledger, order_of(1, TONIGHT_MS, EVENING_MS), order_of(99, TONIGHT_MS, EVENING_MS, LAWEYAN))
    assert open_ledger.orders() == []

    order_seats(open_ledger, order_of(1, TONIGHT_MS, EVENING_MS), order_of(2, TONIGHT_MS, EVENING_MS, LAWEYAN))

    assert [open_ledger.seats_at(code, TONIGHT_MS) for code in (DINAS, LAWEYAN)] == [1, 2]


def test_a_cancelled_order_opens_no_seat(open_ledger: Ledger) -> None:
    """Who cancels it, and why, is kept; the orders of others stand."""
    order_seats(open_ledger, order_of(2, TONIGHT_MS, EVENING_MS), order_of(2, TONIGHT_MS, EVENING_MS, LAWEYAN))

    cancel_order(open_ledger, 1, by="Pak Budi", reason="no blanks")

    assert [open_ledger.seats_at(code, TONIGHT_MS) for code in (DINAS, LAWEYAN)] == [0, 2]
    last = read_actions(open_ledger)[-1]
    assert (last.what, last.by, last.reason, last.details["cancels"]) == ("cancel", "Pak Budi", "no blanks", 1)
    assert open_ledger.orders()[0].seats == 2


@pytest.mark.parametrize("number", [0, 2, 3, -1])
def test_an_order_that_is_not_there_or_over_cannot_be_cancelled(open_ledger: Ledger, number: int) -> None:
    """A cancellation is no order of seats, and nothing is cancelled twice."""
    order_seats(open_ledger, order_of(2, TONIGHT_MS, EVENING_MS))
    cancel_order(open_ledger, 1, by="Pak Budi", reason="no blanks")

    with pytest.raises(OrderError, match=f"no seat order {number}"):
        cancel_order(open_ledger, number, by="Pak Budi", reason="no blanks")
    with pytest.raises(OrderError, match="over already"):
        cancel_order(open_ledger, 1, by="Pak Budi", reason="no blanks")


def test_a_cancellation_ends_an_order_in_force_now(open_ledger: Ledger) -> None:
    """It has opened its seats until now, and what it did stays as it was."""
    usual = open_ledger.seats_at(DINAS, START_MS + 2 * HOUR_MS)
    order_seats(open_ledger, order_of(0, START_MS + HOUR_MS, EVENING_MS))
    open_ledger.set_clock(virtual_ms=START_MS + 2 * HOUR_MS, speed=1e-9, ends_ms=START_MS + 40 * HOUR_MS)

    cancel_order(open_ledger, 1, by="Bu Sri", reason="the operator is back")

    assert open_ledger.seats_at(DINAS, START_MS + 2 * HOUR_MS - 1) == 0
    assert open_ledger.seats_at(DINAS, START_MS + 2 * HOUR_MS) == usual


def test_an_order_begins_no_earlier_than_now(open_ledger: Ledger) -> None:
    """One that is over is refused; one that has begun opens its seats from now on."""
    now_ms, _ = open_ledger.time()
    with pytest.raises(OrderError, match="over already"):
        order_seats(open_ledger, order_of(2, START_MS, now_ms))

    order_seats(open_ledger, order_of(0, START_MS, EVENING_MS))

    assert open_ledger.orders()[0].from_ms == now_ms
    assert open_ledger.seats_at(DINAS, now_ms - 1) > 0


@pytest.mark.parametrize("schema", [None, "1", f"{SCHEMA}0"])
def test_an_office_of_another_version_is_refused_in_a_sentence(ledger: Ledger, schema: str | None) -> None:
    """Whoever opens or joins it; nothing in it is read by rules that are not its own."""
    clock = ledger.prefix + "clock"
    if schema is None:
        redis_of(ledger.server).hdel(clock, "schema")
    else:
        ledger.server.hset(clock, "schema", schema)

    with pytest.raises(LedgerError, match="stored by another version of Lembur"):
        read_setup(ledger)


def test_a_scenario_that_this_version_cannot_read_is_refused_in_a_sentence(ledger: Ledger) -> None:
    """The sentence names the field, and it is no traceback."""
    office = ledger.office()
    office["scenario"]["stations"][0]["printers"] = "many"
    redis_of(ledger.server).set(ledger.prefix + "office", json.dumps(office))

    with pytest.raises(LedgerError, match=r"stored by another version.*printers"):
        read_setup(ledger)
