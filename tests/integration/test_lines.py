"""A line to the centre and the sweep of a worker, in one process on a real server."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.circuit_breaker import BOUND_MS, IN_A_ROW, CircuitState, Trouble
from lembur.domain.scenario import CentreTrial, Mishap, load
from lembur.domain.seats import CENTRE, StationCode
from lembur.ledger import Ledger, connect
from lembur.ledger.queries.circuit import read_circuit
from lembur.ledger.types import Lot, Offer
from lembur.office import OfficeSetup, open_office
from lembur.retry import Outage
from support.runs import small_scenario
from support.small_office import identity
from support.waiting import eventually
from workers import claiming
from workers.claiming import LotClaims, count_cards, take_turn
from workers.devices import Print
from workers.devices.centre_log import CentreLog
from workers.devices.simulated import SimulatedCentre
from workers.sweep import STRANGER_MS, log_circuit_change, silence_ms, start, sweep
from workers.verification import next_lot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lembur.ledger.types import Wakes
    from workers.devices import CentreReply, Printer
    from workers.devices.centre import ExpectedVerdict

HALL = StationCode("dinas")
OWNER = "this-host"


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """A ledger that is not open yet."""
    with connect(valkey_url) as server:
        yield Ledger(server, office=office)


class Worker:
    """One worker at the centre: its claims, the centre it asks, and the wake-ups it sends."""

    def __init__(
        self, ledger: Ledger, folder: Path, *, cards: int = 1, lot_cards: int = 1, mishap: Mishap | None = None
    ) -> None:
        scenario = load(str(small_scenario(folder, cards=cards, status="BIO_CAPTURED")))
        script = (CentreTrial(fate=mishap, odds=1.0),) if mishap else ()
        centre = scenario.centre.model_copy(update={"script": script, "verdicts": {Status.PRINT_READY_RECORD: 1.0}})
        self.setup = OfficeSetup(scenario.model_copy(update={"centre": centre}), seed=1, lot_cards=lot_cards)
        open_office(ledger, self.setup)
        ledger.set_clock(virtual_ms=self.setup.starts_ms, speed=0, ends_ms=self.setup.ends_ms)
        ledger.advance(self.setup.all_stations, fed_ms=self.setup.ends_ms)
        ready_ms = self.setup.starts_ms
        ledger.enrol([identity(n, station=HALL, ready_ms=ready_ms, first_issue=True) for n in range(cards)])
        self.ledger = ledger
        self.wakes: Counter[str] = Counter()
        self.log = folder / "centre.jsonl"
        self.claims = LotClaims(ledger, self.wake, lot_cards, 60_000, OWNER, Event())
        self.centre = SimulatedCentre(ledger, self.setup, CentreLog(self.log))

    def wake(self, wakes: Wakes) -> None:
        """Count a wake-up instead of sending it."""
        self.wakes.update(wakes)

    def next_lot(self, claims: LotClaims) -> str:
        """Take the next lot to the centre."""
        return next_lot(claims, self.centre)

    def lose_lot(self, *, owner: str = OWNER, lease_ms: int = 0) -> None:
        """Claim a lot as a seat that dies with it."""
        claims = replace(self.claims, owner=owner, lease_ms=lease_ms)
        assert isinstance(claims.claim_next(CENTRE, self.centre.plan), tuple)


class PrinterWithLot:
    """A printer that lost its lot: nothing of it came out."""

    def __init__(self, *, at_work: bool) -> None:
        self._at_work = at_work
        self.called_off: list[str] = []

    def is_at_work(self, lot: Lot) -> bool:
        """Return whether a card of the lot is still inside."""
        return bool(lot.cards) and self._at_work

    def call_off(self, lot: Lot) -> list[Print]:
        """Note the lot; promise that nothing of it is printed."""
        self.called_off.append(lot.name)
        return []


def without_script(setup: OfficeSetup) -> OfficeSetup:
    """The same office with a centre that has no mishaps."""
    centre = setup.scenario.centre.model_copy(update={"script": ()})
    return replace(setup, scenario=setup.scenario.model_copy(update={"centre": centre}))


def claim_print(worker: Worker, *, owner: str, lease_ms: int) -> Lot:
    """Claim a print lot as a seat that dies with it."""
    claims = replace(worker.claims, owner=owner, lease_ms=lease_ms)
    claimed = claims.claim_next(HALL, lambda offer: [Print(offer.start_ms + 1_000, "")])
    assert isinstance(claimed, tuple)
    return claimed[0]


def test_a_lot_is_asked_for_and_answered(ledger: Ledger, tmp_path: Path) -> None:
    """Two cards of one lot are verified, the print station is woken, and without a script no log is kept."""
    worker = Worker(ledger, tmp_path, cards=2, lot_cards=2)

    assert next_lot(worker.claims, worker.centre) == "2 cards"

    assert ledger.counts()[Status.PRINT_READY_RECORD] == 2
    assert worker.wakes[HALL] >= 1
    assert not worker.log.exists()
    assert next_lot(worker.claims, worker.centre) == "no lot: EMPTY"


def test_a_quick_seat_goes_on_without_a_message(ledger: Ledger, tmp_path: Path) -> None:
    """Two lines were woken for three cards. The end of the first lot wakes a line again: the seat takes that itself."""
    worker = Worker(ledger, tmp_path, cards=3)

    assert take_turn(worker.claims, worker.next_lot) == "2 lots, the last one: 1 card"
    assert take_turn(worker.claims, worker.next_lot) == "1 card"

    assert ledger.counts()[Status.PRINT_READY_RECORD] == 3
    assert worker.wakes[CENTRE] == 0


@pytest.mark.parametrize("ends", ["by time", "by a shutdown"])
def test_a_turn_that_ends_leaves_the_wake_up_to_a_message(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """The next card waits for no one: its message is sent, whoever takes it."""
    worker = Worker(ledger, tmp_path, cards=3)
    if ends == "by time":
        monkeypatch.setattr(claiming, "TURN_S", 0.0)

    class Stopping(SimulatedCentre):
        def ask(self, *given: Any) -> Sequence[CentreReply] | None:
            replies = super().ask(*given)
            if ends == "by a shutdown":
                worker.claims.stopping.set()
            return replies

    centre = Stopping(ledger, worker.setup)

    assert take_turn(worker.claims, lambda claims: next_lot(claims, centre)) == "1 card"

    assert worker.wakes[CENTRE] == 1


def test_a_stopped_worker_claims_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """A warm shutdown begins no lot."""
    worker = Worker(ledger, tmp_path)
    worker.claims.stopping.set()

    assert next_lot(worker.claims, worker.centre) == "no lot: CLOSED"
    assert ledger.counts()[Status.BIO_CAPTURED] == 1


@pytest.mark.parametrize(
    ("mishap", "trouble"),
    [(Mishap.REFUSE, Trouble.REFUSED), (Mishap.HANG, Trouble.HANGING), (Mishap.GARBAGE, Trouble.GARBAGE)],
)
def test_a_centre_that_fails_a_lot_keeps_no_card(
    ledger: Ledger, tmp_path: Path, mishap: Mishap, trouble: Trouble
) -> None:
    """The card waits again, the circuit counts a failure, and the centre's log has the question."""
    worker = Worker(ledger, tmp_path, mishap=mishap)

    assert next_lot(worker.claims, worker.centre) == f"the centre failed 1 card: {trouble}"

    assert ledger.counts()[Status.BIO_CAPTURED] == 1
    assert read_circuit(ledger).failures == 1
    assert [json.loads(line)["mishap"] for line in worker.log.read_text().splitlines()] == [mishap]


