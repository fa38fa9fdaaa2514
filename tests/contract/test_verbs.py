"""What each verb of the ledger does, on Valkey and on Redis alike."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Priority, Status
from lembur.domain.errors import CardError, StockError
from lembur.domain.seats import CENTRE, SeatOrder, Step
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.counts import counters
from lembur.ledger.types import ClaimRefusal, Finding, Lot, Offer, SeatTable
from support.servers import redis_of
from support.small_office import HALL, WING, answered, claim, identity, opened, printed
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIONS = [HALL, WING]


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """A ledger nobody has opened; whatever a test did to it must add up."""
    with connect(server_url) as server:
        found = Ledger(server, office=office)
        yield found
        assert reconcile(found, STATIONS) == []


def statuses(ledger: Ledger) -> dict[Status, int]:
    """How many cards have each status, none left out that is zero."""
    return {status: count for status, count in ledger.counts().items() if count}


def test_an_identity_is_enrolled_once(ledger: Ledger) -> None:
    """The second time it is known, and nothing changes."""
    opened(ledger)

    first, _ = ledger.enrol([identity(1), identity(2)])
    second, wakes = ledger.enrol([identity(2), identity(3)])

    assert first == [CardId("00000001"), CardId("00000002")]
    assert second == [None, CardId("00000003")]
    assert wakes == {HALL: 1}
    assert statuses(ledger) == {Status.PRINT_READY_RECORD: 3}


def test_an_office_is_opened_once(ledger: Ledger) -> None:
    """Opening it again changes nothing and says so."""
    opened(ledger, blanks=5)

    assert not ledger.open(office={}, stations=[])
    assert queries.read_board(ledger, STATIONS).stations[0].stock.blank == 5


def test_class_goes_before_due_and_due_before_number(ledger: Ledger) -> None:
    """The ministry's order."""
    opened(ledger)
    ledger.enrol(
        [
            identity(1, due_ms=900),
            identity(2, due_ms=100),
            identity(3, due_ms=100),
            identity(4, due_ms=999, priority=Priority.FIRST_TIME),
        ]
    )

    offer = ledger.offer(HALL, most=10)

    assert isinstance(offer, Offer)
    assert [int(card) for card in offer.cards] == [4, 2, 3, 1]


def test_the_time_of_seats_and_lines_counts_in_the_hours_it_was_spent_in(ledger: Ledger) -> None:
    """An answer of two hours and a print of an hour and five minutes are told hour by hour."""
    opened(ledger)
    ledger.enrol([identity(1, first_issue=True, ready_ms=0), identity(2)])

    answered(ledger, claim(ledger, CENTRE, takes_ms=7_200_000))
    printed(ledger, claim(ledger, takes_ms=3_900_000))

    busy = {(where, hour): n for (what, where, hour), n in queries.tally(ledger).items() if what == "busy_ms"}
    assert busy == {
        (CENTRE, "0"): 3_600_000,
        (CENTRE, "1"): 3_600_000,
        (HALL, "0"): 3_600_000,
        (HALL, "1"): 300_000,
    }


def test_no_more_lots_in_hand_than_seats_are_open(ledger: Ledger) -> None:
    """The third of two seats is refused until one is free, and starts exactly when it is."""
    opened(ledger)
    ledger.enrol([identity(number) for number in range(5)])
    first, second = claim(ledger, takes_ms=100), claim(ledger, takes_ms=300)

    assert claim(ledger) is ClaimRefusal.NO_SEAT
    printed(ledger, first)
    third = claim(ledger)

    assert isinstance(third, Lot)
    assert isinstance(second, Lot)
    assert (second.start_ms, third.start_ms) == (0, 100)


def test_seats_open_and_close_at_the_moment(ledger: Ledger) -> None:
    """A stretch is half-open: at its end nothing starts, at the next one's beginning something does."""
    opened(ledger, steps=[Step(0, 0), Step(1_000, 1), Step(1_200, 0), Step(5_000, 1)])
    ledger.enrol([identity(number) for number in range(4)])
    starts = []
    for _ in range(4):
        lot = claim(ledger, takes_ms=100)
        printed(ledger, lot)
        assert isinstance(lot, Lot)
        starts.append(lot.start_ms)

    assert starts == [1_000, 1_100, 5_000, 5_100]


