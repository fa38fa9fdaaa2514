"""A scenario: its tables, the checks between them, and the reading of its file."""

from lembur.domain.scenario.differences import Difference, find_differences
from lembur.domain.scenario.faults import CentreTrial, Fate, Mishap, Trial
from lembur.domain.scenario.hours import Hours, Shift
from lembur.domain.scenario.loader import load, shipped_scenarios
from lembur.domain.scenario.model import Scenario, with_seats
from lembur.domain.scenario.pay import USUAL_PAY, OvertimePay, PayRule, preset, presets
from lembur.domain.scenario.region import Kelurahan, Region, kecamatan_of
from lembur.domain.scenario.tables import (
    Arrivals,
    Backlog,
    Centre,
    Counter,
    InterimLetter,
    OvertimeOrder,
    Pace,
    Printing,
    Spell,
    Station,
    Visits,
)

__all__ = [
    "USUAL_PAY",
    "Arrivals",
    "Backlog",
    "Centre",
    "CentreTrial",
    "Counter",
    "Difference",
    "Fate",
    "Hours",
    "InterimLetter",
    "Kelurahan",
    "Mishap",
    "OvertimeOrder",
    "OvertimePay",
    "Pace",
    "PayRule",
    "Printing",
    "Region",
    "Scenario",
    "Shift",
    "Spell",
    "Station",
    "Trial",
    "Visits",
    "find_differences",
    "kecamatan_of",
    "load",
    "preset",
    "presets",
    "shipped_scenarios",
    "with_seats",
]
