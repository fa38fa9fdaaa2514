"""What people do: each act has its person and its reason, happens once, and stays in one log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.errors import CardError, LemburError, OrderError, StockError
from lembur.domain.seats import SeatOrder, StationCode, Step
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.types import ClaimRefusal, Finding, Lot, SeatTable
from support.servers import redis_of
from support.small_office import ENDS_MS, HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATIONS = [HALL, WING]


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give the small office with three cards at the hall."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office))
        found.enrol([identity(number) for number in range(1, 4)])
        yield found


NOWHERE = StationCode("nowhere")
FIRST, SECOND = CardId("00000001"), CardId("00000002")


def order_of(seats: int, from_ms: int, until_ms: int, *, by: str = "Bu Sri", reason: str = "a backlog") -> SeatOrder:
    """Return an order for the hall."""
    return SeatOrder(HALL, seats, from_ms, until_ms, by, reason)


def give(ledger: Ledger, order: SeatOrder, *, reference: str = "") -> object:
    """Give one order; the steps are those of the order alone."""
    seats = {HALL: SeatTable([Step(0, 1), Step(order.from_ms, order.seats), Step(order.until_ms, 1)])}
    return ledger.order([order], known=len(ledger.orders()), seats=seats, reference=reference)


ACTS: dict[str, Callable[[Ledger, str, str], object]] = {
    "hold": lambda ledger, by, reason: ledger.hold(FIRST, by=by, reason=reason),
    "release": lambda ledger, by, reason: ledger.release(FIRST, by=by, reason=reason),
    "expedite": lambda ledger, by, reason: ledger.expedite(FIRST, by=by, reason=reason),
    "receive": lambda ledger, by, minutes: ledger.receive(HALL, blanks=1, ribbon_cards=0, minutes=minutes, by=by),
    "transfer": lambda ledger, by, minutes: ledger.transfer(
        HALL, to=WING, blanks=1, ribbon_cards=0, minutes=minutes, by=by
    ),
    "destroy": lambda ledger, by, minutes: ledger.destroy(HALL, blanks=1, minutes=minutes, by=by),
    "order": lambda ledger, by, reason: give(ledger, order_of(2, 0, 100, by=by, reason=reason)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("by", "reason"), [("", "a reason"), ("Bu Sri", ""), (" ", "a reason"), ("Bu Sri", "\t")])
def test_no_act_is_without_its_person_and_reason(ledger: Ledger, act: str, by: str, reason: str) -> None:
    """An empty name or reason is refused, and nothing is changed."""
    with pytest.raises(LemburError, match="may not be empty"):
        ACTS[act](ledger, by, reason)

    assert read_actions(ledger) == []
    assert ledger.counts() == {Status.PRINT_READY_RECORD: 3}


def test_a_finding_has_its_person(ledger: Ledger) -> None:
    """Nobody settles a card without a name."""
    card = unconfirmed_card(ledger)

    with pytest.raises(CardError, match="who looked at the printer"):
        ledger.confirm(card, finding=Finding.PRINTED, by="  ")


def test_everything_people_did_stands_in_one_log(ledger: Ledger) -> None:
    """In the order done, with who, why and when, and the minutes' number as it was typed."""
    ledger.hold(FIRST, by="Bu Sri", reason="data [b]in doubt[/b]")
    ledger.release(FIRST, by="Pak Budi", reason="settled")
    ledger.expedite(SECOND, by="Bu Sri", reason="a funeral")
    ledger.receive(HALL, blanks=5, ribbon_cards=2, minutes="BA-7/2016", by="Bu Sri")
    ledger.transfer(HALL, to=WING, blanks=1, ribbon_cards=0, minutes="BA-8", by="Bu Sri")
    ledger.destroy(HALL, blanks=1, minutes="BA-9", by="Bu Sri")
    give(ledger, order_of(2, 50, 200))
    card = unconfirmed_card(ledger)
    ledger.confirm(card, finding=Finding.PRINTED, by="Bu Sri")
    ledger.confirm(card, finding=Finding.SPOILED, by="Pak Budi")

    log = read_actions(ledger)

    assert [act.what for act in log] == [
        *("hold", "release", "expedite", "receive", "transfer", "destroy", "order", "confirm", "correct"),
    ]
    assert {act.by for act in log} == {"Bu Sri", "Pak Budi"}
    assert log[0].reason == "data [b]in doubt[/b]"
    assert log[0].details == {"card": FIRST}
    assert log[3].details == {"station": HALL, "blanks": 5, "ribbon_cards": 2, "minutes": "BA-7/2016"}
    assert log[6].details == {"station": HALL, "seats": 2, "from": 50, "until": 200, "cancels": 0}
    assert log[8].details == {"card": card, "finding": "spoiled", "corrects": "printed"}
    assert [act.real_ms for act in log] == sorted(act.real_ms for act in log)
    assert log[0].real_ms > 1_400_000_000_000


