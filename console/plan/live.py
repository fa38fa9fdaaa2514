"""The problem of an open office as it stands: one way for the command, the search, the sliders and REST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.ui import Times
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
    return LiveProblem(problem_from_snapshot(setup.scenario, snapshot, terms), seen)
