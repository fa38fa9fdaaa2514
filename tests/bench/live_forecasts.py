"""Live forecasts of offices that are as their scenario says, and of others: run by `make bench-forecasts`.

The planner has the scenario as prior. The office is another one: prints, answers, spoilage and breakdowns are off by up
to 30 %, each by a share of its own, which the planner does not know. The rule plays the office to its end. The planner
forecasts at noon of the first day, and at the opening of each later one, from what the ledger would show; and the
forecasts are scored as `lembur forecast --score` does.

Then the plan: what `lembur plan --live` orders at noon of the first day is played on, and compared with what it
promised. It is asked for several chances. Jayapura is asked with blanks enough, because no overtime replaces them.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from datetime import date, time
from itertools import product
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from lembur.domain.calendar import Calendar
from lembur.domain.observation import FIRST_DAY, LATER, QUANTILES, count_covered
from lembur.domain.scenario import load
from lembur.domain.time import at_ms, day_of, days, moment_ms, next_midnight_ms
from planner.decision import make_plan
from planner.outcomes import ahead_ms, make_forecast, scores
from planner.problem import orders, problem_from_snapshot
from planner.question import Terms
from reference.live_office import LiveOffice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.observation import Forecast, Score
    from lembur.domain.scenario import Scenario

MOST_OFF = 0.3
"""An office's rates are off by this share at most, each equally likely."""
WORLDS = 200
ASKED = (0.7, 0.8, 0.9, 0.95)
"""Chances that a live plan is asked for."""
MORE_BLANKS = 200
"""Blanks that each delivery of Jayapura has more when a plan is asked for."""


@dataclass(frozen=True, slots=True)
class PlanCase:
    """An office without written overtime, and the terms of its plan."""

    scenario: Scenario
    deadline_ms: int
    max_seats: int

    def terms(self, asked: float, *, worlds: int, seed: int) -> Terms:
        """Return the terms with a chance: five hours a day at most."""
        return Terms(
            deadline_ms=self.deadline_ms,
            max_seats=self.max_seats,
            max_hours=5.0,
            confidence=asked,
            worlds=worlds,
            seed=seed,
        )


def plan_cases() -> dict[str, PlanCase]:
    """Return the cases: Solo by the Monday's closing, Jayapura by Friday evening."""
    solo, jayapura = (load(name).model_copy(update={"overtime": ()}) for name in ("solo-2016", "jayapura-2016"))
    more = [
        one.model_copy(update={"blanks": one.blanks + MORE_BLANKS * (one.blanks > 0)}) for one in jayapura.deliveries
    ]
    enough = jayapura.model_copy(update={"deliveries": tuple(more)})
    return {
        "solo-2016": PlanCase(solo, at_ms(date(2016, 8, 29), time(16), solo.zone), 12),
        "jayapura-2016": PlanCase(enough, at_ms(date(2016, 11, 11), time(21), enough.zone), 26),
    }


def office_unlike(scenario: Scenario, seed: int, most_off: float) -> Scenario:
    """Return an office that is not as its scenario says: four factors, drawn by the seed."""
    chance = random.Random(f"office/{seed}")  # noqa: S311  (no secret)
    pace, centre, spoilage, breakdowns = (1.0 + most_off * chance.uniform(-1.0, 1.0) for _ in range(4))
    printing, asked = scenario.printing, scenario.centre
    return scenario.model_copy(
        update={
            "printing": printing.model_copy(
                update={
                    "median_s": printing.median_s * pace,
                    "p90_s": printing.p90_s * pace,
                    "spoil_rate": printing.spoil_rate * spoilage,
                    "breakdown_every_h": printing.breakdown_every_h / breakdowns,
                }
            ),
            "centre": asked.model_copy(update={"median_s": asked.median_s * centre, "p90_s": asked.p90_s * centre}),
        }
    )


def moments(scenario: Scenario) -> Iterator[int]:
    """Walk over noon of the first day, and the opening of each later working day."""
    first, last = (day_of(moment_ms(moment), scenario.zone) for moment in (scenario.starts, scenario.ends))
    yield at_ms(first, time(12), scenario.zone)
    for day in days(first, last):
        if day != first and Calendar.of(scenario).open_parts(day):
            yield at_ms(day, scenario.hours.opens, scenario.zone)


def forecasts_of(believed: Scenario, office: LiveOffice) -> list[Forecast]:
    """Forecast an office live, by the scenario that is believed and what is seen."""
    found = []
    for now_ms in moments(believed):
        until = ahead_ms(now_ms)
        terms = Terms(deadline_ms=until, cutoff_ms=until, worlds=WORLDS, seed=office.seed)
        found.append(make_forecast(problem_from_snapshot(believed, office.snapshot(now_ms), terms)))
    return found


