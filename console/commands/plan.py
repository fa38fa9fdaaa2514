"""`lembur plan`: seats and hours that clear the queue, their chance and cost, and their seat orders."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from lembur.domain.errors import OrderError, SettingsError
from lembur.domain.time import JAKARTA, WEEKDAYS, at_ms, brief, day_of, moment_ms, shown

if TYPE_CHECKING:
    from lembur.domain.seats import SeatOrder
    from planner.decision import Plan
    from planner.problem import Problem, Terms

WRITTEN = "plan.json"
DAYS_AHEAD = 7
APPLY = "apply"
USUAL = "solo-2016"
PICTURES = (".png", ".svg", ".pdf")


def plan(  # what a problem is made of
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]",
            help="A scenario (solo-2016 when none is given), or 'apply' to order the plan made last.",
        ),
    ] = None,
    *,
    live: Annotated[bool, typer.Option("--live", help="Begin with the office as it stands now.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="'Friday 21:00', or 2016-08-26T21:00.")] = None,
    confidence: Annotated[float, typer.Option("--confidence", help="With what chance, between 0 and 1.")] = 0.95,
    max_hours: Annotated[float, typer.Option("--max-hours", help="Overtime hours a day that may be ordered.")] = 4.0,
    max_seats: Annotated[int, typer.Option("--max-seats", help="Seats that may be open at once.")] = 12,
    policy: Annotated[str, typer.Option("--policy", help="Pay: workers, or civil-i to civil-iv.")] = "civil-ii",
    what_if: Annotated[
        list[str] | None,
        typer.Option("--what-if", metavar="TEXT", help="Such as 'blanks 500' or 'centre down 2h'; may be repeated."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the backlog (PNG, SVG, PDF).")
    ] = None,
    ordered_by: Annotated[str, typer.Option("--ordered-by", help="Who orders it, for 'apply'.")] = "plan",
    as_json: context.JsonOption = False,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Find the cheapest overtime that clears the queue by a deadline."""
    if scenario == APPLY:
        _apply(redis, data, ordered_by)
        return
    if by is None:
        raise SettingsError("say by when: --by 'Friday 21:00'")
    if live and scenario:
        raise SettingsError(f"give either a scenario or --live: is it '{scenario}', or the office as it stands?")
    limits = Limits(by, confidence, max_hours, max_seats, policy)
    asked, known = _of_office(limits, redis, data) if live else (_of_scenario(limits, scenario or USUAL), "")
    _answer(asked, limits, what_if or [], plot, known, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Limits:
    """By when, with what chance, and what may be ordered for it."""

    by: str
    confidence: float
    max_hours: float
    max_seats: int
    policy: str

    def terms(self, now_ms: int) -> Terms:
        """Return the terms of the plan, with the deadline as a moment."""
        from planner.problem import Terms

        return Terms(
            deadline_ms=deadline_ms(self.by, now_ms),
            max_seats=self.max_seats,
            max_hours=self.max_hours,
            confidence=self.confidence,
        )


def _of_scenario(limits: Limits, source: str) -> Problem:
    from lembur.domain.scenario import load
    from planner.problem import problem_from_scenario

    found = load(source)
    return problem_from_scenario(found, limits.terms(moment_ms(found.starts)))


def _of_office(limits: Limits, redis: str | None, data: context.DataOption) -> tuple[Problem, str]:
    """Ask for the office as it stands; also what is known of its rates."""
    from lembur.ledger.queries.snapshot import take_snapshot
    from lembur.office import read_setup
    from planner.problem import estimate_rates, problem_from_snapshot

    ledger = context.open_ledger(context.find_settings(redis, data))
    play = read_setup(ledger)
    there = take_snapshot(ledger, play.scenario, play.seed)
    seen = estimate_rates(play.scenario, there.observed)
    known = (
        f"the office as it stood at {shown(there.now_ms)}; against the scenario a print takes {seen.print_time:.2f} x "
        f"as long (of {seen.prints:,}), an answer {seen.answer_time:.2f} x (of {seen.answers:,}), and "
        f"{seen.arrivals:.2f} x as many people come (of {seen.people:,})"
    )
    return problem_from_snapshot(play.scenario, there, limits.terms(there.now_ms)), known


def _answer(  # a problem, and what to do with its answer
    problem: Problem, limits: Limits, what_if: list[str], plot: Path | None, known: str, *, as_json: bool
) -> None:
    from rich.console import Console

    from console.plan import print_plan, save_plot, to_json
    from console.ui import Times
    from planner.decision import apply_what_if as changed
    from planner.decision import make_plan as answer
    from planner.decision import policy

    if plot and plot.suffix.lower() not in PICTURES:
        raise SettingsError(f"--plot {plot}: the name must end in {', '.join(PICTURES)}")
    times = Times(JAKARTA)
    rules = policy(limits.policy, day_of(problem.now_ms))
    different = [(text, changed(problem, text)) for text in what_if]
    begin = "getting ready; the very first time this compiles for some seconds"
    with ThreadPoolExecutor() as threads, Console(stderr=True).status(begin) as status:

        def heard(looked: int) -> None:
            if looked:
                status.update(f"looking at rosters: {looked}")

        found, *others = (
            answer(one, rules=rules, threads=threads, progress=heard) for one in (problem, *(q for _, q in different))
        )
        _write(found)
        if plot:
            save_plot(found, plot, times)
    supposed = list(zip(what_if, others, strict=True))
    if as_json:
        context.say_json(to_json(found, supposed, times))
    else:
        print_plan(found, supposed, times, live=known)
    if found.best is None:
        raise typer.Exit(1)


def deadline_ms(text: str, now_ms: int) -> int:
    """Read a deadline: a weekday with a time means the next one, an ISO moment itself (without a zone: Jakarta)."""
    day, _, at = text.strip().partition(" ")
    try:
        if at:
            wanted = [name for name in WEEKDAYS if day.lower().startswith(name)]
            days = (day_of(now_ms) + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
            moments = (at_ms(one, time.fromisoformat(at)) for one in days if WEEKDAYS[one.weekday()] in wanted)
            return next(moment for moment in moments if moment > now_ms)
        given = datetime.fromisoformat(text)
    except (ValueError, StopIteration) as fault:
        raise SettingsError(f"--by must be like 'Friday 21:00' or 2016-08-26T21:00, not '{text}'") from fault
    return moment_ms(given if given.tzinfo else given.replace(tzinfo=JAKARTA))


def _write(found: Plan) -> None:
    from planner.problem import orders

    context.DATA.mkdir(exist_ok=True)
    written = [asdict(order) for order in orders(found.problem, found.best.roster)] if found.best else []
    (context.DATA / WRITTEN).write_text(json.dumps(written, indent=2))


def planned() -> list[SeatOrder]:
    """The orders of the plan made last."""
    from lembur.domain.seats import SeatOrder

    path = context.DATA / WRITTEN
    written = json.loads(path.read_text()) if path.exists() else []
    if not written:
        raise OrderError("there is no plan to carry out: make one with 'lembur plan --by ...' that finds one")
    return [SeatOrder(**row) for row in written]


def _apply(redis: str | None, data: context.DataOption, ordered_by: str) -> None:
    from lembur.office import order_seats

    orders = planned()
    settings = context.find_settings(redis, data)
    ledger = context.open_ledger(settings)
    now_ms, _ = ledger.time()
    coming = [replace(order, by=ordered_by) for order in orders if order.until_ms > now_ms]
    if not coming:
        raise OrderError(f"the plan is over: it is {shown(now_ms)} in the office; make a new one")
    for order in coming:
        context.wake(settings, order_seats(ledger, order))
        typer.echo(f"{order.station}: {order.seats} seats from {brief(order.from_ms)} until {brief(order.until_ms)}")
