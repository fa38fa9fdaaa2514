"""The world of a scenario and a seed. Live workers and the planner draw the same world, so a run can be repeated."""

from lembur.domain.world.arrivals import (
    Arrival,
    arrivals_between,
    arriving,
    expected_requests,
    kecamatan_shares,
    opening_backlog,
    source_days,
)
from lembur.domain.world.faults import fault_of
from lembur.domain.world.open_seats import overtime_orders, repairs, station_of, station_plan, station_steps
from lembur.domain.world.rates import centre_rate, print_rate
from lembur.domain.world.routes import route
from lembur.domain.world.work import Answers, Prints, answers, prints

__all__ = [
    "Answers",
    "Arrival",
    "Prints",
    "answers",
    "arrivals_between",
    "arriving",
    "centre_rate",
    "expected_requests",
    "fault_of",
    "kecamatan_shares",
    "opening_backlog",
    "overtime_orders",
    "print_rate",
    "prints",
    "repairs",
    "route",
    "source_days",
    "station_of",
    "station_plan",
    "station_steps",
]
