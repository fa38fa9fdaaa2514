"""A seat and its printer, when the printer does not do as planned: what is printed, and what the ledger makes of it."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import Status
from lembur.domain.scenario import Fate, Trial, load
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Finding
from lembur.office import OfficeSetup, open_office
from support.runs import small_scenario
from support.servers import redis_of
from support.small_office import identity
from support.waiting import eventually
from workers.claiming import LotClaims
from workers.devices.job_log import JobLog, owner_of
from workers.devices.simulated import SimulatedPrinter
from workers.printing import next_lot
from workers.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HALL = StationCode("dinas")
SPEED = 1_000
"""A print of 90 s takes a tenth of a second."""
LEASE_MS = 50
"""So soon after a print was to be over its seat has lost it."""


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """A ledger nobody has opened."""
    with connect(valkey_url) as server:
        yield Ledger(server, office=office)


def opened(ledger: Ledger, folder: Path, fate: Fate, *, lease_ms: int = LEASE_MS) -> tuple[LotClaims, SimulatedPrinter]:
    """Open an office of one card whose first print job meets a fate; the claims of a worker and its printer."""
    scenario = load(str(small_scenario(folder, cards=1)))
    script = (Trial(fate=fate, prints=(0,)),)
    printing = scenario.printing.model_copy(update={"script": script, "spoil_rate": 0.0})
    play = OfficeSetup(scenario.model_copy(update={"printing": printing}), seed=1, lot_cards=1)
    open_office(ledger, play)
    ledger.set_clock(virtual_ms=play.starts_ms, speed=SPEED, ends_ms=play.ends_ms)
    ledger.advance(play.all_stations, fed_ms=play.ends_ms)
    ledger.enrol([identity(1, station=HALL, ready_ms=play.starts_ms)])
    claims = LotClaims(ledger, lambda _: None, 1, lease_ms, owner_of(folder / "printers"), Event())
    return claims, SimulatedPrinter(ledger, play, HALL, JobLog(folder / "printers" / "dinas.jsonl"))


def printed(folder: Path) -> int:
    """Good cards that came out of the printers, by their log."""
    rows = [json.loads(line) for line in (folder / "printers" / "dinas.jsonl").read_text().splitlines()]
    return sum(row.get("reasons", []).count("") for row in rows)


def test_what_a_printer_says_twice_is_committed_once(ledger: Ledger, tmp_path: Path) -> None:
    """One card, one blank, one event."""
    claims, printer = opened(ledger, tmp_path, Fate.ANSWER_TWICE, lease_ms=60_000)

    assert next_lot(claims, HALL, printer) == "1 card"

    stock = queries.read_board(ledger, [HALL]).stations[0].stock
    events = [entry["kind"] for _, entry in redis_of(ledger.server).xrange(ledger.prefix + "events")]
    assert (ledger.counts()[Status.CARD_PRINTED], stock.used, events.count("printed")) == (1, 1, 1)


def test_a_job_slower_than_its_lease_is_called_off(ledger: Ledger, tmp_path: Path) -> None:
    """The sweep calls it off while the printer is still at it: it prints nothing, and the card is printed anew."""
    claims, printer = opened(ledger, tmp_path, Fate.SLOW)
    with ThreadPoolExecutor() as seat:
        said = seat.submit(next_lot, claims, HALL, printer)
        eventually(lambda: sweep(claims, [HALL], {HALL: printer}))

        assert said.result() == "no answer: settled by the print log"

    assert printed(tmp_path) == 0
    assert eventually(lambda: next_lot(replace(claims, lease_ms=60_000), HALL, printer) == "1 card")
    assert printed(tmp_path) == ledger.counts()[Status.CARD_PRINTED] == 1
    assert reconcile(ledger, [HALL]) == []


def test_a_seat_that_wakes_up_after_a_person_settled_its_card_prints_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """Its machine was away; on another its lot was shelved, and a person found nothing printed: so it must stay."""
    claims, printer = opened(ledger, tmp_path, Fate.OK)
    taken = claims.claim_next(HALL, printer.plan)
    assert isinstance(taken, tuple)
    lot, planned = taken
    eventually(lambda: ledger.expired_lots([HALL]))
    ledger.unconfirm(lot)
    ledger.confirm(lot.cards[0], finding=Finding.UNTOUCHED, by="Bu Sri")

    assert list(printer.print(lot, planned, claims.stopping)) == []

    assert printed(tmp_path) == 0
    assert reconcile(ledger, [HALL]) == []


@pytest.mark.parametrize("fate", [Fate.OK, Fate.FORGET])
def test_a_printer_that_stops_or_loses_its_job_logs_nothing(ledger: Ledger, tmp_path: Path, fate: Fate) -> None:
    """Stopped before the end, or without a result at the end: the log has no row, so the lot can be called off."""
    claims, printer = opened(ledger, tmp_path, fate, lease_ms=60_000)
    taken = claims.claim_next(HALL, printer.plan)
    assert isinstance(taken, tuple)
    if fate is Fate.OK:
        claims.stopping.set()

    assert list(printer.print(*taken, claims.stopping)) == []

    assert not (tmp_path / "printers" / "dinas.jsonl").exists()
    assert printer.call_off(taken[0]) == []


def test_a_seat_whose_print_log_cannot_be_written_claims_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """Its cards stay in the queue for other seats, instead of waiting for a person one after the other."""
    claims, printer = opened(ledger, tmp_path, Fate.OK, lease_ms=60_000)
    log = tmp_path / "printers" / "dinas.jsonl"
    log.mkdir()

    assert next_lot(claims, HALL, printer) == f"no lot: the print log {log} cannot be written: Is a directory"

    assert ledger.counts()[Status.PRINT_READY_RECORD] == 1
    log.rmdir()
    assert next_lot(claims, HALL, printer) == "1 card"


def test_a_lease_counts_from_before_the_question(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer may take its time: to the server the lease runs from the claim, and then the seat must not print."""
    claims, printer = opened(ledger, tmp_path, Fate.OK, lease_ms=60_000)
    now_s = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    claim = Ledger.claim

    def answer_late(*args: Any, **kwargs: Any) -> Any:
        scripts = args[0]._scripts
        run_once = scripts.run_once

        def late(*words: Any, **given: Any) -> Any:
            reply = run_once(*words, **given)
            now_s[0] += 3_600.0
            return reply

        monkeypatch.setattr(scripts, "run_once", late)
        return claim(*args, **kwargs)

    monkeypatch.setattr(Ledger, "claim", answer_late)
    claimed = claims.claim_next(HALL, printer.plan)
    assert isinstance(claimed, tuple)
    assert 1_000.0 < claimed[0].held_until_s < 1_000.0 + 3_600.0
