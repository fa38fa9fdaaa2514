"""`lembur intake`: enrol recorded people from a file, with progress."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import echo

if TYPE_CHECKING:
    from producers import IntakeReport


@context.with_office
def intake(
    office: context.Connection,
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or XLSX with nik, kelurahan_code, stream, recorded_at.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; nothing is enrolled.")] = False,
    as_json: context.JsonOption = False,
) -> None:
    """Enrol recorded people from a CSV, JSONL or XLSX file.

    Refused rows go to FILE.refused.csv, each with its reason.
    """
    found = check(office, file) if dry_run else enrol(office, file, quiet=as_json)
    if as_json:
        context.say_json(asdict(found))
    else:
        echo(found.summary)


def enrol(office: context.Connection, path: Path, *, quiet: bool) -> IntakeReport:
    """Enrol the good rows of a file and show the progress."""
    from rich.progress import Progress, TextColumn

    from console.text import visible
    from console.ui import open_terminal
    from producers import take_file

    with Progress(
        TextColumn("{task.description}", markup=False),
        "{task.completed:,} rows",
        console=open_terminal(stderr=True),
        disable=quiet,
    ) as shown:
        task = shown.add_task(visible(path.name), total=None)
        return take_file(office, path, progress=lambda rows: shown.advance(task, rows))


def check(office: context.Connection, path: Path) -> IntakeReport:
    """Check a file by the office's clock and region, or by the form of its rows when no office can be asked."""
    from lembur.domain.errors import LedgerError, SettingsError
    from lembur.office import read_setup
    from producers import Intake

    try:
        scenario, now_ms = read_setup(office.ledger).scenario, office.ledger.time()[0]
    except (LedgerError, SettingsError) as fault:
        echo(f"checked without an office, by the form of the rows ({fault})", err=True)
        return Intake(None).take(path)
    return Intake(None, scenario, now_ms=now_ms).take(path)