@pytest.mark.parametrize("again", ["BA-7", " ba-7 "])
def test_minutes_are_booked_once(ledger: Ledger, again: str) -> None:
    """The same number is refused for whatever movement, and the sentence shows what it was used for."""
    ledger.receive(HALL, blanks=5, ribbon_cards=0, minutes="BA-7", by="Bu Sri")
    before = queries.read_board(ledger, STATIONS)

    with pytest.raises(StockError, match="booked already: 5 blanks received at hall by Bu Sri"):
        ledger.receive(HALL, blanks=5, ribbon_cards=0, minutes=again, by="Pak Budi")
    with pytest.raises(StockError, match="booked already"):
        ledger.transfer(HALL, to=WING, blanks=1, ribbon_cards=0, minutes=again, by="Bu Sri")
    with pytest.raises(StockError, match="booked already"):
        ledger.destroy(WING, blanks=1, minutes=again, by="Bu Sri")

    assert queries.read_board(ledger, STATIONS) == before
    assert len(read_actions(ledger)) == 1


def test_minutes_of_a_refused_movement_may_be_used(ledger: Ledger) -> None:
    """A movement that failed for want of blanks has booked nothing."""
    with pytest.raises(StockError, match="on the shelf"):
        ledger.destroy(WING, blanks=11, minutes="BA-1", by="Bu Sri")

    ledger.destroy(WING, blanks=10, minutes="BA-1", by="Bu Sri")

    assert [act.what for act in read_actions(ledger)] == ["destroy"]


def test_stock_moves_between_two_known_stations(ledger: Ledger) -> None:
    """A transfer to the same station, and a station that does not exist, are refused."""
    with pytest.raises(StockError, match="to itself"):
        ledger.transfer(HALL, to=HALL, blanks=1, ribbon_cards=0, minutes="1", by="Bu Sri")
    with pytest.raises(StockError, match="no station 'nowhere'"):
        ledger.receive(NOWHERE, blanks=1, ribbon_cards=0, minutes="1", by="Bu Sri")
    with pytest.raises(StockError, match="no station 'nowhere'"):
        ledger.transfer(HALL, to=NOWHERE, blanks=1, ribbon_cards=0, minutes="1", by="Bu Sri")
    with pytest.raises(StockError, match="no station 'nowhere'"):
        ledger.destroy(NOWHERE, blanks=1, minutes="1", by="Bu Sri")

    assert read_actions(ledger) == []
    assert reconcile(ledger, STATIONS) == []


@pytest.mark.parametrize(("blanks", "ribbon_cards"), [(10**6 + 1, 0), (1, 10**6 + 1), (10**18, 0)])
def test_no_shelf_holds_more_than_a_city_has_people(ledger: Ledger, blanks: int, ribbon_cards: int) -> None:
    """A number with a zero too many is refused, before it is on the shelf."""
    with pytest.raises(StockError, match="more than any shelf holds"):
        ledger.receive(HALL, blanks=blanks, ribbon_cards=ribbon_cards, minutes="1", by="Bu Sri")
    ledger.receive(HALL, blanks=10**6, ribbon_cards=0, minutes="1", by="Bu Sri")


def unconfirmed_card(ledger: Ledger) -> CardId:
    """Return a card whose printer gave no answer."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.unconfirm(lot)
    return lot.cards[0]


def stock_of_hall(ledger: Ledger) -> tuple[int, int, int, int]:
    """Return the hall's blanks: on the shelf, reserved, used and spoiled."""
    stock = queries.read_board(ledger, STATIONS).stations[0].stock
    return stock.blank, stock.reserved, stock.used, stock.spoiled


