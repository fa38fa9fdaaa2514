"""The Celery application: two tasks, which say that there is work and nothing of whom."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from celery.signals import setup_logging, worker_ready, worker_shutting_down

from lembur import bus, settings
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, StationCode
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, read_setup
from workers import printing, sweep, transport, verification
from workers.claiming import LotClaims
from workers.devices.centre_log import CentreLog
from workers.devices.job_log import JobLog, owner_of
from workers.devices.simulated import SimulatedCentre, SimulatedPrinter

if TYPE_CHECKING:
    from lembur.ledger.types import Wakes

SETTINGS = settings.from_environment()
transport.install()
app = bus.make_app(SETTINGS)
STOPPING = Event()


@dataclass(frozen=True, slots=True)
class Equipment:
    """The claims of this process, its line to the centre and the printers of its stations."""

    claims: LotClaims
    setup: OfficeSetup
    centre: SimulatedCentre
    printers: dict[StationCode, SimulatedPrinter]


@cache
def equipment() -> Equipment:
    """Set the claims up when the first task or the sweep needs it."""
    ledger = Ledger(connect(SETTINGS.redis_url), office=SETTINGS.office)
    setup = read_setup(ledger)
    claims = LotClaims(
        ledger,
        wake,
        setup.lot_cards,
        round(SETTINGS.lease_s * 1000),
        owner_of(SETTINGS.printers),
        STOPPING,
    )
    printers = {
        station: SimulatedPrinter(ledger, setup, station, JobLog(SETTINGS.printers / f"{station}.jsonl"))
        for station in stations()
        if station != CENTRE
    }
    return Equipment(claims, setup, SimulatedCentre(ledger, setup, CentreLog(SETTINGS.data / "centre.jsonl")), printers)


def wake(wakes: Wakes) -> None:
    """Send wake-ups; those the server does not take are sent by the sweep when it is there again."""
    with suppress(LedgerError):
        bus.send(app, wakes)


def stations() -> list[StationCode]:
    """The stations this process serves."""
    return [StationCode(code) for code in os.environ.get("LEMBUR_STATIONS", "").split(",") if code]


@app.task(name=bus.VERIFY_NEXT)
def verify_next() -> str:
    """There is work for a line to the centre: take the next lot."""
    return verification.next_lot(equipment().claims, equipment().centre)


@app.task(name=bus.PRINT_NEXT)
def print_next(station: str) -> str:
    """There is work for a seat of this station: take the next lot."""
    return printing.next_lot(equipment().claims, StationCode(station), equipment().printers[StationCode(station)])


@worker_ready.connect
def start_sweep(sender: Any, **_: object) -> None:  # noqa: ANN401 - Celery's consumer has no type
    """The worker is up: the sweep begins, and wakes what waited meanwhile."""
    sweep.start(sender.hostname, stations(), lambda: (equipment().claims, equipment().printers), STOPPING)
    Thread(target=warm_calendar, name="warm", daemon=True).start()


def warm_calendar() -> None:
    """Lay out the open seats once, for nothing: the first order must not wait for the calendar's holidays."""
    with suppress(LedgerError):
        for station in stations():
            equipment().setup.steps(station, [])


@worker_shutting_down.connect
def stop_claims(**_: object) -> None:
    """A warm stop: cards that no printer has begun to give out go back into the queue."""
    STOPPING.set()


@setup_logging.connect
def configure_logging(**_: object) -> None:
    """One line an event; Celery's own lines for each task, and for each try to reconnect, would be most of the log."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("celery.worker.consumer.consumer").setLevel(logging.CRITICAL)  # our own line reports it once
    # At each loss of the connection Celery warns of late acknowledgement, which no task here has.
    logging.getLogger("py.warnings").addFilter(lambda record: "late acknowledgement" not in record.getMessage())
