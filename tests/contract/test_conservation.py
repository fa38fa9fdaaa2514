"""Cards and blanks conserve exactly, whatever is done in whatever order, and by however many at once."""

from __future__ import annotations

from collections import Counter
from itertools import count, pairwise
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lembur.domain.card import MOVES, SHELVES, CardId, Collector, Status, parse_serial
from lembur.domain.errors import CardError, StockError
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Step
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Finding, Lot, SeatTable
from support.repeated_delivery import Stammering
from support.small_office import ENDS_MS, HALL, WING, answered, claim, identity, opened, printed

if TYPE_CHECKING:
    from lembur.ledger.connection import Server

STATIONS = [HALL, WING]
CAME_OUT = (Status.CARD_PRINTED, Status.CARD_ISSUED)
COUNTER = ("issue", "reprint", "note")
_rounds = count(1)


class Conservation(RuleBasedStateMachine):
    """All verbs in random order beside a plain model: cards by status, blanks by place, lots by seat.

    Two workers with connections of their own; what the second one says is delivered twice.
    """

    server: Server
    second: Server

    def __init__(self) -> None:
        """Open a new office."""
        super().__init__()
        office = f"8{next(_rounds):03d}"
        promised = [{"at": 150, "blank": 4, "ribbon": 4}] * 2
        self.ledger = opened(Ledger(self.server, office=office), blanks=20, promised=promised)
        self.other = Ledger(self.second, office=office)
        Stammering(self.other)
        self.now_ms = 0
        self.minutes = 0
        self.seats = {CENTRE: 2, HALL: 2, WING: 1}
        self.service: dict[str, dict[str, int]] = {station: {} for station in self.seats}
        self.cards: dict[CardId, Status] = {}
        self.blanks = Counter({"blank": 30})
        self.received = 30
        self.serials: dict[str, CardId] = {}
        self.reprints: dict[CardId, CardId] = {}
        self.lots: list[Lot] = []
        self.ended: list[Lot] = []

    def pick(self, number: int, *statuses: Status) -> CardId | None:
        """One of the cards in these statuses."""
        found = sorted(card for card, status in self.cards.items() if status in statuses)
        return found[number % len(found)] if found else None

    def end(self, lot: Lot, status: Status) -> None:
        """The lot is over in the model."""
        self.lots.remove(lot)
        self.ended.append(lot)
        self.cards.update(dict.fromkeys(lot.cards, status))

    def deliver(self) -> None:
        """Promised blanks are on the shelf once a seat asks for them; both deliveries are of four."""
        received = sum(row.stock.received for row in queries.read_board(self.ledger, STATIONS).stations)
        assert received - self.received in {0, 8}
        self.blanks["blank"] += received - self.received
        self.received = received

    def settle(self, lot: Lot, place: str) -> None:
        """The blanks of a print lot are somewhere else now."""
        self.blanks["reserved"] -= len(lot.cards)
        self.blanks[place] += len(lot.cards)

    @rule(who=st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True), first_issue=st.booleans())
    def enrol(self, who: list[int], *, first_issue: bool) -> None:
        """People come in; some for the second time."""
        given, _ = self.ledger.enrol([identity(one, first_issue=first_issue) for one in who])
        status = Status.BIO_CAPTURED if first_issue else Status.PRINT_READY_RECORD
        self.cards.update({card: status for card in given if card})

    @rule(station=st.sampled_from([CENTRE, HALL, WING]), most=st.integers(1, 3), other=st.booleans())
    def take(self, station: StationCode, most: int, *, other: bool) -> None:
        """A seat takes a lot, or none; no more are in service then than seats are open."""
        lot = claim(self.other if other else self.ledger, station, most=most)
        self.deliver()
        if isinstance(lot, Lot):
            self.lots.append(lot)
            busy = sum(end > lot.start_ms for end in self.service[station].values())
            assert busy < self.seats[station]
            self.service[station][lot.name] = lot.ends_ms[-1]
            status = Status.SENT_FOR_ENROLLMENT if station == CENTRE else Status.SENT_FOR_CARD_PRINTING
            self.cards.update(dict.fromkeys(lot.cards, status))
            if station != CENTRE:
                self.blanks["blank"] -= len(lot.cards)
                self.blanks["reserved"] += len(lot.cards)

    @precondition(lambda self: self.lots)
    @rule(number=st.integers(0, 9), how=st.sampled_from(["good", "bad", "give up", "no answer"]), other=st.booleans())
    def finish(self, number: int, how: str, *, other: bool) -> None:
        """A lot ends in one of its ways, also by another worker than the one that took it."""
        lot = self.lots[number % len(self.lots)]
        ledger = self.other if other else self.ledger
        centre = lot.station == CENTRE
        if how == "give up":
            ledger.abandon(lot)
            del self.service[lot.station][lot.name]
            self.end(lot, Status.BIO_CAPTURED if centre else Status.PRINT_READY_RECORD)
        elif centre:
            verdict = Status.PRINT_READY_RECORD if how == "good" else Status.DUPLICATE_RECORD
            answered(ledger, lot, verdict)
            self.end(lot, verdict)
        elif how == "no answer":
            ledger.unconfirm(lot)
            self.end(lot, Status.PRINT_UNCONFIRMED)
        else:
            printed(ledger, lot, reason="" if how == "good" else "damaged")
            self.end(lot, Status.CARD_PRINTED if how == "good" else Status.PRINT_READY_RECORD)
        if not centre and how != "no answer":
            self.settle(lot, {"good": "used", "bad": "spoiled", "give up": "blank"}[how])

    @precondition(lambda self: self.ended)
    @rule(number=st.integers(0, 99))
    def wake_up_late(self, number: int) -> None:
        """A seat that lost its lot long ago tries to commit it in another way: nothing may change."""
        lot = self.ended[number % len(self.ended)]
        if lot.station != CENTRE:
            self.ledger.commit(lot, reasons=[""] * len(lot.cards), ends_ms=lot.ends_ms)

    @rule(later_ms=st.integers(0, 300), seats=st.integers(0, 3))
    def order(self, later_ms: int, seats: int) -> None:
        """Time goes on, and other seats are open."""
        self.now_ms += later_ms
        self.ledger.set_clock(virtual_ms=self.now_ms, speed=0, ends_ms=ENDS_MS)
        given = len(self.ledger.orders())
        order = SeatOrder(HALL, seats, self.now_ms, ENDS_MS, "Bu Sri", "a test")
        assert self.other.order([order], known=given, seats={HALL: SeatTable([Step(0, seats)])}) is not None
        assert self.ledger.order([order], known=given, seats={HALL: SeatTable([Step(0, 9)])}) is None
        self.seats[HALL] = seats

    @rule(number=st.integers(0, 99), verb=st.sampled_from(["hold", "release", "expedite"]))
    def handle(self, number: int, verb: str) -> None:
        """A person handles any card; what its status does not allow is refused."""
        card = self.pick(number, *Status)
        if card is None:
            return
        before = self.cards[card]
        try:
            getattr(self.ledger, verb)(card, by="Bu Sri", reason="a test")
        except CardError:
            released = SHELVES - {Status.PRINT_UNCONFIRMED}
            assert before not in released if verb == "release" else Status.HELD not in MOVES[before]
            return
        self.cards[card] = queries.read_card(self.ledger, card).status
        assert self.cards[card] == before or self.cards[card] in MOVES[before]

    @rule(number=st.integers(0, 99), verdict=st.sampled_from(Finding))
    def look(self, number: int, verdict: Finding) -> None:
        """A person settles an unconfirmed card."""
        card = self.pick(number, Status.PRINT_UNCONFIRMED)
        if card is None:
            return
        self.ledger.confirm(card, finding=verdict, by="a test")
        good = verdict is Finding.PRINTED
        self.cards[card] = Status.CARD_PRINTED if good else Status.PRINT_READY_RECORD
        self.blanks["reserved"] -= 1
        self.blanks[{"printed": "used", "spoiled": "spoiled", "untouched": "blank"}[verdict]] += 1

    @rule(number=st.integers(0, 99), serial=st.sampled_from(["", "A-1", "A-2", "A-3"]), verb=st.sampled_from(COUNTER))
    def serve(self, number: int, serial: str, verb: str) -> None:
        """At the counter a card is handed over, with its blank or not, and reprinted; refused is what may not be."""
        card = self.pick(number, *CAME_OUT)
        if card is None:
            return
        own = next((one for one, owner in self.serials.items() if owner == card), "")
        issued = self.cards[card] is Status.CARD_ISSUED
        is_right = not serial or serial == own or (not own and serial not in self.serials)
        if verb == "reprint":
            may = card not in self.reprints
        elif verb == "issue":
            may = not issued and card not in self.reprints and is_right
        else:
            may = serial != "" and self.serials.get(serial, card) == card and (not issued or own in {"", serial})
        try:
            self.do_at_the_counter(verb, card, serial)
        except CardError:
            assert not may
            return
        assert may
        if serial and verb != "reprint":
            self.serials.pop(own, None)
            self.serials[serial] = card

    def do_at_the_counter(self, verb: str, card: CardId, serial: str) -> None:
        """Call the verb; the model follows when it is not refused."""
        if verb == "reprint":
            new, _ = self.other.reprint(card, due_ms=10**8, by="Bu Sri", reason="lost")
            self.reprints[card] = new
            self.cards[new] = Status.PRINT_READY_RECORD
        elif verb == "issue":
            blank = parse_serial(serial) if serial else None
            self.ledger.issue(card, to=Collector.HOLDER, by="Bu Sri", blank=blank)
            self.cards[card] = Status.CARD_ISSUED
        else:
            self.other.note_blank(card, parse_serial(serial), by="Bu Sri")

    @rule(blanks=st.integers(1, 15), verb=st.sampled_from(["receive", "destroy", "transfer"]))
    def move_stock(self, blanks: int, verb: str) -> None:
        """Blanks come, go between stations, or are destroyed."""
        self.minutes += 1
        minutes = str(self.minutes)
        try:
            if verb == "receive":
                self.ledger.receive(HALL, blanks=blanks, ribbon_cards=0, minutes=minutes, by="Bu Sri")
                self.received += blanks
                self.blanks["blank"] += blanks
            elif verb == "transfer":
                self.ledger.transfer(HALL, to=WING, blanks=blanks, ribbon_cards=0, minutes=minutes, by="Bu Sri")
            else:
                self.ledger.destroy(HALL, blanks=blanks, minutes=minutes, by="Bu Sri")
                self.blanks["blank"] -= blanks
                self.blanks["destroyed"] += blanks
        except StockError:
            assert queries.read_board(self.ledger, [HALL]).stations[0].stock.blank < blanks

    @invariant()
    def everything_adds_up(self) -> None:
        """The ledger agrees with itself and with the model."""
        assert reconcile(self.ledger, STATIONS) == []
        counts = {status: n for status, n in self.ledger.counts().items() if n}
        assert counts == Counter(self.cards.values())
        stocks = [station.stock for station in queries.read_board(self.ledger, STATIONS).stations]
        for place in ("blank", "reserved", "used", "spoiled", "destroyed"):
            assert sum(getattr(stock, place) for stock in stocks) == self.blanks[place], place
        assert sum(self.blanks.values()) == self.received

    @invariant()
    def no_second_original(self) -> None:
        """Each request has one card that may be handed over, and each serial is on one card."""
        views = {card: queries.read_card(self.ledger, card) for card in self.cards}
        assert {card: view.reprinted_as for card, view in views.items() if view.reprinted_as} == self.reprints
        assert {view.reprint_of: card for card, view in views.items() if view.reprint_of} == self.reprints
        assert {view.blank: card for card, view in views.items() if view.blank} == self.serials
        waiting = {card for card, *_ in queries.uncollected_cards(self.ledger)}
        out = {card for card in self.cards if self.cards[card] is Status.CARD_PRINTED}
        assert waiting == out - self.reprints.keys()

    def teardown(self) -> None:
        """Every move that was made is in the table of moves."""
        for card in self.cards:
            moves = [
                moment.what for moment in queries.read_card(self.ledger, card).history if moment.what in set(Status)
            ]
            assert all(Status(after) in MOVES[Status(before)] for before, after in pairwise(moves))