def test_a_seat_without_work_says_why(ledger: Ledger) -> None:
    """EMPTY, NO_BLANKS, NO_RIBBON and CLOSED each have their own word."""
    opened(ledger, steps=[Step(0, 1), Step(10_000, 0)], blanks=0, ribbon=0)
    assert claim(ledger) is ClaimRefusal.EMPTY
    ledger.enrol([identity(1)])
    assert claim(ledger) is ClaimRefusal.NO_BLANKS
    ledger.receive(HALL, blanks=2, ribbon_cards=0, minutes="1", by="Bu Sri")
    assert claim(ledger) is ClaimRefusal.NO_RIBBON
    ledger.receive(HALL, blanks=0, ribbon_cards=2, minutes="2", by="Bu Sri")
    ledger.set_clock(virtual_ms=20_000, speed=1e-6, ends_ms=10**9)
    ledger.enrol([identity(2, ready_ms=15_000)])
    printed(ledger, claim(ledger))
    assert claim(ledger) is ClaimRefusal.CLOSED


def test_a_closed_station_says_so(ledger: Ledger) -> None:
    """When nothing is open now and nothing may start before it opens."""
    opened(ledger, steps=[Step(0, 0), Step(50_000, 1)])
    ledger.set_clock(virtual_ms=1_000, speed=1e-6, ends_ms=10**9)
    ledger.enrol([identity(1)])

    assert claim(ledger) is ClaimRefusal.CLOSED


def test_nothing_starts_before_the_clock_is_set(ledger: Ledger) -> None:
    """A backlog enrolled before time begins waits."""
    opened(ledger, started=False)
    ledger.enrol([identity(1), identity(2, first_issue=True)])

    assert claim(ledger) is ClaimRefusal.EMPTY
    assert claim(ledger, CENTRE) is ClaimRefusal.EMPTY


def test_a_print_waits_for_what_may_still_come_before_it(ledger: Ledger) -> None:
    """BEHIND while the feed or the centre may send a card that belongs first; then the station is woken."""
    opened(ledger, fed_ms=50)
    ledger.enrol([identity(1, ready_ms=100), identity(2, ready_ms=10, first_issue=True)])

    assert claim(ledger) is ClaimRefusal.BEHIND
    ledger.advance([CENTRE, *STATIONS], fed_ms=1_000)
    assert claim(ledger) is ClaimRefusal.BEHIND
    lot = claim(ledger, CENTRE, takes_ms=500)
    assert isinstance(lot, Lot)
    first = claim(ledger)
    assert isinstance(first, Lot)
    printed(ledger, first)
    wakes = answered(ledger, lot)

    assert first.start_ms == 100
    assert wakes is not None
    assert wakes.get(HALL)
    second = claim(ledger)
    assert isinstance(second, Lot)
    assert second.start_ms == 510


def test_a_spoiled_card_comes_back_and_its_blank_does_not(ledger: Ledger) -> None:
    """It is ready again when the print ended."""
    opened(ledger, blanks=2)
    ledger.enrol([identity(1)])

    printed(ledger, claim(ledger), reason="damaged")
    again = claim(ledger)
    printed(ledger, again)
    stock = queries.read_board(ledger, STATIONS).stations[0].stock

    assert isinstance(again, Lot)
    assert again.start_ms == 100
    assert (stock.blank, stock.used, stock.spoiled, stock.reserved) == (0, 1, 1, 0)
    assert statuses(ledger) == {Status.CARD_PRINTED: 1}


def test_a_verdict_decides_where_a_card_goes(ledger: Ledger) -> None:
    """Print-ready to its station, any other to its shelf."""
    opened(ledger)
    ledger.enrol([identity(number, first_issue=True) for number in (1, 2)])

    answered(ledger, claim(ledger, CENTRE))
    answered(ledger, claim(ledger, CENTRE), Status.DUPLICATE_RECORD)

    assert statuses(ledger) == {Status.PRINT_READY_RECORD: 1, Status.DUPLICATE_RECORD: 1}


def test_an_abandoned_lot_leaves_no_trace_but_its_history(ledger: Ledger) -> None:
    """Card, blank and seat are as before."""
    opened(ledger)
    [number], _ = ledger.enrol([identity(1)])
    before = queries.read_board(ledger, STATIONS)
    lot = claim(ledger)
    assert isinstance(lot, Lot)

    ledger.abandon(lot)

    after = queries.read_board(ledger, STATIONS)
    assert number is not None
    assert replace(after, counts=before.counts) == before
    assert [moment.what for moment in queries.read_card(ledger, number).history].count("PRINT_READY_RECORD") == 2


