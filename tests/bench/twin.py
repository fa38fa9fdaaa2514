"""Plan Solo's two days, play them by that plan with real workers, and compare: run by `make bench-twin`.

Another scenario (`--scenario`) is played with the overtime that is written in it, and by `--enough` with more blanks
and more days, so that its queue is clear before the end. For each seed the planner gets what waits at the start, as it
would be. It forecasts when all is printed, and the cards that are printed by the deadline. Then the workers play the
seed. Every print of theirs is compared with the one the planner's rule makes of the same draws. Where none differs, the
rule stands for the workers in many more seeds than can be played. Workers play at speed max, which has no clock to be
behind.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import CENTRE, SeatOrder
from lembur.domain.time import HOUR_MS, NEVER_MS, moment_ms
from lembur.domain.world import overtime_orders
from planner.outcomes.completion import Completion, trace_completion
from planner.problem import Terms, problem_from_scenario
from planner.problem.replications import draw_worlds
from planner.problem.roster import regular_roster
from reference.twin import Prints, twin
from support.programs import LEMBUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.arrays import Integers

SOLO = "solo-2016"
ASKED = ("plan", SOLO, "--by", "Friday 22:00", "--max-hours", "6.5", "--json")
BLANKS, ENDS = re.compile(r"(?<=^blanks = )[1-9]\d*", re.MULTILINE), re.compile(r"(?<=^ends = )[\d-]+", re.MULTILINE)
"""Blanks of a delivery and the last date, in the text of a scenario."""
MORE_BLANKS, MORE_DAYS = 40, timedelta(days=3)
PICTURE = Path("docs/pictures/twin.png")
SCREEN = Console(width=120)
BLUE, ORANGE, SOFT = "#2a78d6", "#e34948", "#a3a19b"
Offsets = list[tuple[int, bool, int]]
"""When each print was done, whether it was spoiled, and the number of its card."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Orders that are played, made by a plan or written in the scenario, and the scenario without its overtime.

    Every card counts that is ready by the deadline. `source` is the scenario's name or file; `words` make the command
    `run` give these orders.
    """

    scenario: Scenario
    source: str
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
class Prediction:
    """A figure as each world of a forecast has it, and as it came."""

    worlds: Integers
    came: int

    def quantile(self, share: float) -> int:
        """Return the figure that this share of the worlds does not exceed."""
        return int(np.sort(self.worlds)[max(0, ceil(share * len(self.worlds)) - 1)])

    @property
    def rank(self) -> float:
        """In which share of the worlds it is less."""
        return float((self.worlds < self.came).mean())

    @property
    def inside(self) -> bool:
        """Whether it came between P10 and P90."""
        return self.quantile(0.1) <= self.came <= self.quantile(0.9)

    @property
    def held(self) -> float:
        """Share of the worlds in the band: more than 80 % where several are equal, as those that are never clear."""
        return float(((self.quantile(0.1) <= self.worlds) & (self.worlds <= self.quantile(0.9))).mean())

    @property
    def middle(self) -> float:
        """Share of its rank in the middle 80 %. Equal worlds share their ranks evenly.

        80 % is expected where the seed is a world like the others, also where many worlds are equal.
        """
        count = len(self.worlds) + 1
        below, equal = int((self.worlds < self.came).sum()), int((self.worlds == self.came).sum()) + 1
        low, high = below / count, (below + equal) / count
        return max(0.0, min(high, 0.9) - max(low, 0.1)) / (high - low)


@dataclass(frozen=True, slots=True)
class Compared:
    """One seed: when all was printed, and the cards printed by the deadline; the prints, and those of another card."""

    seed: int
    finish: Prediction
    printed: Prediction
    prints: int = 0
    different: int = 0

    @property
    def off(self) -> float:
        """By which share the printed cards differ from the mean that was forecast."""
        return abs(self.printed.came / float(self.printed.worlds.mean()) - 1)


def compared(plan: Planned, seed: int, finish_ms: int, logs: Mapping[str, Offsets], *, different: int = 0) -> Compared:
    """Compare what came with the forecast. Nobody sees a finish after the end of the scenario."""
    ends_ms, forecast = moment_ms(plan.scenario.ends), plan.forecast(seed)
    foreseen = np.where(forecast.finish_ms > ends_ms, NEVER_MS, forecast.finish_ms)
    in_time = sum(not spoiled and end <= plan.deadline_ms for log in logs.values() for end, spoiled, _ in log)
    prints = sum(len(log) for log in logs.values())
    return Compared(seed, Prediction(foreseen, finish_ms), Prediction(forecast.in_time, in_time), prints, different)


def planned(folder: Path) -> Planned:
    """Make the plan of Solo, by the command people use."""
    said = json.loads(subprocess.run([LEMBUR, *ASKED], cwd=folder, check=True, capture_output=True).stdout)
    saved = json.loads((folder / "var" / "plan.json").read_text())
    scenario = load(SOLO)
    return Planned(
        scenario.model_copy(update={"overtime": ()}),
        SOLO,
        ("--planned",),
        said["deadline_ms"],
        said["best"]["seat_hours"],
        [SeatOrder(**row) for row in saved["orders"]],
    )


def written(name: str, folder: Path, *, enough: bool) -> Planned:
    """Return the overtime that is written in a scenario, until its last order ends."""
    source = name
    if enough:
        text = (files("scenarios") / f"{name}.toml").read_text()
        text = BLANKS.sub(lambda found: str(int(found[0]) + MORE_BLANKS), text)
        source = str(folder / f"{name}.toml")
        Path(source).write_text(ENDS.sub(lambda found: str(date.fromisoformat(found[0]) + MORE_DAYS), text))
    scenario = load(source)
    orders = overtime_orders(scenario)
    seat_hours = sum(order.seats * (order.until_ms - order.from_ms) for order in orders) / HOUR_MS
    deadline_ms = max(order.until_ms for order in orders)
    return Planned(scenario.model_copy(update={"overtime": ()}), source, (), deadline_ms, seat_hours, orders)


def lived(plan: Planned, seed: int, folder: Path) -> Compared:
    """Let the workers play a seed by the plan, and compare their printers' logs with the rule."""
    data = folder / f"run-{seed}"
    words = ("run", plan.source, *plan.words, "--seed", str(seed), "--speed", "max")
    command = (LEMBUR, *words, "--data", str(data), "--json")
    report = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)
    logs = {code: _log(data / "printers" / f"{code}.jsonl") for code in (s.code for s in plan.scenario.stations)}
    different = sum(len(set(logs[code]) ^ set(_rows(prints))) for code, prints in plan.by_rule(seed).items())
    cleared = report["cleared_at"]
    finish_ms = NEVER_MS if cleared is None else round(datetime.fromisoformat(cleared).timestamp() * 1000)
    return compared(plan, seed, finish_ms, logs, different=different)


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
    # A report tells moments by the second, and none while a card waits.
    waits = any(prints.waiting for prints in made.values())
    logs = {code: _rows(prints) for code, prints in made.items()}
    return compared(plan, seed, NEVER_MS if waits else finish_ms // 1000 * 1000, logs)


def tell(plan: Planned, live: list[Compared]) -> None:
    """Print the seeds that were played."""
    title = f"{plan.seat_hours:,.4g} seat hours of overtime; printed: by {_moment(plan, plan.deadline_ms):%a %H:%M}"
    columns = (
        "seed",
        "P10",
        "P50",
        "P90",
        "clear",
        "inside",
        "P10-P90",
        "printed",
        "inside",
        "prints",
        "not the rule's",
    )
    table = Table(*columns, title=title, box=box.MARKDOWN)
    for one in live:
        forecast = [_at(plan, one.finish.quantile(share)) for share in (0.1, 0.5, 0.9)]
        band = f"{one.printed.quantile(0.1):,}-{one.printed.quantile(0.9):,}"
        clear, printed = ("yes" if figure.inside else "no" for figure in (one.finish, one.printed))
        cells = (_at(plan, one.finish.came), clear, band, f"{one.printed.came:,}", printed)
        table.add_row(str(one.seed), *forecast, *cells, f"{one.prints:,}", str(one.different))
    SCREEN.print(table)
    tell_bands(live)
    different, prints = sum(one.different for one in live), sum(one.prints for one in live)
    SCREEN.print(f"prints that are not the rule's: {different} of {prints:,}")


def tell_bands(some: list[Compared]) -> None:
    """Print how often the bands of both figures held."""
    for name in ("finish", "printed"):
        figures: list[Prediction] = [getattr(one, name) for one in some]
        inside, held = fmean(one.inside for one in figures), fmean(one.held for one in figures)
        middle, sooner = fmean(one.middle for one in figures), fmean(one.rank < 0.5 for one in figures)
        SCREEN.print(
            f"{name}: inside P10-P90 {inside:.1%}, of the worlds themselves {held:.1%}; "
            f"in the middle 80 % of the ranks {middle:.1%}; less than P50 {sooner:.0%}"
        )
    SCREEN.print(f"printed totals differ by {max(one.off for one in some):.1%} at most; 2 % asked for")


def tell_more(plan: Planned, more: list[Compared]) -> None:
    """Print what the rule says of further seeds."""
    SCREEN.print(f"\n{len(more)} further seeds by the rule alone:")
    tell_bands(more)
    late, foreseen = (fmean(each) for each in zip(*((_missed(plan, one)) for one in more), strict=True))
    SCREEN.print(f"not clear by the deadline: {late:.1%}, forecast {foreseen:.1%}")


def _missed(plan: Planned, one: Compared) -> tuple[float, float]:
    return float(one.finish.came > plan.deadline_ms), float((one.finish.worlds > plan.deadline_ms).mean())


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
        low, middle, high = (_drawn_at(plan, one.finish.quantile(share)) for share in (0.1, 0.5, 0.9))
        left.plot([low, high], [row, row], color=BLUE, linewidth=6, alpha=0.35, solid_capstyle="butt")
        left.plot([middle], [row], "|", color=BLUE, markersize=12)
        left.plot([_drawn_at(plan, one.finish.came)], [row], "o", color=ORANGE, markersize=5)
    left.axvline(_moment(plan, plan.deadline_ms), color=SOFT, linestyle=":")
    left.set_yticks(range(len(live)), [f"seed {one.seed}" for one in live])
    left.xaxis.set_major_formatter(DateFormatter("%a %H:%M", tz=plan.scenario.zone))  # type: ignore[no-untyped-call]
    left.set_title("forecast P10-P90 and P50 (blue), workers (red), deadline (dotted)", fontsize=10, loc="left")
    ranks = [one.finish.rank for one in (more or live)]
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
    asked.add_argument("--enough", action="store_true", help="another scenario with blanks and days enough")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        plan = planned(here) if given.scenario == SOLO else written(given.scenario, here, enough=given.enough)
        live: list[Compared] = []
        try:
            live.extend(lived(plan, seed, here) for seed in range(1, given.seeds + 1))
        finally:
            # An hour of runs is not lost with the one that fails.
            if live:
                tell(plan, live)
    more = [ruled(plan, seed) for seed in range(given.seeds + 1, given.seeds + given.more + 1)]
    if more:
        tell_more(plan, more)
    if given.scenario == SOLO:
        draw(plan, live, more, PICTURE)


if __name__ == "__main__":
    main()
