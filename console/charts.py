"""Plots of a report: Jakarta time without the nights, in colours that a page can turn dark."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import accumulate, pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Final

from console.report.model import headline, jakarta
from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from console.report.hourly import Series, StationHours
    from console.report.model import Report

DAY_HOURS: Final = 24
WIDE_DAYS: Final = 5
"""Up to so many days are written out in full under a plot."""
INK: Final = "#0b0b0b"
SOFT: Final = "#52514e"
FAINT: Final = "#898781"
GRID: Final = "#e1e0d9"
NIGHT: Final = "#f0efea"
PAPER: Final = "#fcfcfb"
STATIONS: Final = ("#2a78d6", "#1baf7a", "#eda100", "#008300", "#4a3aa7", "#e34948", "#e87ba4")
"""Neighbours in this order stay apart for colour-blind eyes; stations beyond the seventh share one colour."""
REST: Final = "#a3a19b"

LONGEST_GAP: Final = 3
"""Hours without work that are drawn as they are (a lunch break); a longer stretch is a night, and compressed."""
NIGHT_WIDTH: Final = 0.8
"""So wide is a night, in hours."""
BAR_GAP: Final = 0.06
INCHES: Final = (10.5, 4.6)
MOST_LABELS: Final = 14
LABEL_WITHIN: Final = (0.2, 0.8)
LABEL_SHARE: Final = 0.15
"""A label between two lines needs this share of the height."""
LEGEND_LETTERS: Final = 125
LINE: Final = 84
"""Letters of the headline in one line of the picture."""


@dataclass(frozen=True, slots=True)
class Days:
    """Time on the horizontal axis: working stretches one after the other, a narrow band for each night between."""

    stretches: tuple[tuple[int, int], ...]
    """Hours since 1970 (UTC), the end not included."""

    def place(self, ms: float) -> float:
        """Tell where a moment is on the axis, in hours; one in the night is in its band."""
        hour, at = ms / HOUR_MS, 0.0
        for index, (first, end) in enumerate(self.stretches):
            if hour <= first:
                if index == 0:
                    return 0.0
                before = self.stretches[index - 1][1]
                return at - NIGHT_WIDTH * (first - hour) / (first - before)
            if hour <= end:
                return at + hour - first
            at += end - first + NIGHT_WIDTH
        return at - NIGHT_WIDTH


def days_of(found: Series) -> Days:
    """Find the stretches in which anything happens or could."""
    seats = [*found.seats_open, (found.end_ms, 0)]
    open_in = {
        hour
        for (at_ms, count), (after_ms, _) in pairwise(seats)
        if count and at_ms < after_ms
        for hour in range(at_ms // HOUR_MS, (min(after_ms, found.end_ms) - 1) // HOUR_MS + 1)
    }
    moved = zip(found.hours_ms, found.recorded, found.ready, found.printed, found.busy, strict=True)
    active = sorted(open_in | {at_ms // HOUR_MS for at_ms, *counts in moved if any(counts)}) or [
        found.start_ms // HOUR_MS
    ]
    stretches = [[active[0], active[0] + 1]]
    for hour in active[1:]:
        if hour - stretches[-1][1] < LONGEST_GAP:
            stretches[-1][1] = hour + 1
        else:
            stretches.append([hour, hour + 1])
    return Days(tuple((first, end) for first, end in stretches))


def flow(axes: Axes, report: Report, days: Days) -> None:
    """Draw the cumulative flow: cards recorded, ready to print, printed; what waits lies between the lines."""
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
        axes.plot(across, values, color=colour, linewidth=2.4, label=f"{label} ({values[-1]:,})", linestyle=style)
    inner = [row for row, at in enumerate(across) if LABEL_WITHIN[0] < at / across[-1] < LABEL_WITHIN[1]] or [0]
    widest = max(inner, key=lambda row: ready[row] - printed[row])
    if ready[widest] - printed[widest] > max(recorded) * LABEL_SHARE:
        middle = (ready[widest] + printed[widest]) / 2
        axes.annotate("waiting for a printer", (across[widest], middle), color=SOFT, ha="center", va="center")
    if report.cleared_ms is not None:
        _mark_clear(axes, days.place(report.cleared_ms), f"clear {jakarta(report.cleared_ms):%a %H:%M}")
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


def per_hour(axes: Axes, report: Report, days: Days) -> None:
    """Draw the good prints of every hour, stacked by station."""
    found = report.series
    left, width = _bars(found, days)
    width = [max(0.03, across - BAR_GAP) for across in width]
    bottom = [0.0] * len(left)
    for name, colour, rows in _stations(report):
        height = [sum(row.printed[hour] for row in rows) for hour in range(len(left))]
        axes.bar(left, height, width, bottom, align="edge", color=colour, edgecolor=PAPER, linewidth=0.8, label=name)
        bottom = [low + high for low, high in zip(bottom, height, strict=True)]
    axes.set_ylabel("cards printed in the hour")
    axes.set_ylim(0, max([*bottom, 1]) * 1.08)


def blanks(axes: Axes, report: Report, days: Days) -> None:
    """Draw the blanks left at each station."""
    found = report.series
    across = [days.place(at_ms) for at_ms in [found.start_ms, *(end for _, end in _spans(found))]]
    for name, colour, rows in _stations(report):
        for number, row in enumerate(rows):
            end = f"{name} ({row.blanks[-1]:,})" if len(rows) == 1 else name
            label = end if number == 0 else None
            thick = 2.2 if len(rows) == 1 else 1.2
            axes.plot(across, [row.blanks_before, *row.blanks], color=colour, linewidth=thick, label=label)
    axes.set_ylabel("blanks left")
    axes.set_ylim(bottom=0)


def seats(axes: Axes, report: Report, days: Days) -> None:
    """Draw the seats open at each moment, and how many of them were busy in the mean of each hour."""
    found = report.series
    shown = [(at_ms, count) for at_ms, count in found.seats_open if at_ms <= found.end_ms]
    across = [days.place(at_ms) for at_ms, _ in shown] + [days.place(found.end_ms)]
    counts = [count for _, count in shown]
    left, width = _bars(found, days)
    axes.bar(left, found.busy, width, align="edge", color=STATIONS[1], alpha=0.55, label="busy, mean of the hour")
    axes.step(across, [*counts, counts[-1]], where="post", color=INK, linewidth=1.6, label="open")
    axes.set_ylabel("seats")
    axes.set_ylim(0, max([*counts, *found.busy, 1]) * 1.12)


def _spans(found: Series) -> list[tuple[int, int]]:
    # The first and the last hour count as far as the run went.
    inside = [(max(at_ms, found.start_ms), at_ms + HOUR_MS) for at_ms in found.hours_ms]
    return [(start, min(end, found.end_ms) if start < found.end_ms else end) for start, end in inside]


def _bars(found: Series, days: Days) -> tuple[list[float], list[float]]:
    placed = [(days.place(start), days.place(end)) for start, end in _spans(found)]
    return [left for left, _ in placed], [right - left for left, right in placed]


def _stations(report: Report) -> list[tuple[str, str, list[StationHours]]]:
    there = report.series.stations
    short = {station.code: f"{station.code}" for station in report.stations}
    shown, rest = report.stations[: len(STATIONS)], report.stations[len(STATIONS) :]
    rows = [(short[s.code], colour, [there[s.code]]) for s, colour in zip(shown, STATIONS, strict=False)]
    return rows + ([(f"{len(rest)} other stations", REST, [there[s.code] for s in rest])] if rest else [])


PLOTS: Final[dict[str, tuple[str, Callable[[Axes, Report, Days], None]]]] = {
    "flow": ("Cards recorded, ready to print, and printed", flow),
    "per_hour": ("Cards printed in each hour, by station", per_hour),
    "blanks": ("Blanks left at each station", blanks),
    "seats": ("Seats open and busy, all stations together", seats),
}


def svgs(report: Report) -> dict[str, str]:
    """Draw every plot as inline SVG whose colours are CSS variables, by name."""
    days = days_of(report.series)
    drawn = {}
    for name, (title, draw) in PLOTS.items():
        figure = figure_of(1)
        axes = figure.subplots()
        dress(axes, days, start_ms=report.series.start_ms, end_ms=_spans(report.series)[-1][1])
        draw(axes, report, days)
        legend(axes)
        drawn[name] = _svg(figure, title)
    return drawn


def save_png(report: Report, path: Path) -> None:
    """Save the flow and the hours below it as one picture."""
    days = days_of(report.series)
    figure = figure_of(2)
    for axes, (title, draw) in zip(figure.subplots(2, 1), (PLOTS["flow"], PLOTS["per_hour"]), strict=True):
        dress(axes, days, start_ms=report.series.start_ms, end_ms=_spans(report.series)[-1][1])
        draw(axes, report, days)
        axes.set_title(title, loc="left", color=INK, fontsize=12, pad=28)
        legend(axes)
    figure.suptitle(fill(headline(report), LINE) + "\n", x=0.01, ha="left", color=INK, fontsize=14, fontweight="bold")
    figure.savefig(path, dpi=110, facecolor=PAPER)


def figure_of(rows: int) -> Figure:
    """A figure with room for so many plots."""
    # Imported here: matplotlib takes most of a second, and only a report at the end of a run needs it.
    from matplotlib.figure import Figure

    return Figure(figsize=(INCHES[0], INCHES[1] * rows + 0.5 * (rows - 1)), layout="constrained")


def dress(axes: Axes, days: Days, *, start_ms: int, end_ms: int) -> None:
    """Lay out axes of a stretch of time: no frame, light lines, nights as bands, days by their names."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(days.place(start_ms) - 0.1, days.place(end_ms) + 0.15)
    axes.set_facecolor("none")
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.tick_params(colors=SOFT, length=0, labelsize=10)
    axes.yaxis.label.set_color(SOFT)
    for (_, end), (first, _) in pairwise(days.stretches):
        axes.axvspan(days.place(end * HOUR_MS), days.place(first * HOUR_MS), color=NIGHT, linewidth=0, zorder=0)
    _ticks(axes, days)