@pytest.mark.parametrize(
    ("mishap", "later_ms"), [(None, 0), (Mishap.DUPLICATE, 0), (Mishap.HANG, BOUND_MS), (Mishap.SLOW, None)]
)
def test_a_mishap_is_planned_before_the_lot_is_claimed(
    ledger: Ledger, tmp_path: Path, mishap: Mishap | None, later_ms: int | None
) -> None:
    """The line is busy until the answer comes or is given up, so the lot's end is the delayed one."""
    worker = Worker(ledger, tmp_path, mishap=mishap)
    offer = ledger.offer(CENTRE, most=1)
    assert isinstance(offer, Offer)
    usual = SimulatedCentre(ledger, without_script(worker.setup)).plan(offer)[0].end_ms - offer.start_ms

    found = worker.centre.plan(offer)[0].end_ms - offer.start_ms

    assert found == (5 * usual if later_ms is None else usual + later_ms)


def test_a_worker_that_stops_while_it_waits_gives_its_cards_back(ledger: Ledger, tmp_path: Path) -> None:
    """The centre may still answer, but nobody waits: the card is as before."""
    worker = Worker(ledger, tmp_path)

    class Stopping(SimulatedCentre):
        def plan(self, offer: Offer) -> list[ExpectedVerdict]:
            worker.claims.stopping.set()
            return super().plan(offer)

    assert next_lot(worker.claims, Stopping(ledger, worker.setup)) == "stopped: given back"
    assert ledger.counts()[Status.BIO_CAPTURED] == 1


