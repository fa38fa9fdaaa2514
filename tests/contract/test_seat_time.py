"""Every second of every printer is work or has one cause, at any moment, and what was told never becomes less."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import Status, card_id
from lembur.domain.circuit_breaker import TRIES, Trouble
from lembur.domain.errors import CardError
from lembur.domain.seats import CENTRE, SeatOrder, SeatPlan, Step, Window, plan_seats, steps
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.queries.metrics import MetricsSnapshot, read_metrics
from lembur.ledger.types import Finding, Lot, SeatTable, StationSetup
from support.servers import running
from support.small_office import HALL, WING, answered, claim, counted_seat_ms, failed, identity, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.seats import StationCode

ENDS_MS = 10**9
SHIFTS = [Window(0, 2_000), Window(3_000, 6_000), Window(8_000, 20_000)]
BREAKS = [Window(900, 1_100), Window(4_000, 4_200)]
STATIONS = (HALL, WING)


@dataclass(slots=True)
class Office:
    """Two stations with shifts, breaks and broken printers, steered at random; the clock stands still in between."""

    ledger: Ledger
    chance: Random
    now_ms: int = 0
    fed_ms: int = 0
    enrolled: int = 0
    minutes: int = 0
    orders: list[SeatOrder] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    repairs: dict[StationCode, list[Window]] = field(default_factory=dict)

    PRINTERS = 3

    def open(self) -> None:
        """Open it, with few blanks and a delivery on its way."""
        for station in STATIONS:
            starts = [self.chance.randrange(10_000) for _ in range(3)]
            self.repairs[station] = [Window(start, start + self.chance.randrange(1, 2_000)) for start in starts]
        delivery = {"at": self.chance.randrange(5_000), "blank": 4, "ribbon": self.chance.choice([0, 4])}
        places = [
            StationSetup(s, self.PRINTERS, self.steps(s), self.chance.choice([0, 2, 9]), 5, [delivery], self.plan(s))
            for s in STATIONS
        ]
        self.ledger.open(office={}, stations=[StationSetup(CENTRE, 2, [Step(0, 2)]), *places])
        self.go(0)

    def steps(self, station: StationCode) -> list[Step]:
        """Open seats with all orders and repairs."""
        own = [order for order in self.orders if order.station == station]
        return self._laid_out(own, self.repairs[station])

    def plan(self, station: StationCode) -> list[SeatPlan]:
        """Seats as planned."""
        own = [order for order in self.orders if order.station == station]
        return plan_seats(self._laid_out([], []), self._laid_out(own, []))

    def _laid_out(self, orders: list[SeatOrder], repairs: list[Window]) -> list[Step]:
        return steps(shifts=SHIFTS, breaks=BREAKS, base_seats=2, printers=self.PRINTERS, orders=orders, repairs=repairs)

    def go(self, to_ms: int) -> None:
        """Let time be this, nearly still."""
        self.now_ms = max(self.now_ms, to_ms)
        self.ledger.set_clock(virtual_ms=self.now_ms, speed=1e-9, ends_ms=ENDS_MS)

    def act(self) -> None:
        """Do one thing."""
        often = [self.wait, self.arrive, self.take, self.end]
        seldom = [self.take, self.give_up, self.order, self.receive, self.handle, self.confirm]
        self.chance.choice([*often, *often, *seldom])()

    def wait(self) -> None:
        """Time passes, and the feed with it."""
        self.go(self.now_ms + self.chance.randrange(600))
        self.fed_ms = max(self.fed_ms, self.now_ms)
        self.ledger.advance([CENTRE, *STATIONS], fed_ms=self.fed_ms)

    def arrive(self) -> None:
        """Somebody comes later than all so far, for the centre or a printer."""
        self.fed_ms += self.chance.randrange(1, 300)
        first, station = self.chance.random() < 0.5, self.chance.choice(STATIONS)
        self.ledger.enrol([identity(self.enrolled, ready_ms=self.fed_ms, first_issue=first, station=station)])
        self.enrolled += 1
        self.ledger.advance([CENTRE, *STATIONS], fed_ms=self.fed_ms)

    def take(self) -> None:
        """A seat or a line takes what it may."""
        station = self.chance.choice([CENTRE, *STATIONS])
        lot = claim(self.ledger, station, takes_ms=self.chance.randrange(1, 500), most=self.chance.randrange(1, 4))
        if isinstance(lot, Lot):
            self.lots.append(lot)

    def end(self) -> None:
        """A lot ends as planned, or late; some cards are spoiled, some time was rest."""
        if not self.lots:
            return
        lot = self.lots.pop(self.chance.randrange(len(self.lots)))
        late_ms = self.chance.choice([0, 0, 150])
        self.go(lot.ends_ms[-1] + late_ms)
        if lot.station == CENTRE:
            verdicts = [Status.PRINT_READY_RECORD, Status.PRINT_READY_RECORD, Status.DUPLICATE_RECORD]
            self.ledger.answer(lot, verdicts=[self.chance.choice(verdicts) for _ in lot.cards])
        else:
            reasons = [self.chance.choice(["", "", "damaged"]) for _ in lot.cards]
            ends = [*lot.ends_ms[:-1], lot.ends_ms[-1] + late_ms]
            self.ledger.commit(lot, reasons=reasons, ends_ms=ends, rest_ms=(ends[-1] - lot.start_ms) // 3)

    def give_up(self) -> None:
        """A worker dies in the middle or after the end: its lot is given up, or nobody can say."""
        if self.lots:
            lot = self.lots.pop(self.chance.randrange(len(self.lots)))
            self.go(lot.start_ms)
            if lot.station == CENTRE or self.chance.random() < 0.5:
                self.ledger.abandon(lot)
            else:
                self.ledger.unconfirm(lot)

    def order(self) -> None:
        """Seats are ordered from now on."""
        station, number = self.chance.choice(STATIONS), self.chance.randrange(self.PRINTERS + 1)
        until = self.now_ms + self.chance.randrange(1, 3_000)
        order = SeatOrder(station, number, self.now_ms, until, "Bu Sri", "a test")
        self.orders.append(order)
        known = len(self.orders) - 1
        seats = {station: SeatTable(self.steps(station), self.plan(station))}
        assert self.ledger.order([order], known=known, seats=seats) is not None

    def receive(self) -> None:
        """Blanks or ribbon come."""
        station, blanks = self.chance.choice(STATIONS), self.chance.choice([0, 3])
        self.minutes += 1
        ribbon = self.chance.randrange(1, 4)
        self.ledger.receive(station, blanks=blanks, ribbon_cards=ribbon, minutes=str(self.minutes), by="Bu Sri")

    def handle(self) -> None:
        """Somebody holds a card or lets it go."""
        card = card_id(self.chance.randrange(1, self.enrolled + 2))
        try:
            self.chance.choice([self.ledger.hold, self.ledger.release])(card, by="Bu Sri", reason="a test")
        except CardError:
            return

    def confirm(self) -> None:
        """Somebody settles a card nobody could tell of."""
        for card, _ in queries.unconfirmed_cards(self.ledger)[:1]:
            self.ledger.confirm(card, finding=self.chance.choice(list(Finding)), by="Bu Sri")

    def look(self) -> MetricsSnapshot:
        """What can be watched now."""
        return read_metrics(self.ledger, STATIONS, ages_s=[1], orders_from=0)


def in_hand_ms(office: Office, station: StationCode, upto_ms: int) -> int:
    """Time of lots that have not ended, which nobody has told yet, less what ended lots told beyond that moment."""
    ledger, own = office.ledger, {lot.name: lot for lot in office.lots}
    ends = dict(ledger.server.zrange(f"{ledger.prefix}seats:{station}", 0, -1, withscores=True))
    told_ahead = sum(int(end) - upto_ms for lot, end in ends.items() if lot not in own and end > upto_ms)
    return sum(upto_ms - own[lot].start_ms for lot in ends if lot in own) - told_ahead


@pytest.fixture(scope="module")
def memory_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that need not keep what thousands of moves told it."""
    with running(valkey_binary(), tmp_path_factory.mktemp("memory"), appendonly="no") as url:
        yield url