def _ticks(axes: Axes, days: Days) -> None:
    hours = sum(end - first for first, end in days.stretches)
    every = next((step for step in (1, 2, 3, 6) if hours / step <= MOST_LABELS + 2), 24)
    ticks = {
        days.place(hour * HOUR_MS): f"{local:%H}:00"
        for first, end in days.stretches
        for hour in range(first, end + 1)
        if (local := jakarta(hour * HOUR_MS)).hour % every == 0 and every < DAY_HOURS
    }
    axes.set_xticks(list(ticks), list(ticks.values()))
    skip = len(days.stretches) // MOST_LABELS + 1
    for first, end in days.stretches[::skip]:
        middle = (days.place(first * HOUR_MS) + days.place(end * HOUR_MS)) / 2
        day = jakarta(first * HOUR_MS)
        axes.annotate(
            f"{day:%a %-d %b}" if len(days.stretches) > WIDE_DAYS else f"{day:%A %-d %B}",
            (middle, 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -22),
            textcoords="offset points",
            ha="center",
            va="top",
            color=INK,
            annotation_clip=False,
        )


def legend(axes: Axes) -> None:
    """Put the legend above, in as many rows as it needs."""
    handles, labels = axes.get_legend_handles_labels()
    rows = sum(len(label) + 6 for label in labels) // LEGEND_LETTERS + 1
    box = axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=-(-len(handles) // rows),
        frameon=False,
        fontsize=10,
        handlelength=1.4,
        columnspacing=1.6,
    )
    for text in box.get_texts():
        text.set_color(SOFT)


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
