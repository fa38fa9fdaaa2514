"""The backlog over time, with the plan and without: the median, a band from P10 to P90, deadline, regular hours."""

from __future__ import annotations

from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING, Final

import numpy as np

from console.charts import INK, LINE_LETTERS, PAPER, REST, STATIONS, Days, add_legend, find_days, lay_out, make_figure
from console.text import brief_number, plural
from lembur.domain.errors import SettingsError
from lembur.domain.observation import QUANTILES
from lembur.domain.time import HOUR_MS
from planner.outcomes import SHOWN_WORLDS, count_backlog
from planner.problem import Roster, draw_worlds, staffings

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from console.ui import Times
    from planner.arrays import Integers
    from planner.decision import Plan
    from planner.problem import Problem

OPEN: Final = STATIONS[2]
"""Colour of regular hours; the grey of the nights differs from it."""
EVERY_MS: Final = 900_000
"""Step of the backlog curve."""
TOP: Final = 1.08
"""Room above the highest line, for the label of the deadline."""
AFTER_MS: Final = 2 * HOUR_MS
"""The time axis ends this much after the deadline."""


def save_plot(found: Plan, path: Path, times: Times) -> None:
    """Draw a plan into a file. The end of the file's name is the format."""
    problem = found.problem
    until = problem.deadline_ms + AFTER_MS
    few = replace(problem, worlds=min(SHOWN_WORLDS, problem.worlds), cutoff_ms=until)
    worlds = draw_worlds(few, faults_until_ms=until)
    curves = [("as things stand" if problem.ordered else "without overtime", found.regular.roster, REST)]
    chosen = found.best or found.most
    best = chosen.roster
    if best != found.regular.roster:
        what = f"{brief_number(chosen.cost.seat_hours)} seat hours of overtime"
        curves.append((f"with {what}" if found.best else f"with all that may be ordered, {what}", best, STATIONS[0]))
    days = _days_of(few, [roster for _, roster, _ in curves], until)
    figure = make_figure(1)
    axes = figure.subplots()
    lay_out(axes, days, times, start_ms=problem.now_ms, end_ms=until)
    moments = list(range(problem.now_ms, until, EVERY_MS))
    for label, roster, colour in curves:
        _draw_course(axes, days, moments, count_backlog(worlds, roster, moments), label=label, colour=colour)
    _shade_hours(axes, days, problem, until)
    _mark_deadline(axes, days.place(problem.deadline_ms), f"deadline {times.brief(problem.deadline_ms)}")
    axes.set_ylabel("cards ready and not yet printed")
    axes.set_ylim(0, axes.get_ylim()[1] * TOP)
    add_legend(axes)
    title = (
        f"{times.brief(problem.now_ms)}: {plural(_waiting(problem), 'card')} waiting, "
        f"to be clear by {times.brief(problem.deadline_ms)}"
    )
    figure.suptitle(fill(title, LINE_LETTERS) + "\n", x=0.01, ha="left", color=INK, fontsize=14, fontweight="bold")
    try:
        figure.savefig(path, dpi=110, facecolor=PAPER)
    except OSError as fault:
        raise SettingsError(
            "--plot %(path)s cannot be written (%(reason)s): give another file", path=path, reason=fault.strerror
        ) from fault


def _waiting(problem: Problem) -> int:
    return sum(len(station.waiting) + len(station.printing) for station in problem.stations)


def _days_of(problem: Problem, rosters: list[Roster], until_ms: int) -> Days:
    """Find the hours in which any roster has a seat open."""
    first, last = problem.now_ms // HOUR_MS, -(-until_ms // HOUR_MS)
    seats = [staffing.seats for roster in rosters for staffing in staffings(problem, roster, until_ms=until_ms)]
    open_in = {
        hour
        for hour in range(first, last)
        if any(part.at(hour * HOUR_MS + quarter * EVERY_MS) for part in seats for quarter in range(4))
    }
    return find_days(open_in | {first, last - 1, (problem.deadline_ms - 1) // HOUR_MS})


def _draw_course(axes: Axes, days: Days, moments: list[int], waiting: Integers, *, label: str, colour: str) -> None:
    band: NDArray[np.float64] = np.quantile(waiting, QUANTILES, axis=0)
    across = [days.place(at) for at in moments]
    axes.fill_between(across, band[0], band[2], color=colour, alpha=0.25, linewidth=0)
    axes.plot(across, band[1], color=colour, linewidth=2.4, label=f"{label} (median, P10 to P90)")


def _shade_hours(axes: Axes, days: Days, problem: Problem, until_ms: int) -> None:
    first, last = problem.working.day_of(problem.now_ms), problem.working.day_of(until_ms)
    named = False
    for shift in problem.working.shifts(first, last):
        begins, ends = max(shift.start_ms, problem.now_ms), min(shift.end_ms, until_ms)
        if begins < ends:
            label = None if named else "regular hours"
            axes.axvspan(
                days.place(begins), days.place(ends), color=OPEN, alpha=0.12, linewidth=0, zorder=0.5, label=label
            )
            named = True


def _mark_deadline(axes: Axes, across: float, label: str) -> None:
    axes.axvline(across, color=INK, linewidth=1, linestyle=(0, (3, 3)))
    axes.annotate(
        label,
        (across, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-6, -6),
        textcoords="offset points",
        ha="right",
        va="top",
        color=INK,
        fontweight="bold",
    )
