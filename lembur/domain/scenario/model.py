"""A scenario: the office, its calendar, rates, stock and arrivals; the one question that workers and planner both play.

Every field, its unit and its default stand in docs/scenario.md.
"""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationError

from lembur.domain.calendar import JAKARTA
from lembur.domain.card import GIVEN_UP, VERDICTS, Status
from lembur.domain.circuit_breaker import Mishap
from lembur.domain.errors import ScenarioError
from lembur.domain.scenario import rules as checks
from lembur.domain.scenario.fields import (
    YEARS,
    ADay,
    AtLeastOne,
    Code,
    Count,
    Day,
    Flag,
    Moment,
    NotNegative,
    Part,
    Positive,
    Seats,
    Share,
    Text,
    TimeOfDay,
    Weekday,
)
from lembur.domain.world.faults import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lembur.domain.scenario.rules import Fault


class Hours(Part):
    """The office's working time: regular shifts, breaks, closed days, and the SLA in working days."""

    workdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    opens: TimeOfDay
    closes: TimeOfDay
    break_from: TimeOfDay
    break_until: TimeOfDay
    friday_break_from: TimeOfDay
    friday_break_until: TimeOfDay
    national_holidays: Flag = True
    joint_leave: Flag = False
    closed: tuple[Day, ...] = ()
    sla_days: Count = 3

    def faults(self) -> Iterator[Fault]:
        """See that a shift ends after it starts, and that its breaks lie inside it."""
        shift = (self.opens, self.closes)
        yield from checks.in_order("closes", ("opens", self.opens), self.closes)
        yield from checks.break_inside("break", shift, (self.break_from, self.break_until))
        yield from checks.break_inside("friday_break", shift, (self.friday_break_from, self.friday_break_until))
        if self.workdays == ():
            yield "workdays", 'is empty, so the office never opens: name at least one day, such as ["mon"]'


class Pace(Part):
    """A speed that holds from a time of day on, every day, until the next entry."""

    at: TimeOfDay
    speed: NotNegative


class Spell(Part):
    """A stretch of time with a speed of its own: 0 is an outage, 0.2 a slow spell."""

    begins: Moment
    ends: Moment
    speed: NotNegative = 0.0

    def faults(self) -> Iterator[Fault]:
        """See that a spell ends after it begins."""
        yield from checks.in_order("ends", ("begins", self.begins), self.ends)


class CentreTrial(Part):
    """A row of the centre's script: what befalls some questions, by their number or by odds; for trials only."""

    fate: Mishap
    begins: Moment = datetime(YEARS[0], 1, 1, tzinfo=JAKARTA)
    ends: Moment = datetime(YEARS[-1], 1, 1, tzinfo=JAKARTA)
    questions: tuple[Count, ...] = ()
    odds: Share = 0.0

    def faults(self) -> Iterator[Fault]:
        """See that the row can strike."""
        yield from checks.in_order("ends", ("begins", self.begins), self.ends)
        if self.questions == () and self.odds == 0:
            yield "odds", "is 0, and no questions are named: give one of them"


class Centre(Part):
    """The central server: lines to it, how long an answer takes, when it is slow or gone, and what it answers."""

    lines: AtLeastOne
    median_s: Positive
    p90_s: Positive
    profile: tuple[Pace, ...] = ()
    spells: tuple[Spell, ...] = ()
    script: tuple[CentreTrial, ...] = ()
    verdicts: dict[Status, Share]

    def faults(self) -> Iterator[Fault]:
        """See that the 90th percentile is not below the median, and that the verdicts are real and sum to one."""
        yield from checks.spread(self.median_s, self.p90_s)
        yield from checks.once("profile", [pace.at for pace in self.profile or ()])
        for status in self.verdicts or ():
            if status not in VERDICTS:
                known = ", ".join(sorted(VERDICTS))
                yield f"verdicts.{status}", f"is no verdict of the centre: use {known}"
        yield from checks.sums_to_one("verdicts", self.verdicts)


