"""The report as it appears in the terminal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from console.report.headline import describe_lag, headline
from console.text import count, decimal, visible
from console.ui import DateForm, Rows, write_date
from lembur.domain.card import SHELVES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from console.report.model import Report
    from console.report.period import StationReport

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
    table.add_row("printed", f"{count(report.printed)} of {count(report.enrolled)}{_per_day(report)}")
    waiting = f"not yet: {count(report.waiting)} still waiting"
    table.add_row("clear", report.times.brief(report.cleared_ms) if report.cleared_ms else waiting)
    overdue = f"{count(report.overdue_on_shelves)} overdue on a shelf"
    table.add_row("late", f"{count(report.late)} ({count(report.late_at_start)} before the start), and {overdue}")
    table.add_row("shelves", _shelves(report))
    spoiled = ", ".join(f"{reason.replace('_', ' ')} {count(n)}" for reason, n in report.spoil_reasons.items())
    table.add_row("blanks", f"{count(blanks.received)} received, {count(blanks.used)} used, {count(blanks.left)} left")
    table.add_row("spoiled", count(blanks.spoiled) + (f": {spoiled}" if spoiled else ""))
    table.add_row("overtime", _overtime(report))
    pace = "as fast as it goes" if report.speed == 0 else f"{count(round(report.speed))} times real time"
    table.add_row("played", f"in {count(round(report.wall_s))} s, {pace}, seed {report.seed}")
    if report.behind_ms:
        table.add_row("behind", f"{describe_lag(report)}. Give a lower --speed, or max")
    return table


def _overtime(report: Report) -> str:
    worked = f"{decimal(report.overtime_seat_hours)} seat hours for Rp {count(report.overtime_rupiah)}"
    if report.ordered_rupiah == report.overtime_rupiah:
        return worked
    return f"{worked} until the end; ordered {decimal(report.ordered_seat_hours)} for Rp {count(report.ordered_rupiah)}"


def _per_day(report: Report) -> str:
    days = report.printed_per_day
    if len(days) > MOST_DAYS:
        return f": {count(round(report.printed / len(days)))} a day on {len(days)} days"
    return f": {', '.join(f'{_day(day)} {count(cards)}' for day, cards in days.items())}" if days else ""


def _shelves(report: Report) -> str:
    there = [f"{_words(status)} {count(n)}" for status, n in report.by_status.items() if n and status in SHELVES]
    return f"{count(report.shelved)} for a person" + (f": {', '.join(there)}" if there else "")


def _stations(report: Report) -> Rows:
    titles = ("station", "printed", "spoiled", "late", "waiting", "left", "busy h", "over h", "last print")
    there = report.stations
    last = report.times.brief(max((s.last_print_ms for s in there if s.last_print_ms), default=None))
    total = ("all", *_totals(report), last)
    return Rows(titles, [*(_station_cells(report, station) for station in there), total], bold=-1)


def _totals(report: Report) -> tuple[str, ...]:
    there = report.stations
    return (
        count(sum(station.printed for station in there)),
        count(report.blanks.spoiled),
        count(sum(station.late for station in there)),
        count(sum(station.waiting for station in there)),
        count(report.blanks.left),
        decimal(sum(station.busy_seat_hours for station in there)),
        decimal(report.overtime_seat_hours),
    )


def _station_cells(report: Report, station: StationReport) -> tuple[str, ...]:
    counts = (station.printed, station.spoiled, station.late, station.waiting, station.blanks.left)
    hours = (station.busy_seat_hours, station.overtime_seat_hours)
    figures = [count(n) for n in counts] + [decimal(spent) for spent in hours]
    return (station.code, *figures, report.times.brief(station.last_print_ms))


def _verdict(report: Report) -> Text:
    if not report.violations:
        return Text("✓ every card and every blank reconciles", style="bold green")
    lines = "".join(f"\n  {violation.invariant}: {visible(violation.where)}" for violation in report.violations)
    return Text(f"✗ it does not reconcile:{lines}", style="bold red")


def _words(name: str) -> str:
    return name.replace("_", " ").lower()


def _day(iso_date: str) -> str:
    return write_date(date.fromisoformat(iso_date), DateForm.WEEKDAY)
