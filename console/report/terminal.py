"""The report as it appears in the terminal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from console.report.headline import headline
from console.text import visible
from lembur.domain.card import SHELVES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from console.report.model import Report

MOST_DAYS: Final = 7


def render_terminal(report: Report) -> RenderableType:
    """Lay a report out for the terminal: the sentence, the figures, the stations, and whether it adds up."""
    sentence = Text(headline(report), style="bold")
    return Group("", sentence, "", _figures(report), "", _stations(report), "", _verdict(report))


def _figures(report: Report) -> Table:
    blanks = report.blanks
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("printed", f"{report.printed:,} of {report.enrolled:,}{_per_day(report)}")
    waiting = f"not yet: {report.waiting:,} still waiting"
    table.add_row("clear", report.times.brief(report.cleared_ms) if report.cleared_ms else waiting)
    overdue = f"{report.overdue_on_shelves:,} overdue on a shelf"
    table.add_row("late", f"{report.late:,} ({report.late_at_start:,} before the start), and {overdue}")
    table.add_row("shelves", _shelves(report))
    spoiled = ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in report.spoil_reasons.items())
    table.add_row("blanks", f"{blanks.received:,} received, {blanks.used:,} used, {blanks.left:,} left")
    table.add_row("spoiled", f"{blanks.spoiled:,}" + (f": {spoiled}" if spoiled else ""))
    table.add_row("overtime", _overtime(report))
    pace = "as fast as it goes" if report.speed == 0 else f"{report.speed:,.0f} times real time"
    table.add_row("played", f"in {report.wall_s:,.0f} s, {pace}, seed {report.seed}")
    return table


def _overtime(report: Report) -> str:
    worked = f"{report.overtime_seat_hours:,.1f} seat hours for Rp {report.overtime_rupiah:,}"
    if report.ordered_rupiah == report.overtime_rupiah:
        return worked
    return f"{worked} until the end; ordered {report.ordered_seat_hours:,.1f} for Rp {report.ordered_rupiah:,}"


def _per_day(report: Report) -> str:
    days = report.printed_per_day
    if len(days) > MOST_DAYS:
        return f": {report.printed / len(days):,.0f} a day on {len(days)} days"
    return f": {', '.join(f'{_day(day)} {cards:,}' for day, cards in days.items())}" if days else ""


def _shelves(report: Report) -> str:
    there = [f"{_words(status)} {n:,}" for status, n in report.by_status.items() if n and status in SHELVES]
    return f"{report.shelved:,} for a person" + (f": {', '.join(there)}" if there else "")


def _stations(report: Report) -> Table:
    there = report.stations
    table = Table(box=None, pad_edge=False, header_style="dim", show_footer=True, footer_style="bold")
    table.add_column("station", "all", min_width=14, no_wrap=True)
    for name, value in (
        ("printed", sum(station.printed for station in there)),
        ("spoiled", report.blanks.spoiled),
        ("late", sum(station.late for station in there)),
        ("waiting", sum(station.waiting for station in there)),
        ("left", report.blanks.left),
    ):
        table.add_column(name, f"{value:,}", justify="right", no_wrap=True)
    table.add_column("busy h", f"{sum(s.busy_seat_hours for s in there):,.1f}", justify="right", no_wrap=True)
    table.add_column("over h", f"{report.overtime_seat_hours:,.1f}", justify="right", no_wrap=True)
    table.add_column("last print", justify="right", no_wrap=True)
    for station in there:
        counts = (station.printed, station.spoiled, station.late, station.waiting, station.blanks.left)
        hours = (station.busy_seat_hours, station.overtime_seat_hours)
        cells = [f"{n:,}" for n in counts] + [f"{spent:,.1f}" for spent in hours]
        table.add_row(station.code, *cells, report.times.brief(station.last_print_ms))
    return table


def _verdict(report: Report) -> Text:
    if not report.violations:
        return Text("✓ every card and every blank reconciles", style="bold green")
    lines = "".join(f"\n  {violation.invariant}: {visible(violation.where)}" for violation in report.violations)
    return Text(f"✗ it does not reconcile:{lines}", style="bold red")


def _words(name: str) -> str:
    return name.replace("_", " ").lower()


def _day(iso_date: str) -> str:
    return f"{date.fromisoformat(iso_date):%a}"
