"""An office in a ledger: its scenario, and the seat orders that change it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import time
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lembur.domain import world
from lembur.domain.errors import LedgerError, OrderConflictError, OrderError, Sentence, StationError
from lembur.domain.scenario import Scenario
from lembur.domain.seats import CENTRE, SeatOrder, SeatPlan, StationCode, Step, orders_in_force
from lembur.domain.time import DAY_MS, HOUR_MS, at_ms, day_of, moment_ms
from lembur.ledger.types import SeatTable, StationSetup, Wakes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from lembur.ledger import Ledger

BEYOND_MS = 60 * DAY_MS
"""Time after the scenario's end for which open seats are laid out."""
EVENING = time(21)
"""End of an order without one: Surabaya printed until 23:00, most offices until 21:00 (assumed)."""


@dataclass(frozen=True, slots=True)
class OfficeSetup:
    """A scenario with the seed of its random draws, the cards of a lot, and its speed (0 = as fast as work allows)."""

    scenario: Scenario
    seed: int
    lot_cards: int
    speed: float = 1.0

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
        return next(s.printers for s in self.scenario.stations if s.code == station)

    def steps(self, station: StationCode, orders: list[SeatOrder]) -> list[Step]:
        """Return the seats of a station over time, with these orders."""
        until = self.ends_ms + BEYOND_MS
        return world.station_steps(self.scenario, self.seed, station, until_ms=until, orders=orders_in_force(orders))

    def plan(self, station: StationCode, orders: list[SeatOrder]) -> list[SeatPlan]:
        """Return the seats of a print station as planned, as if no printer broke."""
        return world.station_plan(
            self.scenario, station, until_ms=self.ends_ms + BEYOND_MS, orders=orders_in_force(orders)
        )


def open_office(ledger: Ledger, setup: OfficeSetup) -> bool:
    """Open a ledger for this scenario; False when it was open already, and nothing was changed."""
    scenario = setup.scenario
    cards = scenario.printing.ribbon_cards
    promised: dict[str, list[dict[str, int]]] = {station.code: [] for station in scenario.stations}
    for delivery in scenario.deliveries:
        at = moment_ms(delivery.at)
        promised[delivery.station].append({"at": at, "blank": delivery.blanks, "ribbon": delivery.ribbons * cards})
    stations = [StationSetup(CENTRE, scenario.centre.lines, setup.steps(CENTRE, []))]
    stations += [
        StationSetup(
            StationCode(station.code),
            station.printers,
            setup.steps(StationCode(station.code), []),
            station.blanks,
            station.ribbons * cards,
            promised[station.code],
            setup.plan(StationCode(station.code), []),
        )
        for station in scenario.stations
    ]
    office = {
        "scenario": scenario.model_dump(mode="json"),
        "seed": setup.seed,
        "lot_cards": setup.lot_cards,
        "speed": setup.speed,
        "overtime": [asdict(order) for order in world.overtime_orders(scenario)],
    }
    opened = ledger.open(office=office, stations=stations, starts_ms=setup.starts_ms)
    if opened and not scenario.demonstration:
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
            "that out to go on, or give an empty --data or another --redis",
            name=there.scenario.name,
            seed=str(there.seed),
            pace=pace,
            fields=" and another ".join(other),
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
    return OfficeSetup(scenario, office["seed"], office["lot_cards"], office["speed"])


def order_seats(ledger: Ledger, *orders: SeatOrder, reference: str = "", seen: int | None = None) -> Wakes:
    """Carry out seat orders together: all of them or none, in force with the next lot.

    A `reference` (of a plan) is accepted once. An order that began already begins now. `seen` is the number of orders
    that the person knew: a later one of another person for the same station is an OrderConflictError.
    """
    setup = read_setup(ledger)
    now_ms, _ = ledger.time()
    for order in orders:
        _check_order(setup, order, now_ms)
    coming = [replace(order, from_ms=max(order.from_ms, now_ms)) for order in orders]

    def add(known: list[SeatOrder]) -> list[SeatOrder]:
        _check_seen(known[len(known) if seen is None else seen :], coming)
        return coming

    return _order(ledger, setup, add, reference)


def _check_seen(later: Sequence[SeatOrder], coming: Sequence[SeatOrder]) -> None:
    by = {order.station: order.by for order in coming}
    other = next((order for order in later if order.by != by.get(order.station, order.by)), None)
    if other is not None:
        raise OrderConflictError(other)


def cancel_order(ledger: Ledger, number: int, *, by: str, reason: str) -> Wakes:
    """End a seat order now, or before it begins; `number` counts the orders given, the first is 1."""
    now_ms, _ = ledger.time()

    def cancel(known: list[SeatOrder]) -> list[SeatOrder]:
        if not 1 <= number <= len(known) or known[number - 1].cancels:
            raise OrderError("there is no seat order %(number)s: 'lembur orders' lists them", number=number)
        order = known[number - 1]
        if order.until_ms <= now_ms or any(other.cancels == number for other in known):
            raise OrderError(
                "seat order %(number)s at %(station)s is over already", number=number, station=order.station
            )
        return [SeatOrder(order.station, 0, now_ms, order.until_ms, by, reason, cancels=number)]

    return _order(ledger, read_setup(ledger), cancel)


def _check_order(setup: OfficeSetup, order: SeatOrder, now_ms: int) -> None:
    printers = setup.printers(setup.find_station(order.station))
    if not 0 <= order.seats <= printers:
        raise OrderError(
            "%(station)s has %(num)s printer: seats must be 0 or 1, not %(seats)s",
            "%(station)s has %(num)s printers: seats must be 0 to %(num)s, not %(seats)s",
            station=order.station,
            num=printers,
            seats=order.seats,
        )
    if order.until_ms <= order.from_ms:
        raise OrderError("the order ends before it begins: give a later end")
    if order.until_ms <= now_ms:
        raise OrderError("the order at %(station)s is over already: give a later end", station=order.station)


def _order(
    ledger: Ledger, setup: OfficeSetup, make: Callable[[list[SeatOrder]], list[SeatOrder]], reference: str = ""
) -> Wakes:
    while True:  # until no other order comes between the reading and the writing
        known = ledger.orders()
        added = make(known)
        orders = [*known, *added]
        seats = {
            code: SeatTable(setup.steps(code, orders), setup.plan(code, orders))
            for code in {order.station for order in added}
        }
        wakes = ledger.order(added, known=len(known), seats=seats, reference=reference)
        if wakes is not None:
            return wakes


def open_seats(ledger: Ledger, station: StationCode) -> int:
    """Return the seats open at a station now."""
    now_ms, _ = ledger.time()
    return ledger.seats_at(station, now_ms)


def change_seats(ledger: Ledger, station: StationCode, *, by_seats: int, by: str, reason: str) -> Wakes:
    """Open `by_seats` more seats (or close them) from now until this evening, as a seat order."""
    now_ms, _ = ledger.time()
    until_ms = evening_ms(now_ms, read_setup(ledger).scenario.zone)
    order = SeatOrder(station, ledger.seats_at(station, now_ms) + by_seats, now_ms, until_ms, by, reason)
    return order_seats(ledger, order)


def evening_ms(now_ms: int, zone: tzinfo) -> int:
    """Return the end of an order without one: 21:00 of the office's day, or an hour from now if that is later."""
    return max(at_ms(day_of(now_ms, zone), EVENING, zone), now_ms + HOUR_MS)