def test_a_seat_that_lost_its_lot_can_change_nothing(ledger: Ledger) -> None:
    """After the lot was ended by another, each way of ending it answers None."""
    opened(ledger)
    ledger.enrol([identity(1)])
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.abandon(lot)
    other = claim(ledger)

    assert printed(ledger, lot) is None
    assert ledger.unconfirm(lot) is None
    assert printed(ledger, other) is not None
    assert statuses(ledger) == {Status.CARD_PRINTED: 1}


def test_a_lot_ends_where_it_is(ledger: Ledger) -> None:
    """What a printer says of a lot at the centre, or the centre of one in a printer, is refused and changes nothing."""
    opened(ledger)
    ledger.enrol([identity(1), identity(2, first_issue=True)])
    at_centre, in_print = claim(ledger, CENTRE), claim(ledger)
    assert isinstance(at_centre, Lot)
    assert isinstance(in_print, Lot)

    with pytest.raises(CardError, match="cannot end by 'commit'"):
        printed(ledger, at_centre)
    with pytest.raises(CardError, match="cannot end by 'unconfirm'"):
        ledger.unconfirm(at_centre)
    with pytest.raises(CardError, match="cannot end by 'answer'"):
        answered(ledger, in_print)
    assert answered(ledger, at_centre) is not None
    assert printed(ledger, in_print) is not None


def test_a_real_printer_is_known_by_its_prints(ledger: Ledger) -> None:
    """Good cards and spoiled blanks are counted by the printer that a commit names; a simulated print names none."""
    opened(ledger)
    ledger.enrol([identity(number) for number in range(3)])
    for printer, reason in (("card|1", ""), ("card|1", "jam"), ("", "")):
        lot = claim(ledger)
        assert isinstance(lot, Lot)
        ledger.commit(lot, reasons=[reason], ends_ms=lot.ends_ms, printer=printer)

    found = {name: count for name, count in counters(ledger).items() if name[0].startswith("printer_")}
    events = [
        json.loads(row["data"]) for _, row in redis_of(ledger.server).xrevrange(f"{ledger.prefix}events", count=8)
    ]

    assert found == {("printer_good", HALL, "card|1"): 1, ("printer_spoiled", HALL, "card|1"): 1}
    assert [event.get("printer") for event in events if "start" in event] == [None, "card|1", "card|1"]


def test_a_repeated_commit_is_answered_as_before(ledger: Ledger) -> None:
    """The network may repeat it; the blank is used once."""
    opened(ledger)
    ledger.enrol([identity(1), identity(2)])
    lot = claim(ledger)

    first, second = printed(ledger, lot), printed(ledger, lot)

    assert first == second
    assert queries.read_board(ledger, STATIONS).stations[0].stock.used == 1


def test_a_repeated_request_takes_effect_once(ledger: Ledger) -> None:
    """Any verb, by its token."""
    opened(ledger, blanks=0)
    given = {"station": HALL, "blank": 7, "ribbon": 0, "minutes": "1", "by": "Bu Sri", "reason": "minutes 1"}

    answers = [ledger._scripts.run_once("receive", "one", **given) for _ in range(2)]

    assert answers[0] == answers[1]
    assert queries.read_board(ledger, STATIONS).stations[0].stock.blank == 7


def test_a_stale_offer_is_answered_with_the_new_one(ledger: Ledger) -> None:
    """Two seats ask at once; the slower one gets the next card."""
    opened(ledger)
    ledger.enrol([identity(1), identity(2)])
    one = ledger.offer(HALL, most=1)
    other = ledger.offer(HALL, most=1)
    assert isinstance(one, Offer)
    assert isinstance(other, Offer)
    ledger.claim(one, ends_ms=[100], lease_ms=1_000)

    newer = ledger.claim(other, ends_ms=[100], lease_ms=1_000)

    assert isinstance(newer, Offer)
    assert newer.position == one.position + 1
    assert newer.cards != one.cards


