"""The tables of a scenario: centre, printing, stations, overtime, backlog, arrivals and deliveries.

docs/scenario.md lists every field with its unit and its default.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from lembur.domain.card import GIVEN_UP, VERDICTS, Status
from lembur.domain.scenario import checks
from lembur.domain.scenario.faults import CentreTrial, Trial
from lembur.domain.scenario.fields import (
    ADay,
    AtLeastOne,
    Cards,
    CentreAddress,
    Code,
    Count,
    Day,
    Machines,
    Moment,
    NotNegative,
    Part,
    Pause,
    QueueAddress,
    Seats,
    Seconds,
    Share,
    Speed,
    Text,
    TimeOfDay,
    Weekday,
)
from lembur.domain.scenario.hours import Shift
from lembur.domain.seats import ALL, CENTRE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.scenario.fields import Fault

LONGEST_REASON: Final = 60
REASON: Final = re.compile(r"[^|\x00-\x1f\x7f]{1,60}")
"""A reason of spoilage.

The ledger counts prints by `printed|station|reason`, and a report shows a reason in one line.
"""
LEAST_H: Final = 0.01


class Pace(Part):
    """A speed from a time of day on, every day, until the next entry."""

    at: TimeOfDay
    speed: Speed


class Spell(Part):
    """A stretch of time with a speed of its own: 0 is an outage, 0.2 a slow spell."""

    begins: Moment
    ends: Moment
    speed: Speed = 0.0

    def faults(self) -> Iterator[Fault]:
        """Check that a spell ends after it begins."""
        yield from checks.in_order("ends", ("begins", self.begins), self.ends)


class Centre(Part):
    """The central server: its lines, the time of an answer, its slow and lost hours, and its verdicts."""

    lines: Machines
    median_s: Seconds
    p90_s: Seconds
    profile: tuple[Pace, ...] = ()
    spells: tuple[Spell, ...] = ()
    script: tuple[CentreTrial, ...] = ()
    verdicts: dict[Status, Share]
    device: Literal["simulated", "http"] = "simulated"
    address: CentreAddress | Literal[""] = ""

    def faults(self) -> Iterator[Fault]:
        """Check that median, verdicts and device fit together."""
        if self.device == "http" and self.address == "":
            yield "address", "is missing: a centre over HTTP has one, such as https://centre.example"
        if self.device == "simulated" and self.address:
            yield "address", 'is given, but device is "simulated": write device = "http" or drop it'
        yield from checks.spread(self.median_s, self.p90_s)
        yield from checks.no_duplicates("profile", [pace.at for pace in self.profile or ()])
        for status in self.verdicts or ():
            if status not in VERDICTS:
                known = ", ".join(sorted(VERDICTS))
                yield f"verdicts.{status}", f"is no verdict of the centre: use {known}"
        yield from checks.sums_to_one("verdicts", self.verdicts)


class Printing(Part):
    """A print: its time, pace, spoilage, rest of a hot printer, ribbon change, breakdown and repair."""

    median_s: Seconds
    p90_s: Seconds
    pace: tuple[Pace, ...] = ()
    spoil_rate: Share
    spoil_reasons: dict[str, Share]
    rest_every_cards: Count = 0
    rest_s: Pause = 0
    ribbon_cards: AtLeastOne = 500
    ribbon_change_s: Pause = 0
    breakdown_every_h: NotNegative = 0.0
    repair_h: NotNegative = 0.0
    script: tuple[Trial, ...] = ()
    device: Literal["simulated", "ipp"] = "simulated"

    def spoil_rate_at(self, station: Station) -> float:
        """Return the share of prints that a station spoils: its own, or the one of all stations."""
        return self.spoil_rate if station.spoil_rate is None else station.spoil_rate

    def faults(self) -> Iterator[Fault]:
        """Check that the 90th percentile is not below the median, and that the shares of the reasons add up to one."""
        yield from checks.spread(self.median_s, self.p90_s)
        yield from checks.no_duplicates("pace", [pace.at for pace in self.pace or ()])
        yield from checks.sums_to_one("spoil_reasons", self.spoil_reasons)
        for reason in self.spoil_reasons or ():
            if not REASON.fullmatch(reason):
                yield "spoil_reasons", f"has {reason[:LONGEST_REASON]!a}: a reason has 1 to 60 characters and no |"
        if GIVEN_UP in (self.spoil_reasons or ()):
            yield "spoil_reasons", f'has "{GIVEN_UP}", the reason of cards that were not begun: name it otherwise'
        if self.rest_s and self.rest_every_cards == 0:
            yield (
                "rest_every_cards",
                f"is 0, so the rest of {self.rest_s} s never comes: give the cards before it",
            )
        if (odds := sum(row.odds or 0.0 for row in self.script or ())) > 1:
            yield "script", f"the odds sum to {odds:.6g}, but to 1 at most"
        for name, hours in (("breakdown_every_h", self.breakdown_every_h), ("repair_h", self.repair_h)):
            if hours and hours < LEAST_H:
                yield name, f"is {hours:g}: use 0 for none, or at least {LEAST_H:g} hours"
        if self.breakdown_every_h and self.repair_h == 0:
            yield "repair_h", "is 0, so breakdowns cost nothing: give the hours of a repair"


class Station(Part):
    """A station with printers: its regular seats, its shifts and stock, and its share of each kecamatan's cards."""

    code: Code
    name: Text
    printers: Machines
    seats: Count
    blanks: Count
    ribbons: Count
    serves: dict[str, Share] = Field(default={})
    spoil_rate: Share | None = None
    shifts: tuple[Shift, ...] = ()
    queues: tuple[QueueAddress, ...] = ()

    def faults(self) -> Iterator[Fault]:
        """Check that each seat has a printer, and that the code is not reserved."""
        if checks.are_read(self.seats, self.printers) and self.seats > self.printers:
            yield "seats", f"is {self.seats}, more than the {self.printers} printers: a seat needs a printer"
        if self.code in {CENTRE, ALL}:
            yield "code", f'is "{self.code}", a word with a meaning of its own here: choose another'


