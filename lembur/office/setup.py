"""An office in a ledger: its scenario, and the stations that follow from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lembur.domain import world
from lembur.domain.errors import LedgerError, Sentence, StationError
from lembur.domain.scenario import Scenario
from lembur.domain.seats import CENTRE, SeatOrder, SeatPlan, StationCode, Step, orders_in_force
from lembur.domain.time import DAY_MS, moment_ms
from lembur.ledger.types import StationSetup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lembur.ledger import Ledger

BEYOND_MS = 60 * DAY_MS
"""Time after the scenario's end for which open seats are laid out."""


@dataclass(frozen=True, slots=True)
class OfficeSetup:
    """A scenario with the seed of its random draws, the cards of a lot, and its speed (0 = as fast as work allows).

    `changes` counts the changes of people since the opening.
    """

    scenario: Scenario
    seed: int
    lot_cards: int
    speed: float = 1.0
    changes: int = 0

    @property
    def stations(self) -> tuple[StationCode, ...]:
        """List the print stations."""
        return tuple(StationCode(station.code) for station in self.scenario.stations)

    @property
    def all_stations(self) -> tuple[StationCode, ...]:
        """List the centre, then the print stations."""
        return (CENTRE, *self.stations)

    def find_station(self, code: str) -> StationCode:
        """Return the code of a print station as it was typed; any other is refused."""
        if code not in self.stations:
            raise StationError(
                "there is no station '%(code)s': %(stations)s", code=code, stations=", ".join(self.stations)
            )
        return StationCode(code)

    @property
    def starts_ms(self) -> int:
        """Return the start of the scenario, milliseconds UTC."""
        return moment_ms(self.scenario.starts)

    @property
    def ends_ms(self) -> int:
        """Return the end of the scenario, milliseconds UTC: no card starts later."""
        return moment_ms(self.scenario.ends)

    def printers(self, station: StationCode) -> int:
        """Return the number of printers of a station, or of lines to the centre."""
        if station == CENTRE:
            return self.scenario.centre.lines
        return world.station_of(self.scenario, station).printers

    def steps(self, station: StationCode, orders: list[SeatOrder]) -> list[Step]:
        """Return the seats of a station over time, with these orders."""
        until = self.ends_ms + BEYOND_MS
        return world.station_steps(self.scenario, self.seed, station, until_ms=until, orders=orders_in_force(orders))

    def plan(self, station: StationCode, orders: list[SeatOrder]) -> list[SeatPlan]:
        """Return the seats of a print station as planned, as if no printer broke."""
        return world.station_plan(
            self.scenario, station, until_ms=self.ends_ms + BEYOND_MS, orders=orders_in_force(orders)
        )


def office_to_json(setup: OfficeSetup) -> dict[str, Any]:
    """Convert a setup to the form in which the ledger keeps it."""
    return {
        "scenario": setup.scenario.model_dump(mode="json"),
        "seed": setup.seed,
        "lot_cards": setup.lot_cards,
        "speed": setup.speed,
        "overtime": [asdict(order) for order in world.overtime_orders(setup.scenario)],
    }


def station_setups(setup: OfficeSetup, orders: Sequence[SeatOrder] = ()) -> list[StationSetup]:
    """List the centre and the stations as the ledger takes them, with the seats that these orders open."""
    scenario, given = setup.scenario, list(orders)
    cards = scenario.printing.ribbon_cards
    promised: dict[str, list[dict[str, int]]] = {station.code: [] for station in scenario.stations}
    for delivery in scenario.deliveries:
        at = moment_ms(delivery.at)
        promised[delivery.station].append({"at": at, "blank": delivery.blanks, "ribbon": delivery.ribbons * cards})
    return [
        StationSetup(CENTRE, scenario.centre.lines, setup.steps(CENTRE, given)),
        *(
            StationSetup(
                code := StationCode(station.code),
                station.printers,
                setup.steps(code, given),
                station.blanks,
                station.ribbons * cards,
                promised[station.code],
                setup.plan(code, given),
            )
            for station in scenario.stations
        ),
    ]


def open_office(ledger: Ledger, setup: OfficeSetup) -> bool:
    """Open a ledger for this scenario; False when it was open already, and nothing was changed."""
    opened = ledger.open(office=office_to_json(setup), stations=station_setups(setup), starts_ms=setup.starts_ms)
    if opened and not setup.scenario.demonstration:
        ledger.follow_wall_clock(ends_ms=setup.ends_ms)
    return opened


def open_or_continue(ledger: Ledger, setup: OfficeSetup, *, given: Sequence[str] = ()) -> OfficeSetup:
    """Open a ledger for this setup, or go on with the office that it holds; return what is open.

    `given` names the fields that a person asked for: an office that differs in one of them is refused.
    """
    if open_office(ledger, setup):
        return setup
    there = read_setup(ledger)
    if other := [name for name in given if getattr(there, name) != getattr(setup, name)]:
        pace = Sentence("%(speed)s times real time", speed=there.speed) if there.speed else Sentence("full speed")
        raise LedgerError(
            "this ledger holds %(name)s with seed %(seed)s at %(pace)s, which is another %(fields)s: leave "
            "that out to go on, or give an empty --data or another --redis%(change)s",
            name=there.scenario.name,
            seed=str(there.seed),
            pace=pace,
            fields=" and another ".join(other),
            change="" if there.scenario.demonstration else Sentence("; 'lembur change' changes an open office"),
        )
    if not there.scenario.demonstration:
        ledger.follow_wall_clock(ends_ms=there.ends_ms)
    return there


def read_setup(ledger: Ledger) -> OfficeSetup:
    """Read the setup of an open office."""
    office = ledger.office()
    if not office:
        raise LedgerError(
            "nothing is open in this ledger for office %(office)s: start with 'lembur up' or 'lembur run', or set "
            "LEMBUR_OFFICE to the code of the office that is open",
            office=ledger.office_code,
        )
    try:
        scenario = Scenario.model_validate(office["scenario"])
    except ValidationError as fault:
        field = ".".join(map(str, fault.errors()[0]["loc"]))
        raise LedgerError(
            "this office was stored by another version of Lembur: its scenario cannot be read at '%(field)s'",
            field=field,
        ) from fault
    return OfficeSetup(scenario, office["seed"], office["lot_cards"], office["speed"], office["changes"])


class SetupReader:
    """The setup of an open office. It is read again after each change, which costs one number to notice."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._setup = read_setup(ledger)

    def read(self, changes: int | None = None) -> OfficeSetup:
        """Return the present setup. A caller that knows the number of changes gives it, and saves a question."""
        if (self._ledger.changes() if changes is None else changes) != self._setup.changes:
            self._setup = read_setup(self._ledger)
        return self._setup
