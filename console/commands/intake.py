"""`lembur intake`: enrol recorded people from a file, with progress."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import echo

if TYPE_CHECKING:
    from lembur.settings import Settings
    from producers import IntakeReport


def intake(
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or XLSX with nik, kelurahan_code, stream, recorded_at.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; nothing is enrolled.")] = False,
    as_json: context.JsonOption = False,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Enrol recorded identities from a file; refused rows go to FILE.refused.csv with the reason."""
    found = enrol(file, settings=context.find_settings(redis, data), dry_run=dry_run, quiet=as_json)
    if as_json:
        context.say_json(asdict(found))
    else:
        echo(found.summary)


def enrol(path: Path, *, settings: Settings, dry_run: bool, quiet: bool) -> IntakeReport:
    """Take a file in and show how many rows are done."""
    from rich.progress import Progress, TextColumn

    from console.text import visible
    from console.ui import open_terminal
    from lembur.domain.calendar import Calendar
    from lembur.ledger import load_nik_key
    from lembur.office import read_setup
    from producers import Intake, door

    ledger = context.open_ledger(settings)
    setup = read_setup(ledger)
    key = load_nik_key(ledger, settings.keys)
    now_ms, _ = ledger.time()
    to_ledger = door(
        ledger, setup, Calendar.of(setup.scenario), key=key, wake=lambda wakes: context.wake(settings, wakes)
    )
    with Progress(
        TextColumn("{task.description}", markup=False),
        "{task.completed:,} rows",
        console=open_terminal(stderr=True),
        disable=quiet,
    ) as shown:
        task = shown.add_task(visible(path.name), total=None)
        intake = Intake(
            to_ledger,
            key,
            now_ms,
            setup.scenario,
            dry_run=dry_run,
            progress=lambda rows: shown.advance(task, rows),
        )
        report = intake.take(path)
    if report.refused and not dry_run:
        ledger.count_refused(report.refused)
    return report
