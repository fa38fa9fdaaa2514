"""The planner's problem, its random worlds and its rosters: the door of this room."""

from planner.problem.arrivals import ScenarioArrivals
from planner.problem.from_scenario import problem_from_scenario
from planner.problem.from_snapshot import in_queue, problem_from_snapshot
from planner.problem.problem import (
    STEP_H,
    ArrivingCards,
    NoArrivals,
    Problem,
    ProblemError,
    StationInput,
    Terms,
    too_many,
)
from planner.problem.rates import estimate_rates, scale_arrivals
from planner.problem.replications import BLOCK, Block, Worlds, draw_worlds
from planner.problem.roster import Roster, calendar, least_seats, most_seats, orders, shifts, staffings

__all__ = [
    "BLOCK",
    "STEP_H",
    "ArrivingCards",
    "Block",
    "NoArrivals",
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
    "least_seats",
    "most_seats",
    "orders",
    "problem_from_scenario",
    "problem_from_snapshot",
    "scale_arrivals",
    "shifts",
    "staffings",
    "too_many",
]