@settings(max_examples=15)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_work_and_causes_are_all_the_time_there_is(memory_url: str, seed: int) -> None:
    """Printers times time, per station, after each of 150 random moves; and no figure ever falls."""
    with connect(memory_url) as server:
        office = Office(Ledger(server, office=f"t{seed}"), Random(seed))  # noqa: S311 - chance by seed, no secret
        office.open()
        before = office.look()
        for _ in range(150):
            office.act()
            seen = office.look()
            for station in STATIONS:
                upto_ms = seen.stations[station].counted_ms
                accounted = counted_seat_ms(seen, station) + in_hand_ms(office, station, upto_ms)
                assert accounted == office.PRINTERS * upto_ms, station
            assert {name: n for name, n in before.counters.items() if n > seen.counters.get(name, 0)} == {}
            before = seen


def told(ledger: Ledger) -> dict[str, int]:
    """Milliseconds of work, of overtime and of each cause, those that are zero left out."""
    totals = read_metrics(ledger, [HALL], ages_s=[], orders_from=0).counters
    kinds = {"lost", "busy", "overtime"}
    return {name[2] if name[0] == "lost" else name[0]: n for name, n in totals.items() if n and name[0] in kinds}


def office_of(ledger: Ledger, **hall: Any) -> Ledger:
    """One line to the centre and one station, of one printer if not said otherwise; all arrivals are in."""
    place = {"printers": 1, "steps": [Step(0, 1)], "blanks": 9, "ribbon_cards": 9, **hall}
    ledger.open(office={}, stations=[StationSetup(CENTRE, 1, [Step(0, 1)]), StationSetup(HALL, **place)])
    ledger.advance([CENTRE, HALL], fed_ms=NEVER_MS)
    return at(ledger, 0)


def at(ledger: Ledger, now_ms: int) -> Ledger:
    """Let the clock stand at a moment."""
    ledger.set_clock(virtual_ms=now_ms, speed=1e-9, ends_ms=ENDS_MS)
    return ledger


