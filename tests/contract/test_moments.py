"""When a card may start: never before it is ready, its blank is there and its seat is free, whatever else happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import Priority
from lembur.domain.seats import CENTRE, SeatOrder, Step
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.types import ClaimRefusal, Finding, Lot, Offer, SeatTable, StationSetup
from support.small_office import HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """A ledger nobody has opened; whatever a test did to it must add up."""
    with connect(server_url) as server:
        found = Ledger(server, office=office)
        yield found
        assert reconcile(found, [HALL, WING]) == []


def taken(ledger: Ledger) -> Lot:
    """The next lot, which there must be."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    return lot


def later(ledger: Ledger, now_ms: int) -> None:
    """Let the clock stand at a moment, nearly still: at full speed time would be what has been done."""
    ledger.set_clock(virtual_ms=now_ms, speed=1e-6, ends_ms=10**9)


def test_a_seat_free_again_sooner_starts_nobody_who_is_not_ready(ledger: Ledger) -> None:
    """A refused seat has looked as far as 100; the lot given up then frees the seat at 0, and who comes at 90 waits."""
    opened(ledger, steps=[Step(0, 1)])
    ledger.enrol([identity(1), identity(2, ready_ms=90, priority=Priority.FIRST_TIME)])
    lot = taken(ledger)
    assert claim(ledger) is ClaimRefusal.NO_SEAT

    ledger.abandon(lot)

    again, other = taken(ledger), claim(ledger)
    assert (again.cards, again.start_ms) == (lot.cards, 0)
    assert other is ClaimRefusal.NO_SEAT


def test_nothing_starts_before_the_feed_said_how_far_it_is(ledger: Ledger) -> None:
    """Time has begun and the backlog is in, but who comes at 10 may be on the way: he goes before who comes at 100."""
    ledger.open(
        office={},
        stations=[
            StationSetup(CENTRE, 1, [Step(0, 1)]),
            StationSetup(HALL, 1, [Step(0, 1)], blanks=9, ribbon_cards=9),
            StationSetup(WING, 1, [Step(0, 1)]),
        ],
    )
    ledger.set_clock(virtual_ms=0, speed=0, ends_ms=10**9)
    ledger.enrol([identity(1, ready_ms=100)])
    assert claim(ledger) is ClaimRefusal.BEHIND

    ledger.enrol([identity(2, ready_ms=10)])
    ledger.advance([CENTRE, HALL, WING], fed_ms=1_000)

    assert taken(ledger).start_ms == 10


def test_two_equal_deliveries_are_two(ledger: Ledger) -> None:
    """Of the same size, to the same station, at the same time."""
    opened(ledger, blanks=0, promised=[{"at": 700, "blank": 5, "ribbon": 0}] * 2)
    ledger.enrol([identity(1)])

    assert taken(ledger).start_ms == 700
    assert queries.read_board(ledger, [HALL]).stations[0].stock.received == 10


def test_a_delivery_prints_nothing_that_starts_before_it(ledger: Ledger) -> None:
    """A refused seat has looked as far as 1,000; of three who come at 600 two have blanks, the third waits for 700."""
    opened(ledger, blanks=2, promised=[{"at": 700, "blank": 5, "ribbon": 0}], fed_ms=500)
    ledger.enrol([identity(1, ready_ms=1_000)])
    assert claim(ledger) is ClaimRefusal.BEHIND

    ledger.enrol([identity(number, ready_ms=600) for number in (2, 3, 4)])
    ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)

    lots = [claim(ledger, takes_ms=10) for _ in range(2)]
    for lot in lots:
        printed(ledger, lot)
    lots.append(claim(ledger))
    assert [lot.start_ms for lot in lots if isinstance(lot, Lot)] == [600, 600, 700]


def test_a_ribbon_without_a_blank_is_waited_for_on(ledger: Ledger) -> None:
    """The shelf is empty; a ribbon comes at 300 and blanks at 700: the print starts then, by one question."""
    promised = [{"at": 300, "blank": 0, "ribbon": 5}, {"at": 700, "blank": 5, "ribbon": 0}]
    opened(ledger, blanks=0, ribbon=0, promised=promised)
    ledger.enrol([identity(1)])

    assert taken(ledger).start_ms == 700


def test_an_offer_made_before_the_seats_changed_no_longer_holds(ledger: Ledger) -> None:
    """Three prints were planned up to 300; meanwhile the station closes at 150: two are what may start."""
    opened(ledger, steps=[Step(0, 1)])
    ledger.enrol([identity(number) for number in range(3)])
    offer = ledger.offer(HALL, most=3)
    assert isinstance(offer, Offer)
    order = SeatOrder(HALL, 0, 150, 10**6, "Bu Sri", "power cut")
    ledger.order([order], known=0, seats={HALL: SeatTable([Step(0, 1), Step(150, 0)])})

    newer = ledger.claim(offer, ends_ms=[100, 200, 300], lease_ms=60_000)

    assert isinstance(newer, Offer)
    assert newer.until_ms == 150
    assert isinstance(ledger.claim(newer, ends_ms=[100, 200], lease_ms=60_000), Lot)


