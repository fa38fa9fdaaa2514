"""A scenario: one office, its calendar, rates, stock and arrivals. Workers and planner both play it."""

from __future__ import annotations

from collections import Counter
from datetime import time
from math import isclose
from typing import TYPE_CHECKING, Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from lembur.domain.errors import ScenarioError
from lembur.domain.scenario.checks import HOURS_OF_DAY, TOLERANCE, are_read, in_order
from lembur.domain.scenario.fields import (
    USUAL_ZONE,
    Code,
    Count,
    Flag,
    Moment,
    Part,
    Speed,
    Text,
    ZoneName,
    moments_in,
)
from lembur.domain.scenario.hours import Hours
from lembur.domain.scenario.pay import USUAL_PAY, Pay, preset
from lembur.domain.scenario.region import NamedRegion
from lembur.domain.scenario.tables import (
    Arrivals,
    Backlog,
    Centre,
    Delivery,
    InterimLetter,
    OvertimeOrder,
    Printing,
    Station,
)
from lembur.domain.seats import ALL
from lembur.domain.time import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from lembur.domain.scenario.fields import Fault

DAY_MINUTES: Final = 24 * 60
LEAST_SPEED: Final = 0.01
LONGEST_DAYS: Final = 1830
"""Five years; a longer scenario is a typing error in one of its dates."""


