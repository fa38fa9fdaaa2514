"""`lembur intake`: a file's way into the ledger, with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from console import context
from lembur.domain.calendar import Calendar
from lembur.ledger import load_nik_key
from lembur.office import read_playing
from producers.enrolling import door
from producers.intake import Intake

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.settings import Settings
    from producers.intake import IntakeReport


def enrol(path: Path, *, settings: Settings, dry_run: bool, quiet: bool) -> IntakeReport:
    """Take a file in, showing how many rows are done."""
    ledger = context.open_ledger(settings)
    playing = read_playing(ledger)
    key = load_nik_key(settings.data)
    now_ms, _ = ledger.time()
    to_ledger = door(
        ledger, playing, Calendar(playing.scenario.hours), key=key, wake=lambda wakes: context.wake(settings, wakes)
    )
    with Progress(
        *Progress.get_default_columns()[:1], "{task.completed:,} rows", console=Console(stderr=True), disable=quiet
    ) as shown:
        task = shown.add_task(path.name, total=None)
        intake = Intake(
            to_ledger,
            key,
            now_ms,
            demonstration=playing.scenario.demonstration,
            dry_run=dry_run,
            progress=lambda rows: shown.advance(task, rows),
        )
        report = intake.take(path)
    if report.refused and not dry_run:
        ledger.count_refused(report.refused)
    return report