def test_a_held_card_waits_for_its_release(ledger: Ledger) -> None:
    """It leaves the queue and comes back to where it waited; twice is refused."""
    opened(ledger)
    [number], _ = ledger.enrol([identity(1)])
    assert number is not None
    ledger.hold(number, by="Bu Sri", reason="a doubt")

    assert claim(ledger) is ClaimRefusal.EMPTY
    with pytest.raises(CardError, match="it cannot be held"):
        ledger.hold(number, by="Bu Sri", reason="again")
    ledger.release(number, by="Bu Sri", reason="settled")

    assert isinstance(claim(ledger), Lot)


def test_an_expedited_card_goes_first(ledger: Ledger) -> None:
    """Before all classes."""
    opened(ledger)
    numbers, _ = ledger.enrol([identity(1, priority=Priority.FIRST_TIME), identity(2)])
    assert numbers[1] is not None
    ledger.offer(HALL, most=1)
    ledger.expedite(numbers[1], by="Bu Sri", reason="a funeral")

    lot = claim(ledger)

    assert isinstance(lot, Lot)
    assert lot.cards == (numbers[1],)


@pytest.mark.parametrize(
    ("verdict", "status", "stock"),
    [
        (Finding.PRINTED, Status.CARD_PRINTED, (99, 1, 0)),
        (Finding.SPOILED, Status.PRINT_READY_RECORD, (99, 0, 1)),
        (Finding.UNTOUCHED, Status.PRINT_READY_RECORD, (100, 0, 0)),
    ],
)
def test_a_person_settles_what_no_printer_knows(
    ledger: Ledger, verdict: Finding, status: Status, stock: tuple[int, int, int]
) -> None:
    """The blank is accounted for either way, and once."""
    opened(ledger)
    [number], _ = ledger.enrol([identity(1)])
    lot = claim(ledger)
    assert number is not None
    assert isinstance(lot, Lot)
    ledger.unconfirm(lot)
    assert [card for card, _ in queries.unconfirmed_cards(ledger)] == [number]

    ledger.confirm(number, finding=verdict, by="Bu Sri")

    left = queries.read_board(ledger, STATIONS).stations[0].stock
    assert statuses(ledger) == {status: 1}
    assert (left.blank, left.used, left.spoiled) == stock
    assert queries.unconfirmed_cards(ledger) == []
    with pytest.raises(CardError, match="only another person"):
        ledger.confirm(number, finding=verdict, by="Bu Sri")


def test_stock_that_is_not_there_does_not_move(ledger: Ledger) -> None:
    """Neither away nor out of the world, nor by nothing."""
    opened(ledger, blanks=3)

    with pytest.raises(StockError, match="only 3 blanks"):
        ledger.destroy(HALL, blanks=4, minutes="1", by="Bu Sri")
    with pytest.raises(StockError, match="above zero"):
        ledger.receive(HALL, blanks=0, ribbon_cards=0, minutes="1", by="Bu Sri")
    ledger.transfer(HALL, to=WING, blanks=2, ribbon_cards=0, minutes="2", by="Bu Sri")

    assert [station.stock.blank for station in queries.read_board(ledger, STATIONS).stations] == [1, 12]


def test_a_promised_delivery_opens_work_at_its_time(ledger: Ledger) -> None:
    """Not before, and at a station that waits for it exactly then."""
    opened(ledger, blanks=1, promised=[{"at": 700, "blank": 5, "ribbon": 0}])
    ledger.enrol([identity(1), identity(2)])
    printed(ledger, claim(ledger))

    lot = claim(ledger)

    assert isinstance(lot, Lot)
    assert lot.start_ms == 700
    assert queries.read_board(ledger, STATIONS).stations[0].stock.received == 6


def test_an_order_changes_the_seats_and_ends_by_itself(ledger: Ledger) -> None:
    """The steps it leads to are in force at once; an order made from stale knowledge is not."""
    opened(ledger, steps=[Step(0, 1)])
    ledger.enrol([identity(number) for number in range(6)])
    order = SeatOrder(HALL, 3, 0, 200, "Bu Sri", "backlog")

    assert ledger.order([order], known=0, seats={HALL: SeatTable([Step(0, 3), Step(200, 1)])}) is not None
    assert ledger.order([order], known=0, seats={HALL: SeatTable([Step(0, 0)])}) is None
    lots = [claim(ledger, takes_ms=150) for _ in range(3)]
    for lot in lots:
        printed(ledger, lot)
    late = [claim(ledger, takes_ms=150) for _ in range(3)]

    assert ledger.orders() == [order]
    assert [lot.start_ms for lot in late if isinstance(lot, Lot)] == [150, 150, 150]
    for lot in late:
        printed(ledger, lot)
    assert ledger.seats_at(HALL, 199) == 3
    assert ledger.seats_at(HALL, 200) == 1


