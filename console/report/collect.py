"""Read the facts of a report from the ledger, and bring the report out: terminal, `report.json`, `report.html`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from console.report.compose import Run, compose
from console.report.headline import headline
from console.report.html import render_page
from console.report.period import order_to_json, period_to_json, read_facts, station_to_json
from lembur.files import write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from console.plan import SavedPlan
    from console.report.hourly import Series
    from console.report.model import Report
    from console.ui import Times
    from lembur.ledger import Ledger
    from lembur.ledger.audit import Violation
    from lembur.office import OfficeSetup

LOG_COLUMNS = 120
"""Width of a report without a terminal, because rich would break lines at 80."""


def build_report(
    ledger: Ledger,
    setup: OfficeSetup,
    *,
    speed: float,
    wall_s: float,
    violations: Sequence[Violation],
    applied: Sequence[SavedPlan] = (),
) -> Report:
    """Build the report of a ledger as it is now, with the plans that were applied."""
    facts = read_facts(ledger, setup, applied)
    return compose(setup.scenario, facts, Run(setup.seed, speed, wall_s, violations))


def write_report(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write `report.json` and `report.html` into a folder, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, page = folder / "report.json", folder / "report.html"
    write_private(figures, json.dumps(to_json(report), indent=2) + "\n")
    write_private(page, render_page(report))
    return figures, page


def print_report(report: Report, folder: Path) -> None:
    """Print the report and the paths of its files."""
    # Imported here: it takes half a tenth of a second, and a run with --json does not need it.
    from console.report.terminal import render_terminal
    from console.ui import open_terminal

    terminal = open_terminal()
    if not terminal.is_terminal:
        terminal = open_terminal(width=LOG_COLUMNS)
    terminal.print(render_terminal(report))
    terminal.print(f"{folder / 'report.html'} and {folder / 'report.json'}", soft_wrap=True, style="dim")


def to_json(report: Report) -> dict[str, Any]:
    """Convert a report to the content of `report.json`."""
    iso = report.times.iso
    return {
        "scenario": report.scenario,
        "title": report.title,
        "headline": headline(report),
        "seed": report.seed,
        "speed": report.speed,
        "started": iso(report.started_ms),
        "ended": iso(report.ended_ms),
        "wall_s": report.wall_s,
        "cards": {
            "enrolled": report.enrolled,
            "backlog": report.backlog,
            "refused": report.refused,
            "by_status": {str(status): n for status, n in report.by_status.items() if n},
        },
        "printed": report.printed,
        "printed_per_day": report.printed_per_day,
        "late": report.late,
        "late_at_start": report.late_at_start,
        "overdue_on_shelves": report.overdue_on_shelves,
        "waiting": report.waiting,
        "cleared_at": iso(report.cleared_ms),
        "blanks": asdict(report.blanks),
        "spoil_reasons": report.spoil_reasons,
        "overtime_seat_hours": report.overtime_seat_hours,
        "overtime_rupiah": report.overtime_rupiah,
        "overtime_ordered": {"seat_hours": report.ordered_seat_hours, "rupiah": report.ordered_rupiah},
        "stations": [station_to_json(station, report.times) for station in report.stations],
        "centre": asdict(report.centre),
        "orders": [order_to_json(order, report.times) for order in report.orders],
        "period": period_to_json(report.period),
        "lag_ms": report.lag_ms,
        "invariants": {
            "ok": not report.violations,
            "violations": [asdict(violation) for violation in report.violations],
        },
        "hours": _hours(report.series, report.times),
    }


def _hours(found: Series, times: Times) -> list[dict[str, Any]]:
    return [
        {
            "from": times.iso(at_ms),
            "recorded": found.recorded[row],
            "ready": found.ready[row],
            "printed": {code: hours.printed[row] for code, hours in found.stations.items()},
            "blanks_left": {code: hours.blanks[row] for code, hours in found.stations.items()},
            "seats_busy": {code: round(hours.busy[row], 2) for code, hours in found.stations.items()},
        }
        for row, at_ms in enumerate(found.hours_ms)
    ]