def judge(believed: Scenario, seed: int, most_off: float) -> list[Score]:
    """Play one office and score its forecasts."""
    office = LiveOffice(office_unlike(believed, seed, most_off), seed)
    midnight = next_midnight_ms(moment_ms(believed.starts), believed.zone)
    stations = [station.code for station in believed.stations]
    return scores(forecasts_of(believed, office), office.history(), stations, first_day_ends_ms=midnight)


@dataclass(frozen=True, slots=True)
class PlayedPlan:
    """A plan that was made live and played on: its chance, P10, P50 and P90 of its finish, and the finish that came."""

    deadline_ms: int
    asked: float
    chance: float
    band: tuple[int, int, int]
    finish_ms: int

    @property
    def kept(self) -> bool:
        """Whether the queue was clear by the deadline."""
        return self.finish_ms <= self.deadline_ms

    @property
    def inside(self) -> bool:
        """Whether the finish lies between P10 and P90."""
        return self.band[0] <= self.finish_ms <= self.band[2]


def play_plan(case: PlanCase, seed: int, most_off: float, asked: float, *, worlds: int) -> PlayedPlan:
    """Plan at noon of the first day what clears the queue by the deadline, and play it."""
    believed = case.scenario
    truth, now_ms = office_unlike(believed, seed, most_off), next(moments(believed))
    terms = case.terms(asked, worlds=worlds, seed=seed)
    problem = problem_from_snapshot(believed, LiveOffice(truth, seed).snapshot(now_ms), terms)
    found = make_plan(problem)
    chosen = found.best or found.most
    played = LiveOffice(truth, seed, tuple(orders(problem, chosen.roster))).history()
    counted = played.ready_ms < np.array(problem.cutoffs_ms)[played.station]
    finish_ms = int(played.printed_ms[counted].max(initial=now_ms))
    low, middle, high = (chosen.completion.finish_quantile_ms(share) for share in QUANTILES)
    return PlayedPlan(terms.deadline_ms, asked, chosen.chance.share, (low, middle, high), finish_ms)


def add_plans(table: Table, scenario: str, off: str, played: list[PlayedPlan]) -> None:
    """Add a row for each chance that was asked for."""
    for asked in ASKED:
        own = [one for one in played if one.asked == asked]
        reached = sum(one.chance >= asked for one in own)
        shares = (fmean(one.chance for one in own), fmean(one.kept for one in own), fmean(one.inside for one in own))
        table.add_row(scenario, off, f"{asked:.0%}", str(len(own)), str(reached), *(f"{share:.0%}" for share in shares))


def name_offices(most_off: float) -> str:
    """Name the offices of a row."""
    return f"off by up to {most_off:.0%}" if most_off else "as its scenario says"


def main() -> None:
    """Play the offices of two scenarios, right and wrong, and print the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--offices", type=int, default=100)
    asked.add_argument("--plans", type=int, default=40, help="offices whose live plans are played too")
    asked.add_argument("--off", nargs="+", type=float, default=[0.0, MOST_OFF], help="most that offices are off")
    asked.add_argument("--scenarios", nargs="+", default=["solo-2016", "jayapura-2016"])
    given = asked.parse_args()
    table = Table("scenario", "office", "made", "figure", "judged", "in P10-P90", box=box.MARKDOWN)
    for name in given.scenarios:
        scenario = load(name)
        for most_off in given.off:
            found = [one for seed in range(1, given.offices + 1) for one in judge(scenario, seed, most_off)]
            for made in (FIRST_DAY, LATER):
                for figure in ("backlog", "clear", "late"):
                    own = count_covered(found, figure, [made])
                    share = "-" if own.share is None else f"{own.share:.1%}"
                    table.add_row(name, name_offices(most_off), made, figure, f"{own.judged:,}", share)
    Console(width=120).print(table)
    plans = Table(
        "scenario",
        "offices",
        "asked",
        "plans",
        "confirmed",
        "promised",
        "cleared",
        "finish in P10-P90",
        box=box.MARKDOWN,
    )
    cases = [(name, case) for name, case in plan_cases().items() if name in given.scenarios and given.plans]
    for (name, case), most_off in product(cases, given.off):
        played = [
            play_plan(case, seed, most_off, chance, worlds=1000)
            for seed in range(1, given.plans + 1)
            for chance in ASKED
        ]
        add_plans(plans, name, name_offices(most_off), played)
    Console(width=120).print(plans)


if __name__ == "__main__":
    main()
