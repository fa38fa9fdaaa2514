"""Plan Solo's two days, play them by that plan with real workers, and compare: run by `make bench-twin`.

Another scenario (`--scenario`) is played with the overtime that is written in it. For each seed the planner gets what
waits at the start, as it would be, and forecasts when all is printed; then the workers play the seed. Every print of
theirs is compared with the one the planner's rule makes of the same draws. Where none differs, the rule stands for the
workers in many more seeds than can be played. Workers play at speed max, which has no clock to be behind.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import CENTRE, SeatOrder
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.domain.world import overtime_orders
from planner.outcomes.completion import Completion, trace_completion
from planner.problem import Terms, problem_from_scenario
from planner.problem.replications import draw_worlds
from planner.problem.roster import regular_roster
from reference.twin import Prints, twin
from support.programs import LEMBUR

SOLO = "solo-2016"
ASKED = ("plan", SOLO, "--by", "Friday 22:00", "--max-hours", "6.5", "--json")
PICTURE = Path("docs/pictures/twin.png")
SCREEN = Console(width=120)
BLUE, ORANGE, SOFT = "#2a78d6", "#e34948", "#a3a19b"
Offsets = list[tuple[int, bool, int]]
"""When each print was done, whether it was spoiled, and the number of its card."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Orders that are played, made by a plan or written in the scenario, and the scenario without its overtime.

    Every card counts that is ready by the deadline; `words` make the command `run` give these orders.
    """

    scenario: Scenario
    words: tuple[str, ...]
    deadline_ms: int
    seat_hours: float
    orders: list[SeatOrder]

    def forecast(self, seed: int) -> Completion:
        """Forecast a seed from what waits at its start: when every card is printed that is ready by the deadline."""
        seeded = self.scenario.model_copy(update={"seed": seed})
        problem = problem_from_scenario(
            seeded, Terms(deadline_ms=self.deadline_ms, cutoff_ms=self.deadline_ms, worlds=200, max_hours=24.0)
        )
        ordered = replace(problem, ordered=tuple(self.orders))
        return trace_completion(draw_worlds(ordered), regular_roster(ordered))

    def by_rule(self, seed: int) -> dict[str, Prints]:
        """Let the planner's rule make the prints of a seed from the workers' own draws."""
        made = twin(self.scenario, seed, self.orders)
        return {station: prints for station, prints in made.items() if station != CENTRE}


@dataclass(frozen=True, slots=True)
class Compared:
    """One seed: what was forecast, and what came of it."""

    seed: int
    forecast: Completion
    finish_ms: int
    printed: int
    prints: int = 0
    different: int = 0

    @property
    def rank(self) -> float:
        """In which share of the worlds all was printed sooner."""
        return float((self.forecast.finish_ms < self.finish_ms).mean())

    @property
    def inside(self) -> bool:
        """Whether the finish lies between P10 and P90."""
        return self._band[0] <= self.finish_ms <= self._band[1]

    @property
    def middle(self) -> float:
        """Share of its rank in the middle 80 %. Worlds with an equal finish, such as never, share their ranks evenly.

        The expected share is 80 % where the seed is a world like the others, also where many worlds are never clear.
        """
        finish_ms = self.forecast.finish_ms
        sooner, equal = int((finish_ms < self.finish_ms).sum()), int((finish_ms == self.finish_ms).sum()) + 1
        low, high = (rank / (len(finish_ms) + 1) for rank in (sooner, sooner + equal))
        return max(0.0, min(high, 0.9) - max(low, 0.1)) / (high - low)

    @property
    def held(self) -> float:
        """Share of the worlds in the band, more than 80 % where several are never clear."""
        low, high = self._band
        return float(((low <= self.forecast.finish_ms) & (self.forecast.finish_ms <= high)).mean())

    @property
    def _band(self) -> tuple[int, int]:
        return self.forecast.finish_quantile_ms(0.1), self.forecast.finish_quantile_ms(0.9)


def planned(folder: Path) -> Planned:
    """Make the plan of Solo, by the command people use."""
    said = json.loads(subprocess.run([LEMBUR, *ASKED], cwd=folder, check=True, capture_output=True).stdout)
    saved = json.loads((folder / "var" / "plan.json").read_text())
    scenario = load(SOLO)
    return Planned(
        scenario.model_copy(update={"overtime": ()}),
        ("--planned",),
        said["deadline_ms"],
        said["best"]["seat_hours"],
        [SeatOrder(**row) for row in saved["orders"]],
    )


def written(name: str) -> Planned:
    """Return the overtime that is written in a scenario, until its last order ends."""
    scenario = load(name)
    orders = overtime_orders(scenario)
    seat_hours = sum(order.seats * (order.until_ms - order.from_ms) for order in orders) / HOUR_MS
    deadline_ms = max(order.until_ms for order in orders)
    return Planned(scenario.model_copy(update={"overtime": ()}), (), deadline_ms, seat_hours, orders)


def lived(plan: Planned, seed: int, folder: Path) -> Compared:
    """Let the workers play a seed by the plan, and compare their printers' logs with the rule."""
    data = folder / f"run-{seed}"
    words = ("run", plan.scenario.name, *plan.words, "--seed", str(seed), "--speed", "max")
    command = (LEMBUR, *words, "--data", str(data), "--json")
    report = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)
    logs = {code: _log(data / "printers" / f"{code}.jsonl") for code in (s.code for s in plan.scenario.stations)}
    different = sum(len(set(logs[code]) ^ set(_rows(prints))) for code, prints in plan.by_rule(seed).items())
    cleared = report["cleared_at"]
    finish_ms = NEVER_MS if cleared is None else round(datetime.fromisoformat(cleared).timestamp() * 1000)
    return Compared(
        seed, plan.forecast(seed), finish_ms, report["printed"], sum(len(log) for log in logs.values()), different
    )