def test_cards_and_blanks_conserve_in_any_order(server_url: str) -> None:
    """Hypothesis looks for an order of verbs after which the ledger and a plain model disagree."""
    with connect(server_url) as server, connect(server_url) as second:
        machine = type("Machine", (Conservation,), {"server": server, "second": second})
        run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))


@pytest.mark.parametrize("seats", [1, 3])
def test_many_at_once_print_each_card_once(server_url: str, office: str, seats: int) -> None:
    """Four threads with connections of their own work one station: all is printed once, and everything adds up."""
    with connect(server_url) as server:
        ledger = opened(Ledger(server, office=office), steps=[Step(0, seats)], blanks=300, ribbon=300)
        ledger.enrol([identity(number) for number in range(120)])
        found: list[Lot] = []

        def work() -> None:
            with connect(server_url) as own:
                mine = Ledger(own, office=office)
                while mine.counts().get(Status.CARD_PRINTED, 0) < 120:
                    lot = claim(mine)
                    if isinstance(lot, Lot):
                        printed(mine, lot, reason="damaged" if lot.position % 10 == 0 else "")
                        found.append(lot)

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        good = Counter(lot.cards[0] for lot in found if lot.position % 10)
        assert set(good.values()) == {1}
        assert len(good) == 120
        assert sorted(lot.position for lot in found) == list(range(len(found)))
        assert reconcile(ledger, STATIONS) == []