class Trial(Part):
    """A row of the printers' script: what befalls some jobs, by the number of a print or by odds; for trials only."""

    fate: Fate
    station: str = "all"
    prints: tuple[Count, ...] = ()
    odds: Share = 0.0

    def faults(self) -> Iterator[Fault]:
        """See that the row can strike."""
        if self.prints == () and self.odds == 0:
            yield "odds", "is 0, and no prints are named: give one of them"


class Printing(Part):
    """A print at the desk: time, pace, spoilage, heat rest, ribbon change, breakdown and repair."""

    median_s: Positive
    p90_s: Positive
    pace: tuple[Pace, ...] = ()
    spoil_rate: Share
    spoil_reasons: dict[str, Share]
    rest_every_cards: Count = 0
    rest_s: Count = 0
    ribbon_cards: AtLeastOne = 500
    ribbon_change_s: Count = 0
    breakdown_every_h: NotNegative = 0.0
    repair_h: NotNegative = 0.0
    script: tuple[Trial, ...] = ()

    def faults(self) -> Iterator[Fault]:
        """See that the 90th percentile is not below the median, and that the reasons for spoiling sum to one."""
        yield from checks.spread(self.median_s, self.p90_s)
        yield from checks.once("pace", [pace.at for pace in self.pace or ()])
        yield from checks.sums_to_one("spoil_reasons", self.spoil_reasons)
        if "" in (self.spoil_reasons or ()):
            yield "spoil_reasons", "has a reason without a name: name it"
        if GIVEN_UP in (self.spoil_reasons or ()):
            yield "spoil_reasons", f'has "{GIVEN_UP}", which is said of cards that were not begun: name it otherwise'
        if self.rest_s and self.rest_every_cards == 0:
            yield "rest_every_cards", f"is 0, so the rest of {self.rest_s} s never comes: say after how many cards"
        if (odds := sum(row.odds or 0.0 for row in self.script or ())) > 1:
            yield "script", f"the odds sum to {odds:.6g}, but to 1 at most"
        if self.breakdown_every_h and self.repair_h == 0:
            yield "repair_h", "is 0, so breakdowns cost nothing: say how many hours a repair takes"


class Station(Part):
    """A room with printers: its regular seats, its stock, and the share it prints of each kecamatan's cards."""

    code: Code
    name: Text
    printers: AtLeastOne
    seats: Count
    blanks: Count
    ribbons: Count
    serves: dict[str, Share] = Field(default={})
    spoil_rate: Share | None = None

    def faults(self) -> Iterator[Fault]:
        """See that each seat has a printer, and that the code is not taken."""
        if checks.known(self.seats, self.printers) and self.seats > self.printers:
            yield "seats", f"is {self.seats}, more than the {self.printers} printers: a seat needs a printer"
        if self.code in {"centre", "all"}:
            yield "code", f'is "{self.code}", a word with a meaning of its own here: choose another'


class Overtime(Part):
    """A written order of seats for one day at one station, or at all of them (`station = "all"`)."""

    station: str
    day: Day
    opens: TimeOfDay
    closes: TimeOfDay
    seats: Seats = "printers"
    by: Text
    reason: Text

    def faults(self) -> Iterator[Fault]:
        """See that an order ends after it begins."""
        yield from checks.in_order("closes", ("opens", self.opens), self.closes)


class Backlog(Part):
    """Cards already waiting at the start, recorded evenly over the working days before it."""

    cards: Count
    status: Literal[Status.PRINT_READY_RECORD, Status.BIO_CAPTURED] = Status.PRINT_READY_RECORD
    recorded_over_days: AtLeastOne = 9