class OvertimeOrder(Part):
    """A written order of seats for one day at one station, or at all of them (`station = "all"`).

    It ends on the next day if `closes` is before `opens`.
    """

    station: str
    day: Day
    opens: TimeOfDay
    closes: TimeOfDay
    seats: Seats = "printers"
    by: Text
    reason: Text

    def faults(self) -> Iterator[Fault]:
        """Check that an order has a length."""
        if checks.are_read(self.opens, self.closes) and self.opens == self.closes:
            yield "closes", f"is {self.closes}, the same as opens: an order is shorter than a day"


class Backlog(Part):
    """Cards that wait at the start. They were recorded evenly over the working days before it."""

    cards: Cards
    status: Literal[Status.PRINT_READY_RECORD, Status.BIO_CAPTURED] = Status.PRINT_READY_RECORD
    recorded_over_days: Annotated[AtLeastOne, Field(le=2_000)] = 9


class Season(Part):
    """A first and a last day. Without them the row holds from the scenario's start to its end."""

    first_day: Day | None = None
    last_day: Day | None = None

    def faults(self) -> Iterator[Fault]:
        """Check that the last day is not before the first."""
        if self.first_day and self.last_day and self.last_day < self.first_day:
            yield "last_day", f"is {self.last_day}, before first_day {self.first_day}: make it the same day or later"


class Visits(Season):
    """People recorded in the field. The kelurahan are visited in turn, several a day, on these days and hours."""

    what: Literal["kelurahan", "mobile"]
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: TimeOfDay
    closes: TimeOfDay
    places_a_day: AtLeastOne = 2
    records_a_day: ADay

    def faults(self) -> Iterator[Fault]:
        """Check that a visit ends after it begins."""
        yield from super().faults()
        yield from checks.in_order("closes", ("opens", self.opens), self.closes)


class Counter(Season):
    """Requests at the office's counter on working days, by hour: a Poisson process with this mean a day."""

    stream: Literal["first_issue", "replacement"]
    requests_a_day: Annotated[NotNegative, Field(le=1_000_000)]
    by_hour: dict[str, Share] = Field(default={})

    def faults(self) -> Iterator[Fault]:
        """Check that the hours are hours of the day and that their shares add up to one."""
        yield from super().faults()
        for hour in self.by_hour or ():
            if hour not in checks.HOURS_OF_DAY:
                yield f"by_hour.{hour}", "is no hour of the day: use 0 to 23, without leading zeros"
        if self.by_hour:
            yield from checks.sums_to_one("by_hour", self.by_hour)


class Arrivals(Part):
    """All arrivals from the start until `until`, or the end of the scenario."""

    until: Moment | None = None
    visits: tuple[Visits, ...] = ()
    counter: tuple[Counter, ...] = ()


class InterimLetter(Part):
    """The rule of interim letters: for those who wait longer than some days because blanks are missing."""

    after_days: Count = 14
    valid_days: AtLeastOne = 180
    basis: Text = "Surat Dirjen Dukcapil No. 471.13/10231/Dukcapil, 29 September 2016"


class Delivery(Part):
    """Blanks and ribbons that reach a station at a moment."""

    at: Moment
    station: str
    blanks: Count = 0
    ribbons: Count = 0
