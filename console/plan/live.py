"""The problem of an open office as it stands: one way for the command, the search, the sliders and REST."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from console.text import plural
from lembur.domain.overtime import worked_hours
from lembur.domain.seats import Window, wanted_steps
from lembur.domain.time import at_ms, day_of
from lembur.ledger.queries.metrics import seat_plans
from lembur.office import read_dated_scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.ui import Times
    from lembur.domain.overtime import SeatHours
    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from planner.problem import Estimate, Problem, Terms


@dataclass(frozen=True, slots=True)
class LiveProblem:
    """The problem of an office at one moment, and the rates that were estimated for it."""

    problem: Problem
    seen: Estimate

    def describe(self, times: Times) -> Iterator[str]:
        """Yield the lines below a plan: its moment, what was seen until then, and the doubt that is left."""
        seen = self.seen
        yield f"the office as it stood at {times.full(self.problem.now_ms)}"
        yield (
            f"estimated from what was seen: a print takes {seen.print_time:.2f} x the scenario's time "
            f"({plural(seen.prints, 'print')}), an answer of the centre {seen.answer_time:.2f} x "
            f"({plural(seen.answers, 'answer')}), {seen.arrivals:.2f} x as many people come "
            f"({plural(seen.people, 'person', 'people')}), and printers break {seen.breakdown_rate:.2f} x as often "
            f"({plural(seen.breakdowns, 'breakdown')})"
        )
        if seen.spells:
            yield "the centre had slow hours, and more are expected"
        if caution := seen.doubt.caution:
            yield caution


def read_live_problem(ledger: Ledger, setup: OfficeSetup, terms: Terms) -> LiveProblem:
    """Read an office as it stands, and build its problem with these terms."""
    from lembur.ledger.queries.snapshot import take_snapshot
    from planner.problem import estimate_rates, problem_from_snapshot

    snapshot = take_snapshot(ledger, setup.scenario, setup.seed)
    seen = estimate_rates(setup.scenario, snapshot.observed)
    problem = problem_from_snapshot(setup.scenario, snapshot, terms)
    return LiveProblem(replace(problem, worked=_worked_this_week(ledger, setup, problem.now_ms)), seen)


def _worked_this_week(ledger: Ledger, setup: OfficeSetup, now_ms: int) -> dict[StationCode, SeatHours]:
    """Read the overtime of each station from Monday until now, by the working time that held."""
    dated, zone = read_dated_scenarios(ledger, setup), setup.scenario.zone
    today = day_of(now_ms, zone)
    week = Window(at_ms(today - timedelta(days=today.weekday()), time(), zone), now_ms)
    plans = seat_plans(ledger, setup.stations)
    return {code: worked_hours(dated, code, wanted_steps(plan), week) for code, plan in plans.items()}
