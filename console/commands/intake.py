"""`lembur intake` and `lembur visits`: enrol recorded people from a file, and plan where people are recorded."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import count, echo, plural, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.domain.scenario import Scenario
    from producers import IntakeReport


@context.with_office
def intake(
    office: context.Connection,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV, JSONL or XLSX with nik, kelurahan_code, stream, recorded_at, perhaps verified_at.",
        ),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file; nothing is enrolled.")] = False,
    as_json: context.JsonOption = False,
) -> None:
    """Enrol recorded people from a CSV, JSONL or XLSX file.

    Refused rows go to FILE.refused.csv, each with its reason.
    """
    found = check(office, file) if dry_run else enrol(office, file, quiet=as_json)
    if as_json:
        context.print_json(found.content())
    else:
        echo(summarize(found))


def summarize(report: IntakeReport) -> str:
    """Write a report in one sentence."""
    rows = plural(report.rows, "row")
    if report.rows and report.known == report.rows:
        return f"{rows}: all are enrolled already, nothing was changed"
    verb = "could be enrolled" if report.dry_run else "enrolled"
    verified = f" ({count(report.verified)} verified already)" if report.verified else ""
    parts = [f"{count(report.enrolled)} {verb}{verified}", f"{count(report.known)} known already"]
    parts.append(f"{count(report.refused)} refused")
    if report.warned:
        parts.append(f"{count(report.warned)} with a warning")
    where = f"; see {report.refused_file}" if report.refused_file else ""
    return f"{rows}: {', '.join(parts)}{where}"


def enrol(office: context.Connection, path: Path, *, quiet: bool) -> IntakeReport:
    """Enrol the good rows of a file and show the progress, from the first row that can be taken."""
    from rich.progress import Progress, TextColumn

    from console.ui import open_terminal
    from producers import take_file

    with ExitStack() as stack:
        shown = Progress(
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[rows]}"),
            console=open_terminal(stderr=True),
            disable=quiet,
        )
        task, taken = shown.add_task(visible(path.name), total=None, rows=""), 0

        def show(rows: int) -> None:
            nonlocal taken
            taken += rows
            if not shown.live.is_started:
                stack.enter_context(shown)
            shown.update(task, rows=plural(taken, "row"))

        return take_file(office, path, progress=show)


def check(office: context.Connection, path: Path) -> IntakeReport:
    """Check a file by the clock and region of an office, or only the form of its rows when no office answers."""
    from lembur.domain.errors import LedgerError, SettingsError
    from lembur.office import read_setup
    from producers import Intake

    try:
        scenario, now_ms = read_setup(office.ledger).scenario, office.ledger.time()[0]
    except (LedgerError, SettingsError) as fault:
        echo(f"checked without an office, by the form of the rows ({fault})", err=True)
        return Intake(None).take(path)
    return Intake(None, scenario, now_ms=now_ms).take(path)


@dataclass(frozen=True, slots=True)
class VisitedOffice:
    """The office whose visits are planned from a moment on, and its first issues since the start, by kelurahan."""

    scenario: Scenario
    now_ms: int
    came: Mapping[str, int]


@context.with_office
def visits(
    office: context.Connection,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A shipped scenario or a TOML file; none with --live.")
    ] = None,
    *,
    live: Annotated[bool, typer.Option("--live", help="Begin today, with the open office.")] = False,
    what_if: Annotated[
        list[str] | None, typer.Option("--what-if", metavar="TEXT", help="'places 3' or 'teams 2'; may be repeated.")
    ] = None,
    invitations: Annotated[
        Path | None, typer.Option("--invitations", metavar="FOLDER", help="Write a CSV for each kelurahan and date.")
    ] = None,
    as_json: context.JsonOption = False,
) -> None:
    """Show the visits to kelurahan by date, and when all are recorded."""
    from console.plan import print_visits, visits_to_json
    from console.ui import times_of
    from producers import plan_visits, suppose_visits, write_invitations

    asked = _visited_office(office, context.choose_question(scenario, live=live))
    found = plan_visits(asked.scenario, asked.now_ms, asked.came)
    supposed = [
        (text, plan_visits(suppose_visits(asked.scenario, text), asked.now_ms, asked.came)) for text in what_if or ()
    ]
    if as_json:
        context.print_json(visits_to_json(found, supposed))
    else:
        print_visits(found, supposed, times_of(asked.scenario))
    if invitations:
        files = write_invitations(found, invitations, asked.scenario.zone)
        echo(f"\n{plural(len(files), 'file')} in {invitations}", err=as_json)


def _visited_office(office: context.Connection, source: str) -> VisitedOffice:
    """Read a scenario from its start on; without one, the open office from now on."""
    from lembur.archive import archive_of
    from lembur.domain.scenario import load
    from lembur.domain.time import moment_ms
    from lembur.office import read_setup
    from producers import count_first_issues

    if source:
        found = load(source)
        return VisitedOffice(found, moment_ms(found.starts), {})
    setup, (now_ms, _) = read_setup(office.ledger), office.ledger.time()
    return VisitedOffice(
        setup.scenario, now_ms, count_first_issues(office.ledger, setup, now_ms, archive_of(office.settings))
    )