STATUS = {
    Finding.PRINTED: Status.CARD_PRINTED,
    Finding.SPOILED: Status.PRINT_READY_RECORD,
    Finding.UNTOUCHED: Status.PRINT_READY_RECORD,
}
STOCK = {Finding.PRINTED: (99, 0, 1, 0), Finding.SPOILED: (99, 0, 0, 1), Finding.UNTOUCHED: (100, 0, 0, 0)}


@pytest.mark.parametrize("wrong", Finding)
@pytest.mark.parametrize("right", Finding)
def test_a_wrong_finding_is_corrected_by_a_second_person(ledger: Ledger, wrong: Finding, right: Finding) -> None:
    """The office is as if the right finding had been the first, and the card's history keeps both."""
    if wrong is right:
        return
    card = unconfirmed_card(ledger)
    ledger.confirm(card, finding=wrong, by="Bu Sri")

    ledger.confirm(card, finding=right, by="Pak Budi")

    found = queries.read_card(ledger, card)
    assert found.status is STATUS[right]
    assert stock_of_hall(ledger) == STOCK[right]
    assert [(moment.what, moment.why) for moment in found.history[-3:]] == [
        (STATUS[wrong], f"{wrong}, found by Bu Sri"),
        (Status.PRINT_UNCONFIRMED, "corrected by Pak Budi"),
        (STATUS[right], f"{right}, found by Pak Budi"),
    ]
    assert queries.unconfirmed_cards(ledger) == []
    assert reconcile(ledger, STATIONS) == []


def test_counts_by_hour_follow_a_corrected_finding(ledger: Ledger) -> None:
    """Prints, late cards and spoiled blanks by hour are those of the right finding; counters only rise."""
    ledger.set_clock(virtual_ms=6_000, speed=0, ends_ms=ENDS_MS)
    card = unconfirmed_card(ledger)
    ledger.confirm(card, finding=Finding.PRINTED, by="Bu Sri")
    late = queries.tally(ledger)["late", HALL, "0"]
    ledger.confirm(card, finding=Finding.SPOILED, by="Pak Budi")

    tally, totals = queries.tally(ledger), queries.counters(ledger)
    assert late == 1
    assert (tally["printed", HALL, "0"], tally["late", HALL, "0"]) == (0, 0)
    assert (tally["spoiled", HALL, "0"], tally["reason", HALL, "unconfirmed"]) == (1, 1)
    assert totals["withdrawn", HALL, "printed"] == 1

    ledger.confirm(card, finding=Finding.UNTOUCHED, by="Bu Sri")
    tally, totals = queries.tally(ledger), queries.counters(ledger)
    assert (tally["spoiled", HALL, "0"], tally["reason", HALL, "unconfirmed"]) == (0, 0)
    assert totals["withdrawn", HALL, "spoiled"] == 1


@pytest.mark.parametrize(("finding", "by"), [(Finding.SPOILED, "bu sri"), (Finding.PRINTED, "Pak Budi")])
def test_a_finding_is_corrected_by_another_person_with_another_finding(
    ledger: Ledger, finding: Finding, by: str
) -> None:
    """The same person may not, and the same finding corrects nothing."""
    card = unconfirmed_card(ledger)
    ledger.confirm(card, finding=Finding.PRINTED, by="Bu Sri")

    with pytest.raises(CardError, match="settled as printed by Bu Sri: only another person"):
        ledger.confirm(card, finding=finding, by=by)

    assert stock_of_hall(ledger) == STOCK[Finding.PRINTED]