class Scenario(Part):
    """A whole scenario. `lembur run` plays it with workers, `lembur plan` without them."""

    name: Code
    title: Text
    source: Text
    demonstration: Flag
    region: NamedRegion
    time_zone: ZoneName = USUAL_ZONE
    starts: Moment
    ends: Moment
    speed: Speed = 1.0
    seed: Count = 1
    hours: Hours
    centre: Centre
    printing: Printing
    stations: Annotated[tuple[Station, ...], Field(min_length=1)]
    overtime: tuple[OvertimeOrder, ...] = ()
    backlog: Backlog = Backlog(cards=0)
    arrivals: Arrivals = Arrivals()
    deliveries: tuple[Delivery, ...] = ()
    interim_letter: InterimLetter = InterimLetter()
    overtime_pay: Pay = Field(default_factory=lambda: preset(USUAL_PAY))

    @model_validator(mode="wrap")
    @classmethod
    def _in_own_zone(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401  (any input)
        with moments_in(value.get("time_zone") if isinstance(value, dict) else getattr(value, "time_zone", None)):
            return handler(value)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the office."""
        return ZoneInfo(self.time_zone)

    def __hash__(self) -> int:
        """Hash a few fields, for use as a key of caches. Equality still compares all fields."""
        return hash((self.name, self.starts, self.ends))

    def faults(self) -> Iterator[Fault]:
        """Check that the tables fit together."""
        yield from _across(self)


def with_seats(scenario: Scenario, seats: Mapping[str, int]) -> Scenario:
    """Return the same scenario with other seats at some stations, both in regular hours and in overtime."""
    codes = [station.code for station in scenario.stations]
    faults = [f"{code}: there is no such station: {', '.join(codes)}" for code in seats if code not in codes]
    faults += [
        f"{station.code}={seats[station.code]}: the station has {station.printers} printers"
        for station in scenario.stations
        if seats.get(station.code, 0) > station.printers
    ]
    if faults:
        raise ScenarioError(scenario.name, faults)
    stations = tuple(s.model_copy(update={"seats": seats.get(s.code, s.seats)}) for s in scenario.stations)
    overtime = tuple(
        order.model_copy(update={"station": code, "seats": seats.get(code, order.seats)})
        for order in scenario.overtime
        for code in codes
        if order.station in {ALL, code}
    )
    return scenario.model_copy(update={"stations": stations, "overtime": overtime}) if seats else scenario


def _across(scenario: Scenario) -> Iterator[Fault]:
    """Check that the tables of a scenario fit together."""
    yield from _period(scenario)
    yield from _check_invented(scenario)
    yield from _stations(scenario)
    yield from _shifts(scenario)
    yield from _queues(scenario)
    yield from _check_served(scenario)
    yield from _overtime(scenario)
    yield from _script(scenario)
    yield from _deliveries(scenario)
    yield from _counter_hours(scenario)


def _period(scenario: Scenario) -> Iterator[Fault]:
    if scenario.speed and scenario.speed < LEAST_SPEED:
        yield "speed", f"is {scenario.speed:g}: use 0 for as fast as possible, or at least {LEAST_SPEED:g}"
    starts, ends = scenario.starts, scenario.ends
    yield from in_order("ends", ("starts", starts), ends)
    if not _has_period(scenario):
        return
    if (ends - starts).days > LONGEST_DAYS:
        yield "ends", f"is {ends}, {(ends - starts).days} days after starts: at most {LONGEST_DAYS} can be played"
    if scenario.arrivals and scenario.arrivals.until:
        yield from _inside("arrivals.until", scenario.arrivals.until, starts, ends)


def _has_period(scenario: Scenario) -> bool:
    return are_read(scenario.starts, scenario.ends) and scenario.starts < scenario.ends


def _check_invented(scenario: Scenario) -> Iterator[Fault]:
    """Check that a real office has no invented cards. Its arrivals are only expected, because no feed brings them."""
    if scenario.demonstration is False and scenario.backlog and scenario.backlog.cards:
        yield (
            "demonstration",
            "is false, but the backlog is invented people: set it to true, or remove it and take people in",
        )


def _stations(scenario: Scenario) -> Iterator[Fault]:
    codes = [station.code for station in scenario.stations or ()]
    for index, code in enumerate(codes):
        if code is not None and code in codes[:index]:
            yield f"stations[{index + 1}].code", f'is "{code}", as is stations[{codes.index(code) + 1}]: rename one'


def _shifts(scenario: Scenario) -> Iterator[Fault]:
    """Check that no two shifts of a station overlap, because its seats belong to one shift."""
    workdays = scenario.hours and scenario.hours.workdays
    for index, station in enumerate(scenario.stations or ()):
        week: list[tuple[float, float]] = []
        for shift in station.shifts or ():
            if shift is None or not are_read(shift.opens, shift.closes, shift.days, workdays):
                return
            length = shift.minutes_after_opening(shift.closes)
            opens = shift.opens.hour * 60 + shift.opens.minute + shift.opens.second / 60
            begins = [WEEKDAYS.index(day) * DAY_MINUTES + opens for day in shift.days or workdays]
            week += [(begin, begin + length) for begin in begins]
        week.sort()
        following = [*week[1:], *((begin + 7 * DAY_MINUTES, end) for begin, end in week[:1])]
        if any(after[0] < before[1] for before, after in zip(week, following, strict=True)):
            yield f"stations.{station.code or index + 1}.shifts", "overlap: end one before the next begins"


def _queues(scenario: Scenario) -> Iterator[Fault]:
    """Check that real printers have a queue each, and simulated ones none."""
    if not scenario.printing or not scenario.stations:
        return
    for index, station in enumerate(scenario.stations):
        where, queues = f"stations[{index + 1}].queues", len(station.queues or ())
        if scenario.printing.device == "ipp" and queues != station.printers:
            yield where, f"has {queues} of {station.printers} addresses: give each printer its queue"
        elif scenario.printing.device == "simulated" and queues:
            yield where, 'has addresses, but printing.device is "simulated": write device = "ipp" or drop them'


def _check_served(scenario: Scenario) -> Iterator[Fault]:
    stations = scenario.stations or ()
    if not stations or not scenario.region or not are_read(*(station.serves for station in stations)):
        return
    served = Counter[str]()
    weights = scenario.region.weights
    for index, station in enumerate(stations):
        for code, share in station.serves.items():
            if code not in weights:
                where = f"stations.{station.code or index + 1}.serves"
                yield f'{where}."{code}"', f"is no kecamatan of {scenario.region.name}: use {', '.join(weights)}"
            served[code] += share  # type: ignore[assignment]
    for code in weights if served else ():
        if not isclose(served[code], 1.0, abs_tol=TOLERANCE):
            yield (
                f'stations.*.serves."{code}"',
                f"the shares of all stations sum to {served[code]:.6g}, but must sum to 1, or remove every `serves`",
            )


def _overtime(scenario: Scenario) -> Iterator[Fault]:
    printers = _printers(scenario)
    for index, order in enumerate(scenario.overtime or ()):
        where = f"overtime[{index + 1}]"
        if scenario.stations and order.station is not None:
            yield from _known_station(f"{where}.station", order.station, [*printers, ALL])
        named = printers if order.station == ALL else {order.station: printers.get(order.station)}
        few = [
            code
            for code, many in named.items()
            if many is not None and isinstance(order.seats, int) and order.seats > many
        ]
        if few:
            yield (
                f"{where}.seats",
                f"is {order.seats}, more than the printers of {', '.join(few)}: a seat needs a printer",
            )
        if order.day is not None and _has_period(scenario):
            yield from _inside(f"{where}.day", order.day, scenario.starts.date(), scenario.ends.date())


def _printers(scenario: Scenario) -> dict[str, int]:
    return {station.code: station.printers for station in scenario.stations or () if station.code is not None}


def _known_station(where: str, code: str, codes: list[str]) -> Iterator[Fault]:
    if code not in codes:
        yield where, f'is "{code}", which is no station: use {", ".join(codes)}'


def _inside(where: str, found: date, first: date, last: date) -> Iterator[Fault]:
    if not first <= found <= last:
        yield where, f"is {found}, outside of the scenario from {first} to {last}: move it"


def _script(scenario: Scenario) -> Iterator[Fault]:
    for index, row in enumerate((scenario.printing and scenario.printing.script) or ()):
        if scenario.stations and row.station is not None:
            where = f"printing.script[{index + 1}].station"
            yield from _known_station(where, row.station, [*_printers(scenario), ALL])


def _deliveries(scenario: Scenario) -> Iterator[Fault]:
    for index, delivery in enumerate(scenario.deliveries or ()):
        where = f"deliveries[{index + 1}]"
        if scenario.stations and delivery.station is not None:
            yield from _known_station(f"{where}.station", delivery.station, list(_printers(scenario)))
        if delivery.at is not None and _has_period(scenario):
            yield from _inside(f"{where}.at", delivery.at, scenario.starts, scenario.ends)
        if delivery.blanks == 0 and delivery.ribbons == 0:
            yield f"{where}.blanks", "is 0, and so is ribbons: a delivery brings something"


def _counter_hours(scenario: Scenario) -> Iterator[Fault]:
    hours = scenario.hours
    if not hours or not are_read(hours.opens, hours.closes) or hours.closes <= hours.opens:
        return
    for index, counter in enumerate((scenario.arrivals and scenario.arrivals.counter) or ()):
        for hour, share in (counter.by_hour or {}).items():
            if (
                share
                and hour in HOURS_OF_DAY
                and not (hours.opens.hour <= int(hour) and time(int(hour)) < hours.closes)
            ):
                yield (
                    f"arrivals.counter[{index + 1}].by_hour.{hour}",
                    f"the office is closed then: it is open from {hours.opens} to {hours.closes}",
                )