def test_enough_wake_ups_for_every_seat_and_no_storm(ledger: Ledger) -> None:
    """Many cards wake as many seats as are free; more cards wake nobody more."""
    opened(ledger)

    _, first = ledger.enrol([identity(number) for number in range(50)])
    _, second = ledger.enrol([identity(number) for number in range(50, 100)])

    assert first == {HALL: 3}
    assert second == {}


def test_lost_wake_ups_are_sent_again(ledger: Ledger) -> None:
    """A wake-up is lost when nobody heard it between two looks."""
    opened(ledger)
    ledger.enrol([identity(number) for number in range(5)])

    assert ledger.resend_wakeups(STATIONS, silence_ms=-1) == ({}, 0)
    assert ledger.resend_wakeups(STATIONS, silence_ms=60_000) == ({}, 0)
    assert ledger.resend_wakeups(STATIONS, silence_ms=-1) == ({HALL: 3}, 3)


def test_a_wake_up_is_not_lost_because_another_one_is(ledger: Ledger) -> None:
    """Two of three messages are heard, then one more is sent: only the one that is missing is sent again."""
    opened(ledger, steps=[Step(0, 3)])
    ledger.enrol([identity(number) for number in range(5)])
    ledger.resend_wakeups(STATIONS, silence_ms=-1)
    lots = [claim(ledger, takes_ms=1_000) for _ in range(2)]
    assert all(isinstance(lot, Lot) for lot in lots)

    assert ledger.resend_wakeups(STATIONS, silence_ms=-1) == ({HALL: 1}, 1)


def test_an_expired_lease_is_found(ledger: Ledger) -> None:
    """With what the lot was, so that the printer can be asked."""
    opened(ledger)
    ledger.enrol([identity(1)])
    offer = ledger.offer(HALL, most=1)
    assert isinstance(offer, Offer)
    lot = ledger.claim(offer, ends_ms=[100], lease_ms=-1)
    assert isinstance(lot, Lot)

    [found] = ledger.expired_lots(STATIONS)

    assert (found.name, found.station, found.cards, found.ends_ms) == (lot.name, HALL, lot.cards, (100,))


def test_idle_time_is_jumped_over_but_not_a_lot_in_hand(ledger: Ledger) -> None:
    """The next arrival, timer or end of a lot is as far as time may jump."""
    opened(ledger)
    ledger.set_clock(virtual_ms=0, speed=1e-6, ends_ms=10**9)
    places = [CENTRE, *STATIONS]

    # Who was heard a moment ago may be about to claim, so the first beats do not jump.
    eventually(lambda: ledger.advance(places, fed_ms=10, coming_ms=800_000, jump_ms=1_000).now_ms > 0)

    assert ledger.time()[0] == 799_500
    ledger.enrol([identity(1, ready_ms=799_500)])
    ledger.advance(places, fed_ms=10**6)
    lot = claim(ledger, takes_ms=5_000)
    assert isinstance(lot, Lot)
    assert ledger.advance(places, fed_ms=10**6, jump_ms=1).next_ms == lot.ends_ms[-1]


def test_when_a_worker_was_seen_is_told_by_the_servers_clock(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose own clock is off by years counts as seen just now: a run would else wait for it in vain."""
    opened(ledger)
    before_ms = ledger.real_ms()
    monkeypatch.setattr(time, "time", lambda: 0.0)

    ledger.send_heartbeat("print@hall")

    assert before_ms <= ledger.last_seen()["print@hall"] <= ledger.real_ms()


def test_the_feed_is_told_of_cards_that_wait(ledger: Ledger) -> None:
    """Nothing is in hand, nothing is coming, and yet it is not over: whoever was woken for the card may have died."""
    opened(ledger)
    ledger.enrol([identity(1)])
    ledger.offer(HALL, most=1)
    assert [(pulse.busy, pulse.waiting) for pulse in [ledger.advance(STATIONS)]] == [(1, 1)]

    claim(ledger)

    assert [(pulse.busy, pulse.waiting) for pulse in [ledger.advance(STATIONS)]] == [(1, 0)]
