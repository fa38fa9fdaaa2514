"""`lembur plan`: seats and hours that clear the queue, their chance and cost, and their seat orders."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console import context
from console.context import ByOption, line_option
from console.group import DefaultGroup
from console.text import echo, plural
from lembur.domain.errors import SettingsError
from lembur.domain.time import moment_ms

if TYPE_CHECKING:
    from console.plan import LiveProblem
    from console.ui import Times
    from planner.problem import Problem, Terms

PICTURES: Final = (".png", ".svg", ".pdf")

app = typer.Typer(
    cls=DefaultGroup, help="Find the cheapest overtime for a deadline. 'lembur plan ...' is 'lembur plan make ...'."
)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A problem, and the code and the rates of its office: '' and None where a scenario is planned."""

    problem: Problem
    times: Times
    folder: Path
    office: str
    scenario: str
    seed: int
    live: LiveProblem | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The deadline, the chance asked for, and the overtime that may be ordered for it."""

    by: str
    confidence: float
    max_hours: float
    max_seats: int

    def terms(self, now_ms: int, times: Times) -> Terms:
        """Return the terms of the plan, with the deadline as a moment."""
        from console.ui import parse_moment
        from planner.question import Terms, check_deadline

        deadline_ms = parse_moment(self.by, option="--by", now_ms=now_ms, zone=times.zone)
        check_deadline(deadline_ms, now_ms=now_ms)
        return Terms(
            deadline_ms=deadline_ms,
            max_seats=self.max_seats,
            max_hours=self.max_hours,
            confidence=self.confidence,
        )


@app.command("make")
@context.with_office
def make(  # the parts of a problem
    office: context.Connection,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A shipped scenario or a TOML file; none with --live.")
    ] = None,
    *,
    by: Annotated[str, typer.Option("--by", metavar="MOMENT", help="The deadline, such as 'Friday 21:00'.")],
    live: Annotated[bool, typer.Option("--live", help="Plan for the open office as it is now.")] = False,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="SHARE", help="Chance of success that the plan must have.")
    ] = 0.95,
    max_hours: Annotated[float, typer.Option("--max-hours", metavar="HOURS", help="Most overtime on a day.")] = 4.0,
    max_seats: Annotated[int, typer.Option("--max-seats", metavar="N", help="Most seats that are open at once.")] = 12,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy", metavar="NAME", help="A shipped policy of pay, such as workers, instead of the office's own."
        ),
    ] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option("--what-if", metavar="TEXT", help="Such as 'blanks 500' or 'centre down 2h'; may be repeated."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the backlog (PNG, SVG, PDF).")
    ] = None,
    as_json: context.JsonOption = False,
) -> None:
    """Find the cheapest overtime that clears the queue by a deadline."""
    asked = context.choose_question(scenario, live=live)
    if plot and plot.suffix.lower() not in PICTURES:
        raise SettingsError(f"--plot {plot}: the name must end in {', '.join(PICTURES)}")
    limits = Limits(by, confidence, max_hours, max_seats)
    request = _ask_scenario(limits, asked, office) if asked else _ask_office(limits, office)
    _answer(request, policy, what_if or [], plot, as_json=as_json)


def _ask_scenario(limits: Limits, source: str, office: context.Connection) -> PlanRequest:
    from console.ui import times_of
    from lembur.domain.scenario import load
    from planner.problem import problem_from_scenario

    found = load(source)
    times = times_of(found)
    problem = problem_from_scenario(found, limits.terms(moment_ms(found.starts), times))
    return PlanRequest(problem, times, office.data or context.DATA, "", found.name, found.seed)


def _ask_office(limits: Limits, office: context.Connection) -> PlanRequest:
    """Build the problem of an office as it is now, with its observed rates."""
    from console.plan import read_live_problem
    from console.ui import times_of
    from lembur.office import read_setup

    setup = read_setup(office.ledger)
    times = times_of(setup.scenario)
    live = read_live_problem(office.ledger, setup, limits.terms(office.ledger.time()[0], times))
    code = office.settings.office
    return PlanRequest(live.problem, times, office.settings.data, code, setup.scenario.name, setup.seed, live)


def _answer(  # a problem, and the uses of its answer
    request: PlanRequest, policy: str | None, what_if: list[str], plot: Path | None, *, as_json: bool
) -> None:
    from console.plan import plan_to_save, print_plan, save_plan, save_plot, to_json
    from console.ui import open_terminal
    from lembur.domain.scenario import preset
    from planner.decision import make_plan

    problem = replace(request.problem, pay=preset(policy)) if policy else request.problem
    problems = [problem, *(_suppose(problem, text) for text in what_if)]
    begin = "getting ready; the very first time this compiles for some seconds"
    with ThreadPoolExecutor() as threads, open_terminal(stderr=True).status(begin) as status:

        def show_progress(rosters: int) -> None:
            if rosters:
                status.update(f"looking at rosters: {rosters}")

        found, *others = (make_plan(one, threads=threads, progress=show_progress) for one in problems)
        names = (request.office, request.scenario, request.seed)
        kept = plan_to_save(found, request.times, *names, policy=policy or "")
        save_plan(kept, request.folder)
        if plot:
            save_plot(found, plot, request.times)
    supposed = list(zip(what_if, others, strict=True))
    if as_json:
        context.print_json(to_json(found, supposed, request.times, live=bool(request.live)))
    else:
        print_plan(found, supposed, request.times, live=request.live)
    if not found.holds:
        raise typer.Exit(1)


def _suppose(problem: Problem, text: str) -> Problem:
    from planner.decision import apply_what_if
    from planner.problem import ProblemError

    try:
        return apply_what_if(problem, text)
    except ProblemError as fault:
        raise SettingsError(f"--what-if: {fault}") from fault


@app.command("apply")
@context.with_office
def apply(office: context.Connection, *, by: ByOption) -> None:
    """Order the seats of the last plan for this office, once."""
    from console.plan import apply_plan, load_plan
    from console.ui import times_of
    from lembur.office import read_setup

    times = times_of(read_setup(office.ledger).scenario)
    for order in apply_plan(office, load_plan(office.settings.data), by=by):
        window = f"from {times.brief(order.from_ms)} until {times.brief(order.until_ms)}"
        echo(f"{order.station}: {plural(order.seats, 'seat')} {window}, by order of {by}")


@app.command("letter")
def letter(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The PDF file to write.")],
    *,
    number: Annotated[str, line_option("--number", "Number of the letter.", "NUMBER")],
    office: Annotated[str, line_option("--office", "Name of the office that gives the order.", "NAME")],
    english: Annotated[bool, typer.Option("--english", help="Write it in English instead of Indonesian.")] = False,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Write the order (SPK Lembur) of the plan that was applied last."""
    from console.plan import OLDER_OFFICE, find_letter, write_letter
    from console.runtime import open_kept
    from lembur.office import read_dated_scenarios, read_setup

    kept = context.Connection(redis, data)
    with open_kept(kept) as ledger:
        dated, orders = read_dated_scenarios(ledger, read_setup(ledger)), ledger.orders()
        now_ms, _ = ledger.time()
    found = find_letter(dated, orders, kept.settings.data, number, office, now_ms=now_ms, english=english)
    try:
        write_letter(found, file)
    except OSError as fault:
        raise SettingsError(f"{file} cannot be written ({fault.strerror}): give another file") from fault
    echo(f"{file}: {plural(sum(line.operators for line in found.lines), 'operator')}")
    if found.plan.is_older_than(dated):
        echo(OLDER_OFFICE)