@pytest.mark.parametrize("since", ["claimed", "printed", "held", "expedited"])
def test_a_finding_stands_once_the_card_went_on(ledger: Ledger, since: str) -> None:
    """What happened to the card since rests on the finding: it can no longer be corrected."""
    card = unconfirmed_card(ledger)
    ledger.confirm(card, finding=Finding.SPOILED, by="Bu Sri")
    if since in {"held", "expedited"}:
        act = ledger.hold if since == "held" else ledger.expedite
        act(card, by="Pak Budi", reason="spoiled, found by Bu Sri")
    else:
        lot = claim(ledger)
        while isinstance(lot, Lot) and card not in lot.cards:
            printed(ledger, lot)
            lot = claim(ledger)
        if since == "printed":
            printed(ledger, lot)

    with pytest.raises(CardError, match="nothing to confirm"):
        ledger.confirm(card, finding=Finding.PRINTED, by="Pak Budi")

    assert reconcile(ledger, STATIONS) == []


def test_an_untouched_blank_that_was_used_cannot_be_taken_back(ledger: Ledger) -> None:
    """The last blank was found untouched and is in a printer now."""
    card = unconfirmed_card(ledger)
    ledger.destroy(HALL, blanks=99, minutes="BA-1", by="Bu Sri")
    ledger.confirm(card, finding=Finding.UNTOUCHED, by="Bu Sri")
    ledger.hold(card, by="Bu Sri", reason="a doubt")
    ledger.release(card, by="Bu Sri", reason="settled")
    ledger.destroy(HALL, blanks=1, minutes="BA-2", by="Bu Sri")

    with pytest.raises(CardError, match="nothing to confirm"):
        ledger.confirm(card, finding=Finding.SPOILED, by="Pak Budi")


def test_a_blank_that_left_the_shelf_holds_its_finding(ledger: Ledger) -> None:
    """The finding was untouched, and the blank is destroyed since: a correction would count it twice."""
    card = unconfirmed_card(ledger)
    ledger.destroy(HALL, blanks=99, minutes="BA-1", by="Bu Sri")
    ledger.confirm(card, finding=Finding.UNTOUCHED, by="Bu Sri")
    ledger.destroy(HALL, blanks=1, minutes="BA-2", by="Bu Sri")

    with pytest.raises(CardError, match="its untouched blank was used meanwhile"):
        ledger.confirm(card, finding=Finding.SPOILED, by="Pak Budi")

    assert reconcile(ledger, STATIONS) == []


def test_orders_given_together_take_effect_together(ledger: Ledger) -> None:
    """Both stations have their seats, and the log has both orders."""
    orders = [order_of(2, 0, 100), SeatOrder(WING, 0, 0, 100, "Bu Sri", "a power cut")]

    ledger.order(orders, known=0, seats={HALL: SeatTable([Step(0, 2)]), WING: SeatTable([Step(0, 0), Step(100, 1)])})

    assert ledger.orders() == orders
    assert [ledger.seats_at(station, 0) for station in STATIONS] == [2, 0]
    assert [act.details["station"] for act in read_actions(ledger)] == STATIONS


def test_a_plan_is_applied_once(ledger: Ledger) -> None:
    """A second application is refused with who did the first; nothing is ordered twice."""
    give(ledger, order_of(2, 0, 100), reference="3372/solo/7/1")

    with pytest.raises(OrderError, match="applied already by Bu Sri"):
        give(ledger, order_of(2, 0, 100), reference="3372/solo/7/1")
    give(ledger, order_of(2, 0, 100), reference="3372/solo/7/2")

    assert len(ledger.orders()) == 2


def test_an_order_for_later_opens_no_seat_before_and_wakes_its_station_then(ledger: Ledger) -> None:
    """The station is closed tonight; the order opens it tomorrow, and the timer fires at that time."""
    ledger.set_clock(virtual_ms=0, speed=1e-9, ends_ms=ENDS_MS)
    closed = order_of(0, 0, ENDS_MS)
    ledger.order([closed], known=0, seats={HALL: SeatTable([Step(0, 0)])})
    later = order_of(1, 5_000, 6_000)

    ledger.order([later], known=1, seats={HALL: SeatTable([Step(0, 0), Step(5_000, 1)])})

    assert ledger.seats_at(HALL, 1_000) == 0
    assert redis_of(ledger.server).zscore(ledger.prefix + "wake_timers", HALL) == 5_000
    assert claim(ledger) is ClaimRefusal.CLOSED
    ledger.set_clock(virtual_ms=5_000, speed=1e-9, ends_ms=ENDS_MS)
    assert isinstance(claim(ledger), Lot)
