"""The charts of a report, as inline SVG with colours that a page can turn dark."""

from __future__ import annotations

import io
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from console.charts import (
    FAINT,
    GRID,
    INK,
    NIGHT,
    PAPER,
    REST,
    SOFT,
    STATIONS,
    Days,
    add_legend,
    find_days,
    lay_out,
    make_figure,
)
from console.text import count
from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from console.report.hourly import Series, StationHours
    from console.report.model import Report

BAR_GAP_H: Final = 0.06
LABEL_WITHIN: Final = (0.2, 0.8)
LABEL_SHARE: Final = 0.15
"""Smallest gap between two lines for a label, as a share of the height."""


def _days_of(found: Series) -> Days:
    """Find the hours in which a seat was open or anything happened."""
    seats = [*found.seats_open, (found.end_ms, 0)]
    open_in = {
        hour
        for (at_ms, count), (after_ms, _) in pairwise(seats)
        if count and at_ms < after_ms
        for hour in range(at_ms // HOUR_MS, (min(after_ms, found.end_ms) - 1) // HOUR_MS + 1)
    }
    moved = zip(found.hours_ms, found.recorded, found.ready, found.printed, found.busy, strict=True)
    active = {at_ms // HOUR_MS for at_ms, *counts in moved if any(counts)}
    return find_days(open_in | active or {found.start_ms // HOUR_MS})


def draw_flow(axes: Axes, report: Report, days: Days) -> None:
    """Draw the cumulative flow: cards recorded, ready to print, printed. The waiting cards lie between the lines."""
    found = report.series
    across = [days.place(at_ms) for at_ms in [found.start_ms, *(end for _, end in _spans(found))]]
    recorded = list(accumulate(found.recorded, initial=found.recorded_before))
    ready = list(accumulate(found.ready, initial=found.ready_before))
    printed = list(accumulate(found.printed, initial=0))
    axes.fill_between(across, printed, ready, color=STATIONS[0], alpha=0.10, linewidth=0)
    for values, colour, label, style in (
        (recorded, FAINT, "recorded", (0, (1, 1.5))),
        (ready, STATIONS[0], "ready to print", "solid"),
        (printed, STATIONS[1], "printed", "solid"),
    ):
        axes.plot(across, values, color=colour, linewidth=2.4, label=f"{label} ({count(values[-1])})", linestyle=style)
    inner = [row for row, at in enumerate(across) if LABEL_WITHIN[0] < at / across[-1] < LABEL_WITHIN[1]] or [0]
    widest = max(inner, key=lambda row: ready[row] - printed[row])
    if ready[widest] - printed[widest] > max(recorded) * LABEL_SHARE:
        middle = (ready[widest] + printed[widest]) / 2
        axes.annotate("waiting for a printer", (across[widest], middle), color=SOFT, ha="center", va="center")
    if report.cleared_ms is not None:
        _mark_clear(axes, days.place(report.cleared_ms), f"clear {report.times.long(report.cleared_ms, dated=False)}")
    axes.set_ylabel("cards since the start")
    axes.set_ylim(0, max([*recorded, 1]) * 1.06)


def _mark_clear(axes: Axes, across: float, label: str) -> None:
    axes.axvline(across, color=INK, linewidth=1, linestyle=(0, (3, 3)))
    axes.annotate(
        label,
        (across, 0),
        xytext=(-6, 8),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=INK,
        fontweight="bold",
    )


def draw_hours(axes: Axes, report: Report, days: Days) -> None:
    """Draw the good prints of every hour, stacked by station."""
    found = report.series
    left, width = _bars(found, days)
    width = [max(0.03, across - BAR_GAP_H) for across in width]
    bottom = [0.0] * len(left)
    for name, colour, rows in _stations(report):
        height = [sum(row.printed[hour] for row in rows) for hour in range(len(left))]
        axes.bar(left, height, width, bottom, align="edge", color=colour, edgecolor=PAPER, linewidth=0.8, label=name)
        bottom = [low + high for low, high in zip(bottom, height, strict=True)]
    axes.set_ylabel("cards printed in the hour")
    axes.set_ylim(0, max([*bottom, 1]) * 1.08)


def draw_blanks(axes: Axes, report: Report, days: Days) -> None:
    """Draw the blanks left at each station."""
    found = report.series
    across = [days.place(at_ms) for at_ms in [found.start_ms, *(end for _, end in _spans(found))]]
    for name, colour, rows in _stations(report):
        for number, row in enumerate(rows):
            end = f"{name} ({count(row.blanks[-1])})" if len(rows) == 1 else name
            label = end if number == 0 else None
            thick = 2.2 if len(rows) == 1 else 1.2
            axes.plot(across, [row.blanks_before, *row.blanks], color=colour, linewidth=thick, label=label)
    axes.set_ylabel("blanks left")
    axes.set_ylim(bottom=0)


def draw_seats(axes: Axes, report: Report, days: Days) -> None:
    """Draw the seats open at each moment, and how many of them were busy in the mean of each hour."""
    found = report.series
    steps = [(at_ms, seats) for at_ms, seats in found.seats_open if at_ms <= found.end_ms]
    across = [days.place(at_ms) for at_ms, _ in steps] + [days.place(found.end_ms)]
    counts = [seats for _, seats in steps]
    left, width = _bars(found, days)
    axes.bar(left, found.busy, width, align="edge", color=STATIONS[1], alpha=0.55, label="busy, mean of the hour")
    axes.step(across, [*counts, counts[-1]], where="post", color=INK, linewidth=1.6, label="open")
    axes.set_ylabel("seats")
    axes.set_ylim(0, max([*counts, *found.busy, 1]) * 1.12)


def _spans(found: Series) -> list[tuple[int, int]]:
    # The first and the last hour count for the part in which the run went on.
    inside = [(max(at_ms, found.start_ms), at_ms + HOUR_MS) for at_ms in found.hours_ms]
    return [(start, min(end, found.end_ms) if start < found.end_ms else end) for start, end in inside]


def _bars(found: Series, days: Days) -> tuple[list[float], list[float]]:
    placed = [(days.place(start), days.place(end)) for start, end in _spans(found)]
    return [left for left, _ in placed], [right - left for left, right in placed]


def _stations(report: Report) -> list[tuple[str, str, list[StationHours]]]:
    there = report.series.stations
    short = {station.code: f"{station.code}" for station in report.stations}
    first, rest = report.stations[: len(STATIONS)], report.stations[len(STATIONS) :]
    rows = [(short[s.code], colour, [there[s.code]]) for s, colour in zip(first, STATIONS, strict=False)]
    return rows + ([(f"{len(rest)} other stations", REST, [there[s.code] for s in rest])] if rest else [])


PLOTS: Final[dict[str, tuple[str, Callable[[Axes, Report, Days], None]]]] = {
    "flow": ("Cards recorded, ready to print, and printed", draw_flow),
    "per_hour": ("Cards printed in each hour, by station", draw_hours),
    "blanks": ("Blanks left at each station", draw_blanks),
    "seats": ("Seats open and busy, all stations together", draw_seats),
}


def draw_svgs(report: Report) -> dict[str, str]:
    """Draw every chart as inline SVG, by name. Its colours are CSS variables."""
    drawings = {}
    for name, (title, _) in PLOTS.items():
        figure = make_figure(1)
        draw_plot(figure.subplots(), report, name)
        drawings[name] = _svg(figure, title)
    return drawings


def draw_plot(axes: Axes, report: Report, name: str) -> None:
    """Draw one chart by its name."""
    days = _days_of(report.series)
    lay_out(axes, days, report.times, start_ms=report.series.start_ms, end_ms=_spans(report.series)[-1][1])
    PLOTS[name][1](axes, report, days)
    add_legend(axes)


def _svg(figure: Figure, title: str) -> str:
    from matplotlib import rc_context

    out = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
    for name, colour in theme():
        text = text.replace(colour, f"var(--{name})")
    return text


def theme() -> Sequence[tuple[str, str]]:
    """List the colours of the plots by the name of their CSS variable."""
    named = [("ink", INK), ("soft", SOFT), ("faint", FAINT), ("grid", GRID), ("night", NIGHT), ("paper", PAPER)]
    return [*named, ("rest", REST), *((f"station-{row}", colour) for row, colour in enumerate(STATIONS, 1))]
