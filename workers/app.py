"""The Celery application: two tasks that wake a seat and carry no card."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from celery.signals import setup_logging, worker_ready, worker_shutting_down

from lembur import bus
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, StationCode
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, SetupReader
from lembur.retry import Outage
from lembur.settings import read_settings
from workers import controls, hearing, printing, sweep, verification
from workers.claiming import LotClaims, take_turn
from workers.devices import DeviceFactory, owner_of

if TYPE_CHECKING:
    from lembur.ledger.types import Wakes
    from workers.devices import CentreClient, OutsideCentre, Printer

log = logging.getLogger(__name__)

SETTINGS = read_settings()
STOPPING = Event()
OUTAGE = Outage("seats wait", log.warning)
app = bus.make_app(SETTINGS)
app.conf.update(worker_pool="workers.pool:SeatPool")
controls.install()


@dataclass(slots=True)
class Equipment:
    """The equipment of a worker process: its claims, the centre, and the printers of its stations."""

    claims: LotClaims
    setups: SetupReader
    setup: OfficeSetup
    centre: CentreClient | OutsideCentre
    printers: dict[StationCode, Printer]

    def follow_office(self) -> None:
        """Work by the present office, if a person changed it. Prints in hand end as they began."""
        setup = self.setups.read()
        if setup is self.setup:
            return
        factory = DeviceFactory(self.claims.ledger, setup, SETTINGS)
        self.printers = {station: factory.build(station, before) for station, before in self.printers.items()}
        if setup.scenario.centre != self.setup.scenario.centre:
            self.centre = factory.build_centre()
        self.setup = setup
        log.info("the office was changed: this worker goes on by the new facts")


@cache
def equipment() -> Equipment:
    """Return the equipment of this process; build it when the first task or the sweep needs it."""
    ledger = Ledger(connect(SETTINGS.redis_url), office=SETTINGS.office)
    setups = SetupReader(ledger)
    setup = setups.read()
    claims = LotClaims(
        ledger,
        wake,
        setup.lot_cards,
        round(SETTINGS.lease_s * 1000),
        owner_of(SETTINGS.printers),
        STOPPING,
        OUTAGE,
    )
    factory = DeviceFactory(ledger, setup, SETTINGS)
    printers = {station: factory.build(station) for station in stations() if station != CENTRE}
    return Equipment(claims, setups, setup, factory.build_centre(), printers)


def wake(wakes: Wakes) -> None:
    """Send wake-ups; the sweep sends those that the server does not take."""
    with suppress(LedgerError):
        bus.send(app, wakes)


def stations() -> list[StationCode]:
    """Return the stations of this process."""
    return list(SETTINGS.stations)


@app.task(name=bus.VERIFY_NEXT)
def verify_next() -> str:
    """Verify the next lots if there are some for a line to the centre."""
    centre = equipment().centre
    return take_turn(equipment().claims, lambda claims: verification.next_lot(claims, centre))


@app.task(name=bus.PRINT_NEXT)
def print_next(station: str) -> str:
    """Print the next lots if there are some for a seat of this station."""
    printer = equipment().printers.get(StationCode(str(station)))
    if printer is None:
        return "refused: this worker has no printers of such a station"
    code = StationCode(station)
    return take_turn(equipment().claims, lambda claims: printing.next_lot(claims, code, printer))


@worker_ready.connect
def start_sweep(sender: Any, **_: object) -> None:  # noqa: ANN401 - Celery's consumer has no type
    """Start the sweep when the worker is up. The sweep wakes the stations that waited meanwhile."""
    sweep.start(sender.hostname, stations(), _sweep_equipment, outage=OUTAGE, stopping=STOPPING)
    if CENTRE in stations():
        hearing.start(_hearing_equipment, reader=sender.hostname, outage=OUTAGE, stopping=STOPPING)
    Thread(target=warm_calendar, name="warm", daemon=True).start()


def _sweep_equipment() -> tuple[LotClaims, dict[StationCode, Printer], OfficeSetup]:
    own = equipment()
    own.follow_office()
    return own.claims, own.printers, own.setup


def _hearing_equipment() -> tuple[LotClaims, CentreClient | OutsideCentre]:
    return equipment().claims, equipment().centre


def warm_calendar() -> None:
    """Compute the open seats once, so that the first order does not wait for the calendar's holidays."""
    with suppress(LedgerError):
        for station in stations():
            equipment().setup.steps(station, [])


@worker_shutting_down.connect
def stop_claims(**_: object) -> None:
    """Stop claiming on a warm shutdown: cards that no printer has begun go back into the queue."""
    STOPPING.set()


@setup_logging.connect
def configure_logging(**_: object) -> None:
    """Log one line for each event, without Celery's lines for each task and for each try to reconnect."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("celery.worker.strategy", "celery.app.trace", "httpx2"):  # a line for each task, and for each request
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("celery.worker.consumer.consumer").setLevel(logging.CRITICAL)  # OUTAGE logs it once
    # At each lost connection Celery warns about late acknowledgement, which no task here uses.
    logging.getLogger("py.warnings").addFilter(lambda record: "late acknowledgement" not in record.getMessage())