def _log(path: Path) -> Offsets:
    lots: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [
        (end, bool(reason), int(card))
        for lot in lots
        for card, end, reason in zip(lot["cards"], lot["ends"], lot["reasons"], strict=True)
    ]


def _rows(prints: Prints) -> Offsets:
    columns = (prints.end_ms.tolist(), prints.spoiled.tolist(), prints.number.tolist())
    return list(zip(*columns, strict=True))


def ruled(plan: Planned, seed: int) -> Compared:
    """Let the rule stand for the workers."""
    made = plan.by_rule(seed)
    finish_ms = max(int(prints.end_ms.max(initial=0)) for prints in made.values())
    printed = sum(int((~prints.spoiled).sum()) for prints in made.values())
    # A report tells moments by the second, and none while a card waits.
    waits = any(prints.waiting for prints in made.values())
    return Compared(seed, plan.forecast(seed), NEVER_MS if waits else finish_ms // 1000 * 1000, printed)


def tell(plan: Planned, live: list[Compared]) -> None:
    """Print the seeds that were played."""
    title = f"{plan.seat_hours:,.4g} seat hours of overtime"
    columns = ("seed", "P10", "P50", "P90", "clear", "inside", "printed", "forecast", "prints", "not the rule's")
    table = Table(*columns, title=title, box=box.MARKDOWN)
    for one in live:
        forecast = [_at(plan, one.forecast.finish_quantile_ms(share)) for share in (0.1, 0.5, 0.9)]
        totals = f"{one.printed:,}", f"{_printed(one):,.0f}"
        inside = "yes" if one.inside else "no"
        table.add_row(
            str(one.seed), *forecast, _at(plan, one.finish_ms), inside, *totals, f"{one.prints:,}", str(one.different)
        )
    SCREEN.print(table)
    SCREEN.print(f"inside P10-P90: {sum(one.inside for one in live)} of {len(live)}; about 8 of 10 asked for")
    SCREEN.print(f"in the middle 80 % of the ranks: {sum(one.middle for one in live):.1f} of {len(live)}")
    SCREEN.print(f"printed totals differ by {max(_off(one) for one in live):.1%} at most; 2 % asked for")
    different, prints = sum(one.different for one in live), sum(one.prints for one in live)
    SCREEN.print(f"prints that are not the rule's: {different} of {prints:,}")


def tell_more(plan: Planned, more: list[Compared]) -> None:
    """Print what the rule says of further seeds."""
    SCREEN.print(f"\n{len(more)} further seeds by the rule alone:")
    inside, held = fmean(one.inside for one in more), fmean(one.held for one in more)
    SCREEN.print(f"inside P10-P90: {inside:.1%}, of the worlds themselves {held:.1%}")
    SCREEN.print(f"in the middle 80 % of the ranks: {fmean(one.middle for one in more):.1%}")
    SCREEN.print(f"sooner than P50: {fmean(one.rank < 0.5 for one in more):.0%}")
    SCREEN.print(f"printed totals differ by {max(_off(one) for one in more):.1%} at most")
    late, foreseen = (fmean(each) for each in zip(*((_missed(plan, one)) for one in more), strict=True))
    SCREEN.print(f"not clear by the deadline: {late:.1%}, forecast {foreseen:.1%}")


def _missed(plan: Planned, one: Compared) -> tuple[float, float]:
    return float(one.finish_ms > plan.deadline_ms), float((one.forecast.finish_ms > plan.deadline_ms).mean())


def _printed(one: Compared) -> float:
    return float(one.forecast.in_time.mean())


def _off(one: Compared) -> float:
    return abs(one.printed / _printed(one) - 1)


def _at(plan: Planned, ms: int) -> str:
    return "never" if ms >= NEVER_MS else f"{_moment(plan, ms):%a %H:%M}"


def _moment(plan: Planned, ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, plan.scenario.zone)


def _drawn_at(plan: Planned, ms: int) -> datetime:
    """Tell where a moment is drawn: who is never clear stands behind the deadline."""
    return _moment(plan, min(ms, plan.deadline_ms + HOUR_MS // 2))


def draw(plan: Planned, live: list[Compared], more: list[Compared], path: Path) -> None:
    """Draw the forecasts with what came of them, and how the ranks of all seeds are spread."""
    figure = Figure((10.5, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    for row, one in enumerate(live):
        low, middle, high = (_drawn_at(plan, one.forecast.finish_quantile_ms(share)) for share in (0.1, 0.5, 0.9))
        left.plot([low, high], [row, row], color=BLUE, linewidth=6, alpha=0.35, solid_capstyle="butt")
        left.plot([middle], [row], "|", color=BLUE, markersize=12)
        left.plot([_drawn_at(plan, one.finish_ms)], [row], "o", color=ORANGE, markersize=5)
    left.axvline(_moment(plan, plan.deadline_ms), color=SOFT, linestyle=":")
    left.set_yticks(range(len(live)), [f"seed {one.seed}" for one in live])
    left.xaxis.set_major_formatter(DateFormatter("%a %H:%M", tz=plan.scenario.zone))  # type: ignore[no-untyped-call]
    left.set_title("forecast P10-P90 and P50 (blue), workers (red), deadline (dotted)", fontsize=10, loc="left")
    ranks = [one.rank for one in (more or live)]
    right.hist(ranks, bins=np.linspace(0, 1, 11), color=BLUE, alpha=0.6)
    right.axhline(len(ranks) / 10, color=SOFT, linestyle=":")
    right.set_title(f"rank of the finish in its forecast, {len(ranks)} seeds", fontsize=10, loc="left")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Plan, play, compare."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=10, help="seeds that are played by workers")
    asked.add_argument("--more", type=int, default=200, help="further seeds, by the rule alone")
    asked.add_argument("--scenario", default=SOLO, help=f"{SOLO} is planned, another has its own overtime")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(Path(folder)) if given.scenario == SOLO else written(given.scenario)
        live = [lived(plan, seed, Path(folder)) for seed in range(1, given.seeds + 1)]
    tell(plan, live)
    more = [ruled(plan, seed) for seed in range(given.seeds + 1, given.seeds + given.more + 1)]
    if more:
        tell_more(plan, more)
    if given.scenario == SOLO:
        draw(plan, live, more, PICTURE)


if __name__ == "__main__":
    main()
