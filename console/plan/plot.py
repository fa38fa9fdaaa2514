"""The backlog over time, with the plan and without: the median, a band from P10 to P90, deadline, regular hours."""

from __future__ import annotations

from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING, Final

import numpy as np

from console.report.plots import INK, LINE, LONGEST_GAP, PAPER, REST, STATIONS, Days, dress, figure_of, legend
from console.ui.times import moment
from lembur.domain.errors import SettingsError
from lembur.domain.observation import QUANTILES
from lembur.domain.time import HOUR_MS, brief, day_of
from planner.decision.plan import most_hours
from planner.outcomes.backlog import backlog
from planner.outcomes.completion import SHOWN_WORLDS
from planner.problem.replications import draw_worlds
from planner.problem.roster import Roster, most_seats, staffings

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from planner.decision.plan import Plan
    from planner.problem.problem import Problem
    from planner.simulation.replay import Integers

OPEN: Final = STATIONS[2]
"""Regular hours, apart from the grey of the nights."""
EVERY_MS: Final = 900_000
"""The backlog is told every quarter of an hour."""
TOP: Final = 1.08
"""Room above the highest line for the deadline's name."""
AFTER_MS: Final = 2 * HOUR_MS
"""So much is drawn beyond the deadline."""


def save(found: Plan, path: Path) -> None:
    """Draw a plan into a file, of the kind its name ends in."""
    problem = found.problem
    until = problem.deadline_ms + AFTER_MS
    few = replace(problem, worlds=min(SHOWN_WORLDS, problem.worlds), cutoff_ms=until)
    worlds = draw_worlds(few, faults_until_ms=until)
    shown = [("as things stand" if problem.ordered else "without overtime", found.regular.roster, REST)]
    best = found.best.roster if found.best else Roster(most_seats(problem), most_hours(problem))
    if best != found.regular.roster:
        what = f"{best.seats} seats and {best.hours:g} h a day"
        shown.append((f"with {what}" if found.best else f"with all that may be ordered, {what}", best, STATIONS[0]))
    days = _days(few, [roster for _, roster, _ in shown], until)
    figure = figure_of(1)
    axes = figure.subplots()
    dress(axes, days, start_ms=problem.now_ms, end_ms=until)
    moments = list(range(problem.now_ms, until, EVERY_MS))
    for label, roster, colour in shown:
        _course(axes, days, moments, backlog(worlds, roster, moments), label=label, colour=colour)
    _shade(axes, days, problem, until)
    axes.set_ylabel("cards ready and not yet printed")
    axes.set_ylim(0, axes.get_ylim()[1] * TOP)
    legend(axes)
    title = f"{brief(problem.now_ms)}: {_waiting(problem):,} cards wait, to be clear by {moment(problem.deadline_ms)}"
    figure.suptitle(fill(title, LINE) + "\n", x=0.01, ha="left", color=INK, fontsize=14, fontweight="bold")
    try:
        figure.savefig(path, dpi=110, facecolor=PAPER)
    except OSError as fault:
        raise SettingsError(f"--plot {path} cannot be written ({fault.strerror}): give another file") from fault


def _waiting(problem: Problem) -> int:
    return sum(len(station.waiting) + len(station.printing) for station in problem.stations)


def _days(problem: Problem, shown: list[Roster], until_ms: int) -> Days:
    """Find the hours in which any roster has a seat open: they are drawn, and nights are narrow."""
    first, last = problem.now_ms // HOUR_MS, -(-until_ms // HOUR_MS)
    seats = [staffing.seats for roster in shown for staffing in staffings(problem, roster, until_ms=until_ms)]
    quarters = range(4)
    open_in = {first, last - 1, (problem.deadline_ms - 1) // HOUR_MS} | {
        hour
        for hour in range(first, last)
        if any(part.at(hour * HOUR_MS + quarter * EVERY_MS) for part in seats for quarter in quarters)
    }
    stretches: list[list[int]] = []
    for hour in sorted(open_in):
        if stretches and hour - stretches[-1][1] < LONGEST_GAP:
            stretches[-1][1] = hour + 1
        else:
            stretches.append([hour, hour + 1])
    return Days(tuple((begins, ends) for begins, ends in stretches))


def _course(axes: Axes, days: Days, moments: list[int], waiting: Integers, *, label: str, colour: str) -> None:
    band: NDArray[np.float64] = np.quantile(waiting, QUANTILES, axis=0)
    across = [days.place(at) for at in moments]
    axes.fill_between(across, band[0], band[2], color=colour, alpha=0.25, linewidth=0)
    axes.plot(across, band[1], color=colour, linewidth=2.4, label=f"{label} (median, P10 to P90)")


def _shade(axes: Axes, days: Days, problem: Problem, until_ms: int) -> None:
    """Shade regular hours, and mark the deadline."""
    first, last = day_of(problem.now_ms), day_of(until_ms)
    named = False
    for shift in problem.working.shifts(first, last):
        begins, ends = max(shift.start_ms, problem.now_ms), min(shift.end_ms, until_ms)
        if begins < ends:
            label = None if named else "regular hours"
            axes.axvspan(
                days.place(begins), days.place(ends), color=OPEN, alpha=0.12, linewidth=0, zorder=0.5, label=label
            )
            named = True
    across = days.place(problem.deadline_ms)
    axes.axvline(across, color=INK, linewidth=1, linestyle=(0, (3, 3)))
    axes.annotate(
        f"deadline {moment(problem.deadline_ms)}",
        (across, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-6, -6),
        textcoords="offset points",
        ha="right",
        va="top",
        color=INK,
        fontweight="bold",
    )
