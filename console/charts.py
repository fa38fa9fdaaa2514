"""Charts over the office's days: one palette, and a time axis on which nights are narrow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from console.text import count
from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from console.ui import Times

DAY_HOURS: Final = 24
WIDE_DAYS: Final = 5
"""Largest number of days whose names are written in full under a chart."""
INK: Final = "#0b0b0b"
SOFT: Final = "#52514e"
FAINT: Final = "#898781"
GRID: Final = "#e1e0d9"
NIGHT: Final = "#f0efea"
PAPER: Final = "#fcfcfb"
STATIONS: Final = ("#2a78d6", "#1baf7a", "#eda100", "#008300", "#4a3aa7", "#e34948", "#e87ba4")
"""Neighbours in this order differ for colour-blind eyes. Stations beyond the seventh share one colour."""
REST: Final = "#a3a19b"

LONGEST_GAP_H: Final = 3
"""An idle stretch up to this length keeps its width, like a lunch break. A longer one is drawn as a night."""
NIGHT_WIDTH_H: Final = 0.8
INCHES: Final = (10.5, 4.6)
MOST_LABELS: Final = 14
LEGEND_LETTERS: Final = 125
LINE_LETTERS: Final = 84
"""Letters of a headline in one line of a picture."""


@dataclass(frozen=True, slots=True)
class Days:
    """The time axis: working stretches one after the other, with a narrow band for each night between."""

    stretches: tuple[tuple[int, int], ...]
    """Hours since 1970 (UTC), the end not included."""

    def place(self, ms: float) -> float:
        """Convert a moment to its position on the axis, in hours. A moment in the night lies in its band."""
        hour, at = ms / HOUR_MS, 0.0
        for index, (first, end) in enumerate(self.stretches):
            if hour <= first:
                if index == 0:
                    return 0.0
                before = self.stretches[index - 1][1]
                return at - NIGHT_WIDTH_H * (first - hour) / (first - before)
            if hour <= end:
                return at + hour - first
            at += end - first + NIGHT_WIDTH_H
        return at - NIGHT_WIDTH_H


def find_days(hours: Iterable[int]) -> Days:
    """Join the hours with work or open seats to stretches. A longer gap between two of them is a night."""
    stretches: list[list[int]] = []
    for hour in sorted(hours):
        if stretches and hour - stretches[-1][1] < LONGEST_GAP_H:
            stretches[-1][1] = hour + 1
        else:
            stretches.append([hour, hour + 1])
    return Days(tuple((first, end) for first, end in stretches))


def make_figure(rows: int) -> Figure:
    """Make a figure with room for one chart a row."""
    # Imported here, because matplotlib takes most of a second, and few commands draw.
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["text.parse_math"] = False  # Text that people typed may hold a dollar sign.

    return Figure(figsize=(INCHES[0], INCHES[1] * rows + 0.5 * (rows - 1)), layout="constrained")


def lay_out(axes: Axes, days: Days, times: Times, *, start_ms: int, end_ms: int) -> None:
    """Lay out the axes of a chart: no frame, light lines, nights as bands, days by their names."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(days.place(start_ms) - 0.1, days.place(end_ms) + 0.15)
    axes.set_facecolor("none")
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.yaxis.set_major_formatter(lambda value, _: count(round(value)))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.tick_params(colors=SOFT, length=0, labelsize=10)
    axes.yaxis.label.set_color(SOFT)
    for (_, end), (first, _) in pairwise(days.stretches):
        axes.axvspan(days.place(end * HOUR_MS), days.place(first * HOUR_MS), color=NIGHT, linewidth=0, zorder=0)
    _mark_hours(axes, days, times)
    _name_days(axes, days, times)


def _mark_hours(axes: Axes, days: Days, times: Times) -> None:
    hours = sum(end - first for first, end in days.stretches)
    every = next((step for step in (1, 2, 3, 6) if hours / step <= MOST_LABELS + 2), DAY_HOURS)
    ticks = {
        days.place(hour * HOUR_MS): times.clock(hour * HOUR_MS)
        for first, end in days.stretches
        for hour in range(first, end + 1)
        if times.local(hour * HOUR_MS).hour % every == 0 and every < DAY_HOURS
    }
    axes.set_xticks(list(ticks), list(ticks.values()))


def _name_days(axes: Axes, days: Days, times: Times) -> None:
    many = len(days.stretches) > WIDE_DAYS
    for first, end in days.stretches[:: len(days.stretches) // MOST_LABELS + 1]:
        axes.annotate(
            times.day(first * HOUR_MS, brief=many),
            ((days.place(first * HOUR_MS) + days.place(end * HOUR_MS)) / 2, 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -22),
            textcoords="offset points",
            ha="center",
            va="top",
            color=INK,
            annotation_clip=False,
        )


def add_legend(axes: Axes) -> None:
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