class Season(Part):
    """The days between which something holds; without them from the scenario's start to its end."""

    first_day: Day | None = None
    last_day: Day | None = None

    def faults(self) -> Iterator[Fault]:
        """See that the last day is not before the first."""
        if self.first_day and self.last_day and self.last_day < self.first_day:
            yield "last_day", f"is {self.last_day}, before first_day {self.first_day}: make it the same day or later"


class Visits(Season):
    """People recorded in the field: kelurahan visited in turn, so many a day on these days between these hours."""

    what: Literal["kelurahan", "mobile"]
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: TimeOfDay
    closes: TimeOfDay
    places_a_day: AtLeastOne = 2
    records_a_day: ADay

    def faults(self) -> Iterator[Fault]:
        """See that a visit ends after it begins."""
        yield from super().faults()
        yield from checks.in_order("closes", ("opens", self.opens), self.closes)


class Counter(Season):
    """Requests at the office's counter on working days, by hour: a Poisson process with this mean a day."""

    stream: Literal["first_issue", "replacement"]
    requests_a_day: Annotated[NotNegative, Field(le=1_000_000)]
    by_hour: dict[str, Share] = Field(default={})

    def faults(self) -> Iterator[Fault]:
        """See that the hours are hours of the day and that their shares sum to one."""
        yield from super().faults()
        for hour in self.by_hour or ():
            if hour not in checks.HOURS_OF_DAY:
                yield f"by_hour.{hour}", "is no hour of the day: use 0 to 23, without leading zeros"
        if self.by_hour:
            yield from checks.sums_to_one("by_hour", self.by_hour)


class Arrivals(Part):
    """What comes in from the start until `until` (the file's own end when absent)."""

    until: Moment | None = None
    visits: tuple[Visits, ...] = ()
    counter: tuple[Counter, ...] = ()


class Delivery(Part):
    """Blanks and ribbons that reach a station at a moment."""

    at: Moment
    station: str
    blanks: Count = 0
    ribbons: Count = 0


class Scenario(Part):
    """The whole question; `lembur run` plays it with workers, `lembur plan` without."""

    name: Code
    title: Text
    source: Text
    demonstration: Flag
    starts: Moment
    ends: Moment
    speed: NotNegative = 1.0
    seed: Count = 1
    hours: Hours
    centre: Centre
    printing: Printing
    stations: Annotated[tuple[Station, ...], Field(min_length=1)]
    overtime: tuple[Overtime, ...] = ()
    backlog: Backlog = Backlog(cards=0)
    arrivals: Arrivals = Arrivals()
    deliveries: tuple[Delivery, ...] = ()

    def __hash__(self) -> int:
        """Hash what tells scenarios apart in practice; equality looks at everything. It makes them keys of caches."""
        return hash((self.name, self.starts, self.ends))

    def faults(self) -> Iterator[Fault]:
        """See that what the tables say of each other fits together."""
        yield from checks.across(self)


def shipped() -> list[str]:
    """List the names of the scenarios that come with the program."""
    return sorted(
        file.name.removesuffix(".toml") for file in files("scenarios").iterdir() if file.name.endswith(".toml")
    )


def load(source: str) -> Scenario:
    """Read a scenario by its shipped name or from a TOML file; ScenarioError tells all its faults at once."""
    from lembur.domain.scenario import loader

    tables = loader.read(source, shipped())
    try:
        return Scenario.model_validate(tables)
    except ValidationError as error:
        raise loader.refused(source, tables, error, Scenario) from None


def with_seats(scenario: Scenario, seats: Mapping[str, int]) -> Scenario:
    """The same scenario with other seats at some stations, in regular hours and in overtime alike."""
    codes = [station.code for station in scenario.stations]
    faults = [f"--seats {code}: there is no such station: {', '.join(codes)}" for code in seats if code not in codes]
    faults += [
        f"--seats {station.code}={seats[station.code]}: the station has {station.printers} printers"
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
        if order.station in {"all", code}
    )
    return scenario.model_copy(update={"stations": stations, "overtime": overtime}) if seats else scenario
