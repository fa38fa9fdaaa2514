"""Wake-ups: every seat that can work is woken when it can; chains without work die, and none is lost for good."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import Status
from lembur.domain.seats import CENTRE, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.types import ClaimRefusal, Lot, Offer
from support.small_office import HALL, WING, answered, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.ledger.types import Wakes

ENDS_MS = 10**9
STILL = 1e-6
"""A speed at which the clock stands where a test puts it."""


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """A ledger nobody has opened; whatever a test did to it must add up."""
    with connect(server_url) as server:
        found = Ledger(server, office=office)
        yield found
        assert reconcile(found, [HALL, WING]) == []


def at(ledger: Ledger, now_ms: int) -> None:
    """Put the clock to a moment."""
    ledger.set_clock(virtual_ms=now_ms, speed=STILL, ends_ms=ENDS_MS)


def rung(ledger: Ledger, now_ms: int) -> Wakes:
    """Return who is woken when the timers fire at a moment."""
    at(ledger, now_ms)
    return ledger.advance([CENTRE, HALL, WING]).wakes


def test_seats_that_open_while_the_others_are_busy_are_woken_then(ledger: Ledger) -> None:
    """One seat prints from 0 to 5,000; two more open at 1,000, and must not wait for it."""
    opened(ledger, steps=[Step(0, 1), Step(1_000, 3)])
    at(ledger, 0)
    ledger.enrol([identity(number) for number in range(5)])
    claim(ledger, takes_ms=5_000)

    assert rung(ledger, 999) == {}
    assert rung(ledger, 1_000) == {HALL: 2}
    assert [getattr(claim(ledger), "start_ms", None) for _ in range(2)] == [1_000, 1_000]


def test_a_station_opens_with_as_many_wake_ups_as_seats(ledger: Ledger) -> None:
    """Asked before it opens it says so, and is woken at that moment."""
    opened(ledger, steps=[Step(0, 0), Step(8_000, 2)])
    at(ledger, 0)
    ledger.enrol([identity(number) for number in range(5)])
    assert claim(ledger) is ClaimRefusal.CLOSED

    assert rung(ledger, 7_999) == {}
    assert rung(ledger, 8_000) == {HALL: 2}


def test_a_card_that_comes_later_wakes_its_station_then(ledger: Ledger) -> None:
    """Enrolled ahead of its time it wakes nobody before."""
    opened(ledger)
    at(ledger, 0)

    _, wakes = ledger.enrol([identity(1, ready_ms=400), identity(2, ready_ms=600)])

    assert wakes == {}
    assert rung(ledger, 400) == {HALL: 1}
    assert isinstance(claim(ledger, takes_ms=1_000), Lot)
    assert rung(ledger, 599) == {}
    assert rung(ledger, 600) == {HALL: 1}


def test_a_card_held_at_the_centre_no_longer_keeps_a_printer_waiting(ledger: Ledger) -> None:
    """The station that was behind it is woken."""
    opened(ledger)
    numbers, _ = ledger.enrol([identity(1, ready_ms=100), identity(2, ready_ms=10, first_issue=True)])
    assert numbers[1] is not None
    assert claim(ledger) is ClaimRefusal.BEHIND

    wakes = ledger.hold(numbers[1], by="Bu Sri", reason="a doubt")

    assert wakes == {HALL: 1}
    assert isinstance(claim(ledger), Lot)


def test_chains_without_work_die_and_a_commit_wakes_all_who_can_work(ledger: Ledger) -> None:
    """Three messages, one card: two find nothing; when it spoils, its seat is woken once."""
    opened(ledger)
    ledger.enrol([identity(1)])
    lot = claim(ledger)
    assert [claim(ledger) for _ in range(2)] == [ClaimRefusal.EMPTY, ClaimRefusal.EMPTY]

    assert printed(ledger, lot, reason="damaged") == {HALL: 1}
    assert printed(ledger, claim(ledger)) == {}


def test_at_full_speed_a_lot_of_cards_needs_one_wake_up(ledger: Ledger) -> None:
    """A seat takes all cards that its lot can hold, so other seats would find nothing."""
    opened(ledger, steps=[Step(0, 3)])
    ledger.enrol([identity(0)])
    assert printed(ledger, claim(ledger, most=3)) == {}

    assert ledger.enrol([identity(number) for number in (1, 2, 3)])[1] == {HALL: 1}
    assert ledger.enrol([identity(4)])[1] == {HALL: 1}
    lot = claim(ledger, most=3)
    assert isinstance(lot, Lot)
    assert len(lot.cards) == 3


def test_at_a_given_speed_each_seat_is_woken(ledger: Ledger) -> None:
    """A lot takes its time there, so cards do not wait for one seat while another is idle."""
    opened(ledger, steps=[Step(0, 3)])
    at(ledger, 0)
    ledger.enrol([identity(0)])
    assert printed(ledger, claim(ledger, most=3)) == {}

    assert ledger.enrol([identity(number) for number in (1, 2, 3)])[1] == {HALL: 3}


def test_doubled_messages_do_no_harm(ledger: Ledger) -> None:
    """Each card is enough for one wake-up; ten messages start no more lots than there are cards and seats."""
    opened(ledger)
    ledger.enrol([identity(number) for number in range(3)])

    said = [claim(ledger, takes_ms=1_000) for _ in range(10)]

    assert sum(isinstance(one, Lot) for one in said) == 2
    assert set(said[2:]) == {ClaimRefusal.NO_SEAT}


def test_the_centre_wakes_the_stations_of_its_answers(ledger: Ledger) -> None:
    """Each station once for each card it can take now; no card starts before the last of equal answers is there."""
    opened(ledger)
    ledger.enrol([identity(1, first_issue=True), identity(2, first_issue=True, station=WING)])
    lots = [claim(ledger, CENTRE) for _ in range(2)]

    assert [answered(ledger, lot) for lot in lots] == [{}, {HALL: 1, WING: 1}]


@pytest.mark.parametrize("opens", ["receive", "transfer"])
def test_blanks_wake_a_station_that_waited_for_them(ledger: Ledger, opens: str) -> None:
    """As many seats as can work."""
    opened(ledger, blanks=0)
    ledger.enrol([identity(number) for number in range(5)])
    assert [claim(ledger) for _ in range(3)] == [ClaimRefusal.NO_BLANKS] * 3

    if opens == "receive":
        wakes = ledger.receive(HALL, blanks=4, ribbon_cards=0, minutes="1", by="Bu Sri")
    else:
        wakes = ledger.transfer(WING, to=HALL, blanks=4, ribbon_cards=0, minutes="1", by="Bu Sri")

    assert wakes == {HALL: 3}


def test_promised_blanks_wake_a_station_at_their_time(ledger: Ledger) -> None:
    """Not before; the printers know at which moment."""
    opened(ledger, blanks=0, promised=[{"at": 700, "blank": 5, "ribbon": 0}])
    at(ledger, 0)
    ledger.enrol([identity(number) for number in range(5)])
    assert claim(ledger) is ClaimRefusal.NO_BLANKS

    assert rung(ledger, 699) == {}
    assert rung(ledger, 700) == {HALL: 2}
    assert isinstance(claim(ledger), Lot)


def test_a_seat_that_is_about_to_claim_gets_no_second_wake_up(ledger: Ledger) -> None:
    """Between offer and claim the seat is idle and its message is heard: whoever looks then sends nothing more."""
    opened(ledger)
    at(ledger, 0)
    _, wakes = ledger.enrol([identity(number) for number in range(5)])
    assert wakes == {HALL: 2}
    offers = [ledger.offer(HALL, most=1) for _ in range(2)]
    assert all(isinstance(offer, Offer) for offer in offers)

    assert rung(ledger, 1) == {}
    assert ledger.resend_wakeups([HALL], silence_ms=-1) == ({}, 0)
    assert ledger.enrol([identity(9)])[1] == {}


def test_a_seat_that_died_before_it_claimed_is_woken_again(ledger: Ledger) -> None:
    """Its message was heard and no lot came of it: two looks later it is lost."""
    opened(ledger)
    at(ledger, 0)
    ledger.enrol([identity(1)])
    assert isinstance(ledger.offer(HALL, most=1), Offer)

    assert ledger.resend_wakeups([HALL], silence_ms=-1) == ({}, 0)
    assert ledger.resend_wakeups([HALL], silence_ms=-1) == ({HALL: 1}, 1)


@pytest.mark.parametrize("looks", [1, 20])
def test_a_busy_station_gets_no_wake_up(ledger: Ledger, looks: int) -> None:
    """All seats print and cards wait: neither the sweep nor the clock sends a message, however often they look."""
    opened(ledger)
    at(ledger, 0)
    ledger.enrol([identity(number) for number in range(9)])
    lots = [claim(ledger, takes_ms=90_000) for _ in range(2)]

    for _ in range(looks):
        assert ledger.resend_wakeups([CENTRE, HALL, WING], silence_ms=-1) == ({}, 0)
    assert rung(ledger, 89_999) == {}
    assert rung(ledger, 90_000) == {}  # the end of a lot wakes its seat
    assert [printed(ledger, lot) for lot in lots] == [{}, {HALL: 2}]


def test_a_seat_that_was_free_after_the_next_end_is_not_woken(ledger: Ledger) -> None:
    """The run is behind: three ends are over. A card that the first one spoils would come before the next start."""
    opened(ledger, steps=[Step(0, 3)])
    at(ledger, 0)
    ledger.enrol([identity(number) for number in range(9)])
    first, third, second = (claim(ledger, takes_ms=takes_ms) for takes_ms in (1_000, 3_000, 2_000))
    at(ledger, 60_000)

    assert printed(ledger, third) == {}
    assert printed(ledger, first) == {HALL: 1}  # two seats are idle, and one knows its start
    assert printed(ledger, second) == {HALL: 2}
    starts = [getattr(claim(ledger, takes_ms=90_000), "start_ms", None) for _ in range(3)]
    assert starts == [1_000, 2_000, 3_000]


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_behind_needs_one_wake_up_a_card(ledger: Ledger, seed: int) -> None:
    """All lots are over before they are claimed, and their ends come in any order: hardly a wake-up finds no card."""
    seats, cards, random = 25, 500, Random(seed)  # noqa: S311 - an order, not a secret
    opened(ledger, steps=[Step(0, seats)], printers=seats, blanks=cards)
    at(ledger, 0)
    wakes = ledger.enrol([identity(number) for number in range(cards)])[1]
    at(ledger, ENDS_MS - 1)
    waiting, lots, delivered, refused = wakes.get(HALL, 0), list[Lot](), 0, 0
    while waiting or lots:
        if waiting and random.random() < 0.5:
            waiting, delivered = waiting - 1, delivered + 1
            lot = claim(ledger, takes_ms=random.randrange(60_000, 180_000))
            if isinstance(lot, Lot):
                lots.append(lot)
            else:
                refused += 1
        elif lots:
            waiting += (printed(ledger, lots.pop(random.randrange(len(lots)))) or {}).get(HALL, 0)

    assert ledger.counts()[Status.CARD_PRINTED] == cards
    assert delivered - refused == cards
    assert refused <= 0.08 * cards


def test_a_feed_that_stops_fires_no_timer(ledger: Ledger) -> None:
    """Nobody would send its wake-ups, so they are left to those who look next."""
    opened(ledger, steps=[Step(1_000, 2)])
    at(ledger, 0)
    ledger.enrol([identity(number) for number in range(5)])
    ledger.set_clock(virtual_ms=1_000, speed=STILL, ends_ms=ENDS_MS, keeper="feed")

    ledger.stop_clock(keeper="feed")

    at(ledger, 1_000)
    assert ledger.advance([CENTRE, HALL, WING]).wakes == {HALL: 2}


@pytest.mark.parametrize("missing", ["seats", "blanks", "ribbon", "cards"])
def test_a_station_that_can_start_nothing_gets_no_wake_up(ledger: Ledger, missing: str) -> None:
    """Without an open seat, a blank, ribbon or a card a message would find nothing to do."""
    opened(
        ledger,
        steps=[Step(0, 0 if missing == "seats" else 2)],
        blanks=0 if missing == "blanks" else 9,
        ribbon=0 if missing == "ribbon" else 9,
    )
    at(ledger, 0)

    _, wakes = ledger.enrol([] if missing == "cards" else [identity(1)])

    assert wakes == {}
    for _ in range(3):
        assert ledger.resend_wakeups([CENTRE, HALL, WING], silence_ms=-1) == ({}, 0)
