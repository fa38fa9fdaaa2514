"""What a card costs the workers at full speed, counted and never timed: messages, scripts, fsyncs."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import Status
from lembur.domain.scenario import load
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from support.small_office import identity
from workers import claiming, printing, verification
from workers.claiming import LotClaims, take_turn
from workers.devices import JobLog
from workers.devices.simulated import SimulatedCentre, SimulatedPrinter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lembur.domain.seats import StationCode
    from lembur.ledger.types import Wakes

FLOOD = str(Path(__file__).parents[1] / "bench" / "flood.toml")
CARDS, LOT, BATCH = 2_000, 200, 250


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """A ledger that is not open yet."""
    with connect(valkey_url) as server:
        yield Ledger(server, office=office)


def scripts(ledger: Ledger) -> int:
    """Return the scripts that the server has run."""
    return int(ledger.server.info("commandstats").get("cmdstat_fcall", {"calls": 0})["calls"])


def test_a_lot_needs_few_messages_two_questions_and_one_fsync(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cards come some hundred at a time and pass both stages before the next ones, which is the dearest way."""
    setup = OfficeSetup(load(FLOOD), seed=1, lot_cards=LOT)
    open_office(ledger, setup)
    ledger.set_clock(virtual_ms=setup.starts_ms, speed=0, ends_ms=setup.ends_ms)
    messages: list[StationCode] = []
    delivered, synced = 0, 0

    def wake(wakes: Wakes) -> None:
        messages.extend(station for station, count in wakes.items() for _ in range(count))

    def sync(number: int, force: Callable[[int], None] = os.fsync) -> None:
        nonlocal synced
        synced += 1
        force(number)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(claiming, "TURN_S", 3_600.0)
    claims = LotClaims(ledger, wake, LOT, 60_000, "", Event())
    steps = {CENTRE: partial(verification.next_lot, centre=SimulatedCentre(ledger, setup))}
    for station in setup.stations:
        printer = SimulatedPrinter(ledger, setup, station, JobLog(tmp_path / "printers" / station))
        steps[station] = partial(printing.next_lot, station=station, printer=printer)

    def pass_batch(first: int) -> None:
        nonlocal delivered
        coming = [
            identity(number, station=setup.stations[number % 4], ready_ms=setup.starts_ms, first_issue=True)
            for number in range(first, first + BATCH)
        ]
        wake(ledger.enrol(coming)[1])
        wake(ledger.advance(setup.all_stations, fed_ms=setup.ends_ms).wakes)
        while messages:
            delivered += 1
            take_turn(claims, steps[messages.pop(0)])

    pass_batch(0)  # Until a station has had a lot, its size is not known.
    delivered, synced, before = 0, 0, scripts(ledger)
    for first in range(BATCH, CARDS, BATCH):
        pass_batch(first)
    assert sum(ledger.counts().values()) == CARDS
    assert ledger.counts()[Status.CARD_PRINTED] > 0.9 * CARDS
    # Some thirty lots a stage, and some of a single spoiled card.
    assert delivered <= 42
    assert scripts(ledger) - before <= 186
    assert synced <= 51


def test_seats_that_ask_together_need_three_scripts_a_card(ledger: Ledger, tmp_path: Path) -> None:
    """Eight seats of one station and one process, in lots of one: none gets an offer that another one takes."""
    setup = OfficeSetup(load(FLOOD), seed=1, lot_cards=1)
    station, cards, seats = setup.stations[0], 160, 8
    open_office(ledger, setup)
    ledger.set_clock(virtual_ms=setup.starts_ms, speed=0, ends_ms=setup.ends_ms)
    ledger.enrol([identity(number, station=station, ready_ms=setup.starts_ms) for number in range(cards)])
    ledger.advance(setup.all_stations, fed_ms=setup.ends_ms)
    claims = LotClaims(ledger, lambda _: None, 1, 60_000, "", Event())
    printer = SimulatedPrinter(ledger, setup, station, JobLog(tmp_path / "printers" / station))
    before = scripts(ledger)

    def work() -> None:
        while not printing.next_lot(claims, station, printer).startswith("no lot"):
            pass

    threads = [Thread(target=work) for _ in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert scripts(ledger) - before <= 3.2 * cards + seats  # some blanks are spoiled, and at last each seat is refused
    assert ledger.counts()[Status.CARD_PRINTED] == cards