def test_closed_broken_and_without_work(memory_url: str, office: str) -> None:
    """Open to 1000 with two printers, one broken from 400 to 600; nobody comes; from 800 on it is overtime."""
    with connect(memory_url) as server:
        ledger = office_of(
            Ledger(server, office=office),
            printers=2,
            steps=[Step(0, 2), Step(400, 1), Step(600, 2), Step(1000, 0)],
            plan=[SeatPlan(0, 2, 2), SeatPlan(800, 0, 2), SeatPlan(1000, 0, 0)],
        )

        assert told(at(ledger, 1500)) == {"no_work": 1800, "fault": 200, "closed": 1000, "overtime": 400}


def test_a_record_at_the_centre_is_why_its_printer_waits(memory_url: str, office: str) -> None:
    """Recorded at 100 and answered at 300: nothing to do before, the centre's fault from then on."""
    with connect(memory_url) as server:
        ledger = office_of(Ledger(server, office=office))
        ledger.enrol([identity(1, ready_ms=100, first_issue=True)])
        lot = claim(at(ledger, 100), CENTRE, takes_ms=200)

        assert told(at(ledger, 250)) == {"no_work": 100, "centre": 150}
        answered(at(ledger, 300), lot)
        printed(at(ledger, 400), claim(at(ledger, 400)))

        assert told(ledger) == {"no_work": 100, "centre": 200, "busy": 100}


def test_what_is_short_is_why_a_card_waits(memory_url: str, office: str) -> None:
    """The card is ready at 0; blanks come at 250 with a delivery, ribbon at 300 by hand."""
    with connect(memory_url) as server:
        delivery = {"at": 250, "blank": 5, "ribbon": 0}
        ledger = office_of(Ledger(server, office=office), blanks=0, ribbon_cards=0, promised=[delivery])
        ledger.enrol([identity(1)])

        assert told(at(ledger, 200)) == {"blanks": 200}
        ledger.advance([CENTRE, HALL], fed_ms=NEVER_MS)
        claim(at(ledger, 280))
        assert told(ledger) == {"blanks": 250, "ribbon": 30}
        at(ledger, 300).receive(HALL, blanks=0, ribbon_cards=5, minutes="1", by="Bu Sri")
        printed(at(ledger, 400), claim(at(ledger, 400)))

        assert told(ledger) == {"blanks": 250, "ribbon": 50, "busy": 100}


def test_rest_is_no_work_and_a_lot_given_up_is_a_fault(memory_url: str, office: str) -> None:
    """A print of 100 with 30 of rest; then a lot that is given up after 40."""
    with connect(memory_url) as server:
        ledger = office_of(Ledger(server, office=office))
        ledger.enrol([identity(1), identity(2)])
        lot = claim(ledger)
        assert isinstance(lot, Lot)
        at(ledger, 100).commit(lot, reasons=[""], ends_ms=lot.ends_ms, rest_ms=30)
        lot = claim(ledger)
        assert isinstance(lot, Lot)
        at(ledger, 140).abandon(lot)

        assert told(ledger) == {"busy": 70, "rest": 30, "fault": 40}


def test_a_lot_that_ended_before_the_last_count_was_a_fault_from_then_on(server_url: str, office: str) -> None:
    """A lot planned to 100 ends at 50. A delivery counted the seats at 80, while the lot still had its seat."""
    with connect(server_url) as server:
        ledger = office_of(Ledger(server, office=office))
        ledger.enrol([identity(1)])
        lot = claim(ledger)
        assert isinstance(lot, Lot)
        at(ledger, 80).receive(HALL, blanks=1, ribbon_cards=1, minutes="1", by="Bu Sri")
        ledger.commit(lot, reasons=[""], ends_ms=[50])

        assert told(ledger) == {"busy": 50, "fault": 30}


def test_a_record_that_goes_to_the_shelf_was_waited_for_until_then(server_url: str, office: str) -> None:
    """The centre fails the only record up to 50, then a person has it: there is no work from then on."""
    with connect(server_url) as server:
        ledger = office_of(Ledger(server, office=office))
        ledger.enrol([identity(1, first_issue=True)])
        for number in range(TRIES):
            lot = claim(ledger, CENTRE, takes_ms=10)
            at(ledger, 10 * (number + 1))
            failed(ledger, lot, Trouble.GARBAGE)

        assert told(at(ledger, 60)) == {"centre": 50, "no_work": 10}


def test_seats_by_order_are_overtime_where_the_plan_has_them(server_url: str, office: str) -> None:
    """One seat by the shifts, and a second one by an order up to 1000."""
    with connect(server_url) as server:
        ledger = office_of(Ledger(server, office=office), printers=2)
        order = SeatOrder(HALL, 2, 0, 1_000, "Bu Sri", "a test")
        table = SeatTable([Step(0, 2), Step(1_000, 1)], [SeatPlan(0, 1, 2), SeatPlan(1_000, 1, 1)])
        ledger.order([order], known=0, seats={HALL: table})

        assert told(at(ledger, 1_000)) == {"no_work": 2_000, "overtime": 1_000}
