"""The planner's problem, its random worlds and its rosters: the door of this room.

The console makes a `Problem` from a scenario or a snapshot. The other rooms of the planner compute with three things:
the `Problem`, its `Worlds` and a `Roster`. The roster brings most of the names, because search, pay, forecast and text
all read its dates, seats and orders.
"""

from planner.problem.arrivals import ScenarioArrivals
from planner.problem.from_scenario import problem_from_scenario
from planner.problem.from_snapshot import in_queue, problem_from_snapshot
from planner.problem.problem import (
    STEP_H,
    ArrivingCards,
    Problem,
    ProblemError,
    StationInput,
    too_many,
)
from planner.problem.rates import Estimate, estimate_rates, scale_arrivals
from planner.problem.replications import BLOCK, Block, Worlds, draw_worlds
from planner.problem.roster import (
    HALF_HOUR_MS,
    DaySeats,
    OfficeDay,
    Roster,
    calendar,
    most_seats,
    office_days,
    orders,
    regular_roster,
    spread,
    staffings,
    station_orders,
    station_staffing,
    uniform_roster,
)
from planner.question import Terms

__all__ = [
    "BLOCK",
    "HALF_HOUR_MS",
    "STEP_H",
    "ArrivingCards",
    "Block",
    "DaySeats",
    "Estimate",
    "OfficeDay",
    "Problem",
    "ProblemError",
    "Roster",
    "ScenarioArrivals",
    "StationInput",
    "Terms",
    "Worlds",
    "calendar",
    "draw_worlds",
    "estimate_rates",
    "in_queue",
    "most_seats",
    "office_days",
    "orders",
    "problem_from_scenario",
    "problem_from_snapshot",
    "regular_roster",
    "scale_arrivals",
    "spread",
    "staffings",
    "station_orders",
    "station_staffing",
    "too_many",
    "uniform_roster",
]