def test_a_lot_that_the_sweep_ended_meanwhile_is_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    """The seat was asleep beyond its lease: its answer changes nothing and wakes no station."""
    worker = Worker(ledger, tmp_path)
    claims = replace(worker.claims, lease_ms=0)

    class Sleepy(SimulatedCentre):
        def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
            assert sweep(claims, [CENTRE], {}) == 1
            worker.wakes.clear()
            return super().ask(lot, planned, stopping)

    assert next_lot(claims, Sleepy(ledger, worker.setup)) == "lease lost: nothing was changed"
    assert ledger.counts()[Status.BIO_CAPTURED] == 1
    assert not worker.wakes


@pytest.mark.parametrize(("cards", "words"), [(1, "1 lot"), (2, "2 lots")])
def test_the_sweep_ends_the_lots_of_seats_that_died(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture, cards: int, words: str
) -> None:
    """The centre is not blamed, the cards wait again, and lines are woken."""
    worker = Worker(ledger, tmp_path, cards=cards)
    for _ in range(cards):
        worker.lose_lot()
    worker.wakes.clear()

    with caplog.at_level(logging.WARNING):
        assert sweep(worker.claims, [CENTRE], {}) == cards

    assert ledger.counts()[Status.BIO_CAPTURED] == cards
    assert read_circuit(ledger).failures == 0
    assert worker.wakes[CENTRE] >= 1
    assert f"the sweep ended {words}" in caplog.text.splitlines()[0]
    assert sweep(worker.claims, [CENTRE], {}) == 0


@pytest.mark.parametrize(("lost_ms", "ended"), [(STRANGER_MS - 10_000, 0), (STRANGER_MS, 1)])
def test_a_print_lot_of_another_machine_waits_for_that_machine(
    ledger: Ledger, tmp_path: Path, lost_ms: int, ended: int
) -> None:
    """Its printers may know what came out: for a minute after its lease the lot is left to them."""
    worker = Worker(ledger, tmp_path)
    next_lot(worker.claims, worker.centre)
    lot = claim_print(worker, owner="another-host", lease_ms=-lost_ms)
    printer = PrinterWithLot(at_work=False)

    assert sweep(worker.claims, [HALL], {HALL: cast("Printer", printer)}) == ended

    assert printer.called_off == [lot.name] * ended


def test_a_lot_of_another_machine_is_ended_once(ledger: Ledger, tmp_path: Path) -> None:
    """An own lot that lost its lease long ago is counted as one lot, not as an own one and a stranger's."""
    worker = Worker(ledger, tmp_path)
    worker.lose_lot(lease_ms=-2 * STRANGER_MS)

    assert sweep(worker.claims, [CENTRE], {}) == 1


@pytest.mark.parametrize("at_work", [True, False])
def test_a_card_in_the_printer_keeps_its_lot(ledger: Ledger, tmp_path: Path, *, at_work: bool) -> None:
    """Its seat died, but the result is on its way: the lot has a new lease and is not called off."""
    worker = Worker(ledger, tmp_path)
    next_lot(worker.claims, worker.centre)
    lot = claim_print(worker, owner=OWNER, lease_ms=0)
    printer = PrinterWithLot(at_work=at_work)

    sweep(worker.claims, [HALL], {HALL: cast("Printer", printer)})

    assert printer.called_off == ([] if at_work else [lot.name])
    assert ledger.expired_lots([HALL]) == []
    assert ledger.counts()[Status.SENT_FOR_CARD_PRINTING if at_work else Status.PRINT_READY_RECORD] == 1


