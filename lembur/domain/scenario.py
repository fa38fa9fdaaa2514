"""A scenario: the office, its calendar, rates, stock and arrivals; the one question that workers and planner both play."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lembur.domain.card import Status

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Speed = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Part(BaseModel):
    """A table of the file: frozen, and an unknown field is a fault, since it is a typing error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hours(Part):
    """The office's working time: regular shifts, breaks, closed days, and the SLA in working days."""

    workdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("mon", "tue", "wed", "thu", "fri")
    opens: time
    closes: time
    break_from: time
    break_until: time
    friday_break_from: time
    friday_break_until: time
    national_holidays: bool = True
    joint_leave: bool = False
    closed: tuple[date, ...] = ()
    sla_days: Count = 3


class Pace(Part):
    """A speed that holds from a time of day on, every day, until the next entry."""

    at: time
    speed: Speed


class Spell(Part):
    """A stretch of time with a speed of its own: 0 is an outage, 0.2 a slow spell."""

    begins: datetime
    ends: datetime
    speed: Speed = 0.0


class Centre(Part):
    """The central server: lines to it, how long an answer takes, when it is slow or gone, and what it answers."""

    lines: Annotated[int, Field(ge=1)]
    median_s: Positive
    p90_s: Positive
    profile: tuple[Pace, ...] = ()
    spells: tuple[Spell, ...] = ()
    verdicts: dict[Status, Share]


class Printing(Part):
    """A print at the desk: time, pace, spoilage, heat rest, ribbon change, breakdown and repair."""

    median_s: Positive
    p90_s: Positive
    pace: tuple[Pace, ...] = ()
    spoil_rate: Share
    spoil_reasons: dict[str, Share]
    rest_every_cards: Count = 0
    rest_s: Count = 0
    ribbon_cards: Annotated[int, Field(ge=1)] = 500
    ribbon_change_s: Count = 0
    breakdown_every_h: Annotated[float, Field(ge=0.0)] = 0.0
    repair_h: Annotated[float, Field(ge=0.0)] = 0.0


class Station(Part):
    """A room with printers: its regular seats, its stock, and the share it prints of each kecamatan's cards."""

    code: Code
    name: str
    printers: Annotated[int, Field(ge=1)]
    seats: Count
    blanks: Count
    ribbons: Count
    serves: dict[str, Share] = {}
    spoil_rate: Share | None = None


class Overtime(Part):
    """A written order of seats for one day at one station, or at all of them (`station = "all"`)."""

    station: str
    day: date
    opens: time
    closes: time
    seats: Count | Literal["printers"] = "printers"
    by: str
    reason: str


class Backlog(Part):
    """Cards already waiting at the start, recorded evenly over the working days before it."""

    cards: Count
    status: Literal[Status.PRINT_READY_RECORD, Status.BIO_CAPTURED] = Status.PRINT_READY_RECORD
    recorded_over_days: Annotated[int, Field(ge=1)] = 9


class Visits(Part):
    """People recorded in the field: kelurahan visited in turn, so many a day on these days between these hours."""

    what: Literal["kelurahan", "mobile"]
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...]
    opens: time
    closes: time
    places_a_day: Annotated[int, Field(ge=1)] = 2
    records_a_day: Count


class Counter(Part):
    """Requests at the office's counter on working days, by hour: a Poisson process with this mean a day."""

    stream: Literal["first_issue", "replacement"]
    requests_a_day: Speed
    by_hour: dict[str, Share] = {}


class Arrivals(Part):
    """What comes in from the start until `until` (the file's own end when absent)."""

    until: datetime | None = None
    visits: tuple[Visits, ...] = ()
    counter: tuple[Counter, ...] = ()


class Delivery(Part):
    """Blanks and ribbons that reach a station at a moment."""

    at: datetime
    station: str
    blanks: Count = 0
    ribbons: Count = 0


class Scenario(Part):
    """The whole question; `lembur run` plays it with workers, `lembur plan` without."""

    name: Code
    title: str
    source: str
    demonstration: bool
    starts: datetime
    ends: datetime
    speed: Speed = 1.0
    seed: Count = 1
    hours: Hours
    centre: Centre
    printing: Printing
    stations: tuple[Station, ...]
    overtime: tuple[Overtime, ...] = ()
    backlog: Backlog = Backlog(cards=0)
    arrivals: Arrivals = Arrivals()
    deliveries: tuple[Delivery, ...] = ()

    def __hash__(self) -> int:
        """Hash what tells scenarios apart in practice; equality looks at everything. It makes them keys of caches."""
        return hash((self.name, self.starts, self.ends))


def shipped() -> list[str]:
    """List the names of the scenarios that come with the program."""
    return sorted(file.name.removesuffix(".toml") for file in files("scenarios").iterdir() if file.name.endswith(".toml"))


def load(source: str) -> Scenario:
    """Read a scenario by its shipped name or from a TOML file."""
    if source in shipped():
        return Scenario.model_validate(tomllib.loads(files("scenarios").joinpath(f"{source}.toml").read_text("utf-8")))
    return Scenario.model_validate(tomllib.loads(Path(source).read_text("utf-8")))