def test_a_blank_found_untouched_prints_nothing_before_it_was_found(ledger: Ledger) -> None:
    """The last blank was in doubt until 5,000: who waited for it starts then."""
    opened(ledger, steps=[Step(0, 1)], blanks=1)
    ledger.enrol([identity(1), identity(2)])
    lot = taken(ledger)
    ledger.unconfirm(lot)
    assert claim(ledger) is ClaimRefusal.NO_BLANKS
    ledger.set_clock(virtual_ms=5_000, speed=0, ends_ms=10**9)

    ledger.confirm(lot.cards[0], finding=Finding.UNTOUCHED, by="Bu Sri")

    assert taken(ledger).start_ms == 5_000


def test_the_next_offer_is_as_large_as_the_first(ledger: Ledger) -> None:
    """A seat asked for three when one was there; another took that one: it is offered the three that came since."""
    opened(ledger)
    ledger.enrol([identity(0)])
    offer = ledger.offer(HALL, most=3)
    assert isinstance(offer, Offer)
    taken(ledger)
    ledger.enrol([identity(number) for number in range(1, 5)])

    newer = ledger.claim(offer, ends_ms=[100], lease_ms=60_000)

    assert isinstance(newer, Offer)
    assert len(newer.cards) == 3


def test_a_print_in_doubt_kept_its_seat(ledger: Ledger) -> None:
    """The one seat may have printed from 0 to 100: the next card starts at 100."""
    opened(ledger, steps=[Step(0, 1)])
    ledger.enrol([identity(1), identity(2)])

    ledger.unconfirm(taken(ledger))

    assert taken(ledger).start_ms == 100


def test_a_print_in_doubt_that_nobody_timed_frees_its_seat_now(ledger: Ledger) -> None:
    """A real printer's end is not known before; its seat is free from the moment it was given up."""
    opened(ledger, steps=[Step(0, 1)])
    ledger.enrol([identity(1), identity(2)])
    offer = ledger.offer(HALL, most=1)
    assert isinstance(offer, Offer)
    lot = ledger.claim(offer, ends_ms=[NEVER_MS], lease_ms=60_000)
    assert isinstance(lot, Lot)
    later(ledger, 5_000)

    ledger.unconfirm(lot)

    assert taken(ledger).start_ms == 5_000


def test_a_print_in_doubt_waits_for_a_person_and_its_seat_does_not(ledger: Ledger) -> None:
    """Given up at 5,000, long after its planned end: until then nobody else was in the seat, then the next is."""
    opened(ledger, steps=[Step(0, 1)])
    [number, _], _ = ledger.enrol([identity(1), identity(2)])
    lot = taken(ledger)
    later(ledger, 5_000)

    ledger.unconfirm(lot)

    assert taken(ledger).start_ms == 5_000
    assert queries.unconfirmed_cards(ledger) == [(number, 5_000)]


def test_a_lot_given_up_starts_again_when_it_was_given_up(ledger: Ledger) -> None:
    """Its worker died at 10 and was found dead at 5,000: nothing starts at an hour that is over."""
    opened(ledger, steps=[Step(0, 1)])
    [number, _], _ = ledger.enrol([identity(1, priority=Priority.FIRST_TIME), identity(2)])
    assert number is not None
    lot = taken(ledger)
    later(ledger, 5_000)

    ledger.abandon(lot)

    again = taken(ledger)
    assert (again.cards, again.start_ms) == ((number,), 5_000)
    times = [moment.at_ms for moment in queries.read_card(ledger, number).history]
    assert times == sorted(times)


def test_a_lot_given_up_after_closing_waits_for_the_next_opening(ledger: Ledger) -> None:
    """Taken while the station was open, given up while it is closed: it may not print at an hour nobody is there."""
    opened(ledger, steps=[Step(0, 1), Step(1_000, 0), Step(9_000, 1)])
    ledger.enrol([identity(1)])
    lot = taken(ledger)
    later(ledger, 5_000)

    ledger.abandon(lot)

    assert claim(ledger) is ClaimRefusal.CLOSED
    later(ledger, 9_000)
    assert taken(ledger).start_ms == 9_000


@pytest.mark.parametrize("first_issue", [False, True])
def test_a_card_held_before_its_time_is_not_ready_before_it_either(ledger: Ledger, *, first_issue: bool) -> None:
    """Enrolled ahead for 5,000, held and released at 1,000: it is ready at 5,000; released at 7,000, then."""
    opened(ledger)
    numbers, _ = ledger.enrol([identity(n, ready_ms=5_000, first_issue=first_issue) for n in (1, 2)])
    one, other = [number for number in numbers if number is not None]
    station = CENTRE if first_issue else HALL
    later(ledger, 1_000)
    for number in (one, other):
        ledger.hold(number, by="Bu Sri", reason="a doubt")

    ledger.release(one, by="Bu Sri", reason="settled")

    assert claim(ledger, station) is ClaimRefusal.EMPTY
    later(ledger, 7_000)
    ledger.release(other, by="Bu Sri", reason="settled")
    lots = [claim(ledger, station, takes_ms=9_000) for _ in range(2)]
    assert [(lot.cards, lot.start_ms) for lot in lots if isinstance(lot, Lot)] == [((one,), 5_000), ((other,), 7_000)]