@pytest.mark.parametrize(("cards", "words"), [(1, "1 lost wake-up"), (2, "2 lost wake-ups")])
def test_a_wake_up_that_nobody_heard_is_sent_again(
    ledger: Ledger,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    cards: int,
    words: str,
) -> None:
    """Lost messages are logged with their number and sent again; a look too soon after the last one sends nothing."""
    worker = Worker(ledger, tmp_path, cards=cards)
    monkeypatch.setattr("workers.sweep.SHORTEST_SILENCE_MS", -1)
    sweep(worker.claims, [CENTRE], {})
    worker.wakes.clear()

    with caplog.at_level(logging.WARNING):
        assert sweep(worker.claims, [CENTRE], {}) == 0

    assert worker.wakes[CENTRE] > 0
    assert [record.getMessage() for record in caplog.records] == [f"the sweep sent {words} again"]
    worker.wakes.clear()
    monkeypatch.setattr("workers.sweep.SHORTEST_SILENCE_MS", 3_600_000)
    sweep(worker.claims, [CENTRE], {})
    assert not worker.wakes


def test_the_silence_of_a_station_is_shorter_in_a_faster_office() -> None:
    """15 s at the office's own time, never below 3 s, and 3 s at full speed."""
    assert [silence_ms(speed) for speed in (0, 1, 3, 5, 6, 1000)] == [3_000, 15_000, 5_000, 3_000, 3_000, 3_000]
    assert silence_ms(0.5) == 30_000


def test_a_change_of_the_circuit_is_logged_once(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The state and the failures that led to it; nothing while it stays."""
    worker = Worker(ledger, tmp_path, mishap=Mishap.REFUSE)
    for _ in range(IN_A_ROW):
        next_lot(worker.claims, worker.centre)

    with caplog.at_level(logging.WARNING):
        state = log_circuit_change(ledger, CircuitState.CLOSED)
        assert len(caplog.records) == 1
        assert log_circuit_change(ledger, state) is CircuitState.OPEN

    assert [record.getMessage() for record in caplog.records] == [
        f"the circuit to the centre is open after {IN_A_ROW} failures in a row"
    ]


@pytest.mark.parametrize(("stations", "circuits"), [([CENTRE], 1), ([HALL], 0)])
def test_a_started_sweep_shows_its_worker_and_ends_with_it(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture, stations: list[StationCode], circuits: int
) -> None:
    """Its heartbeat is in the ledger, it ends lost lots, and only a worker of the centre looks at the circuit."""
    worker = Worker(ledger, tmp_path, cards=IN_A_ROW + 1, mishap=Mishap.REFUSE)
    worker.lose_lot()
    for _ in range(IN_A_ROW):
        next_lot(worker.claims, worker.centre)
    stopping = Event()

    with caplog.at_level(logging.WARNING):
        start(
            "node",
            stations,
            lambda: (worker.claims, {}, worker.setup),
            outage=Outage("waits", print),
            stopping=stopping,
        )
        assert eventually(lambda: "node" in ledger.last_seen())
        if circuits:
            assert eventually(lambda: "the circuit to the centre is open" in caplog.text)
            assert eventually(lambda: not ledger.expired_lots([CENTRE]))
        stopping.set()
        assert eventually(lambda: all(thread.name != "sweep" for thread in threading.enumerate()))

    assert caplog.text.count("the circuit to the centre is") == circuits


def test_a_lot_in_words_has_its_plural() -> None:
    """1 card, 2 cards."""
    one, two = CardId("00000001"), CardId("00000002")
    assert count_cards(Lot("lot", CENTRE, 0, 0, (one,), (1,))) == "1 card"
    assert count_cards(Lot("lot", CENTRE, 0, 0, (one, two), (1, 2))) == "2 cards"
