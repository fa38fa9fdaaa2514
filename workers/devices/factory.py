"""Builds the centre and the printers of a station, by the devices that the scenario names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lembur.domain import world
from workers.devices.centre_log import CentreLog
from workers.devices.job_log import JobLog
from workers.devices.simulated import SimulatedCentre, SimulatedPrinter

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from lembur.settings import Settings
    from workers.devices.centre import CentreClient, OutsideCentre
    from workers.devices.printer import Printer


@dataclass(frozen=True, slots=True)
class DeviceFactory:
    """Everything that devices are built from."""

    ledger: Ledger
    setup: OfficeSetup
    settings: Settings

    def build_centre(self) -> CentreClient | OutsideCentre:
        """Return the centre."""
        return CENTRES[self.setup.scenario.centre.device](self)

    def build(self, station: StationCode, before: Printer | None = None) -> Printer:
        """Return the printers of a station. Those `before` a change of the office go on with their cards."""
        return DEVICES[self.setup.scenario.printing.device](self, station, before)

    def print_log(self, station: StationCode) -> JobLog:
        """Return the print log of a station on this machine."""
        return JobLog(self.settings.printers / f"{station}.jsonl")


def _build_simulated(factory: DeviceFactory, station: StationCode, before: Printer | None) -> Printer:
    del before  # Each print ends with its own figures.
    return SimulatedPrinter(factory.ledger, factory.setup, station, factory.print_log(station))


def _build_ipp(factory: DeviceFactory, station: StationCode, before: Printer | None) -> Printer:
    from workers.devices.ipp import FenceJournal, IppPrinter, Pages, PrintQueue

    scenario = factory.setup.scenario
    queues = [PrintQueue(address) for address in world.station_of(scenario, station).queues]
    typical_ms, ribbon_cards = round(scenario.printing.median_s * 1000), scenario.printing.ribbon_cards
    factory.ledger.keep_printers(station, [queue.name for queue in queues])
    if isinstance(before, IppPrinter):
        before.adopt(queues, typical_ms=typical_ms, ribbon_cards=ribbon_cards)
        return before
    return IppPrinter(
        factory.ledger,
        queues,
        station=station,
        journal=FenceJournal(factory.settings.printers / f"{station}.fence"),
        log=factory.print_log(station),
        typical_ms=typical_ms,
        lease_ms=round(factory.settings.lease_s * 1000),
        ribbon_cards=ribbon_cards,
        pages=Pages(factory.settings.page),
    )


def _simulate_centre(factory: DeviceFactory) -> CentreClient:
    return SimulatedCentre(factory.ledger, factory.setup, CentreLog(factory.settings.data / "centre.jsonl"))


def _connect_centre(factory: DeviceFactory) -> OutsideCentre:
    from workers.devices.http_centre import HttpCentre, connect_centre

    centre, settings = factory.setup.scenario.centre, factory.settings
    return HttpCentre(factory.ledger, connect_centre(centre.address, settings), office=settings.office)


CENTRES: Final[dict[str, Callable[[DeviceFactory], CentreClient | OutsideCentre]]] = {
    "simulated": _simulate_centre,
    "http": _connect_centre,
}
"""The devices a scenario may name in `centre.device`."""
DEVICES: Final[dict[str, Callable[[DeviceFactory, StationCode, Printer | None], Printer]]] = {
    "simulated": _build_simulated,
    "ipp": _build_ipp,
}
"""The devices a scenario may name in `printing.device`; a new one is a class and a line here."""
