"""Measure the planner side by side with what others use: run by `make bench-planner`.

What runs on one core is measured by the time the processor gave to it, the best of several, so that a busy machine
spoils little; whole commands by the clock, with the processor's time beside it.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import ciw
import numpy as np
import simpy
from rich import box
from rich.console import Console
from rich.table import Table

from lembur.domain.rate import STEADY, Rate
from lembur.domain.scenario import load
from lembur.domain.time import DAY_MS, NEVER_MS, moment_ms
from planner.arrays import Steps
from planner.decision.cost import cost_of
from planner.decision.plan import make_plan
from planner.decision.search import Search
from planner.problem import Terms, problem_from_scenario
from planner.problem.replications import draw_worlds
from planner.problem.roster import Roster, staffings, uniform_roster
from planner.simulation import Queue, ReplayResult, Staffing, replay_queue
from reference import rule
from reference.brute_force import cheapest_rupiah, random_problem
from reference.one_world import one_world, ready_of, spoiled_of
from reference.pooled import pooled
from support.programs import LEMBUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.problem import Problem

CITY = 416_000
REPEATS = 9
CORNERS = ((16, 0.5), (13, 2.0), (11, 4.0), (10, 5.0), (9, 6.5))
HOUR_MS = 3_600_000


ASKED = ("plan", "solo-2016", "--by", "Friday 22:00", "--max-hours", "6.5")
TABLE = Table("what", "found", "asked for", "met", box=box.MARKDOWN)
STDERR = Console(stderr=True)


def row(what: str, found: str, asked: str = "", *, good: bool | None = None) -> None:
    """Add a line to the table."""
    TABLE.add_row(what, found, asked, "" if good is None else "yes" if good else "no")
    STDERR.print(f"{what}: {found}", highlight=False)


def best_s(work: Callable[[], object], repeats: int = REPEATS, clock: Callable[[], float] = process_time) -> float:
    """Tell the shortest of several times: what is longer was disturbed."""
    times = []
    for _ in range(repeats):
        begun = clock()
        work()
        times.append(clock() - begun)
    return min(times)


def city(seats: int, *, load: float, spread: str = "exponential") -> tuple[Any, Any]:
    """Draw a city's cards for so many seats, service mean 100 s."""
    draws = np.random.Generator(np.random.Philox(1))
    ready = np.cumsum(draws.exponential(100_000 / (load * seats), CITY)).astype(np.int64)
    work = draws.exponential(100_000, CITY) if spread == "exponential" else draws.lognormal(np.log(86_000), 0.54, CITY)
    return ready, np.maximum(1, work).astype(np.int32)


def shifts(seats: int, until_ms: int) -> Staffing:
    """Open in changing numbers, four hours at a time, closed every fifth."""
    draws = np.random.Generator(np.random.Philox(2))
    moments = range(0, until_ms, 4 * HOUR_MS)
    numbers = draws.integers(seats // 2, seats + 1, len(moments)) * (np.arange(len(moments)) % 5 > 0)
    return Staffing(Steps.of([*zip(moments, numbers.tolist(), strict=True), (until_ms, seats)]), seats)


def always(seats: int) -> Staffing:
    """Open always."""
    return Staffing(Steps.of([(0, seats)]), seats)


def kernels(theirs: float) -> None:
    """Measure the kernel by itself, beside SimPy's cards a second."""

    def speed(what: str, cards: float, spent_s: float, asked: float | None = None) -> None:
        found = cards / spent_s
        told = f"{found / 1e6:.0f} M = {found / theirs:,.0f} x SimPy"
        row(what, told, f">= {asked:.0f} M" if asked else "", good=found >= asked * 1e6 if asked else None)

    ready, work = city(8, load=0.9)
    plain, world = always(8), one_world(ready, work)
    speed("M/M/8, cards/s", CITY, best_s(lambda: replay_queue(world, plain)))
    for seats in (8, 16):
        ready, work = city(seats, load=0.6, spread="lognormal")
        world, roster = one_world(ready, work), shifts(seats, int(ready[-1]))
        spent = best_s(lambda world=world, roster=roster: replay_queue(world, roster))  # type: ignore[misc]
        speed(f"shift calendar, {seats} seats, cards/s", CITY, spent, 150)
    problem = pooled(waiting=2822, cards_a_day=142, seats=1)
    worlds = draw_worlds(problem)
    queues = [worlds.block(number).queues[0] for number in range(worlds.blocks())]
    roster = staffings(problem, uniform_roster(problem, 12, 3.0))[0]
    prints = sum(int(replay_queue(queue, roster).begun.sum()) for queue in queues)
    spent = best_s(lambda: [replay_queue(queue, roster) for queue in queues])
    speed("roster x breakdowns x spoilage, 1,000 worlds, prints/s", prints, spent)
    ours = tandem()
    speed("tandem 4 -> 8, 416,000 cards, both stages, cards/s", ours, 1.0, 75)
    row("the tandem beside SimPy's", f"{ours / theirs:,.0f} x", ">= 1,000 x", good=ours >= 1000 * theirs)


def tandem() -> float:
    """Measure both stages: the centre with four lines, then eight seats."""
    ready, answers = city(4, load=0.9)
    _, prints = city(8, load=0.9)
    prints = np.minimum(prints, 2**31 - 1)
    centre = one_world(ready, answers)

    moments = np.empty(CITY, dtype=np.int64)
    # The sort between the stages is not measured: its order is the same each time.
    order = np.argsort(replay_queue(centre, always(4), keep=True).ends_ms, kind="stable")

    def both() -> ReplayResult:
        made = replay_queue(centre, always(4), keep=True)
        np.take(made.ends_ms, order, out=moments, mode="clip")
        return replay_queue(replace(centre, came_ms=moments, work_ms=prints), always(8))

    assert both().printed[0] == CITY
    return CITY / best_s(both)


def others() -> float:
    """Measure SimPy and Ciw on the same tandem, with fewer cards; tells SimPy's cards a second."""
    cards = 20_000
    ready, answers = (part[:cards] for part in city(4, load=0.9))
    prints = city(8, load=0.9)[1][:cards]
    theirs = cards / best_s(lambda: simpy_tandem(ready, answers, prints), 3)
    row("SimPy 4.1, tandem 4 -> 8, cards/s", f"{theirs / 1e3:.0f} k")
    ciws = cards / best_s(lambda: ciw_tandem(float(ready[-1])), 1)
    row("Ciw 3.2, the same (its own draws), cards/s", f"{ciws / 1e3:.0f} k = {ciws / theirs:.2f} x SimPy")
    return theirs


def simpy_tandem(ready: Any, answers: Any, prints: Any) -> None:
    """Let SimPy play both stages."""
    room = simpy.Environment()
    lines, seats = simpy.Resource(room, 4), simpy.Resource(room, 8)

    def card(answer: int, takes: int) -> Any:
        with lines.request() as line:
            yield line
            yield room.timeout(answer)
        with seats.request() as seat:
            yield seat
            yield room.timeout(takes)

    def feed() -> Any:
        for at, answer, takes in zip(ready.tolist(), answers.tolist(), prints.tolist(), strict=True):
            yield room.timeout(at - room.now)
            room.process(card(answer, takes))

    room.process(feed())
    room.run()


def ciw_tandem(until: float) -> None:
    """Let Ciw play both stages."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(0.036 / 1000), None],
        service_distributions=[ciw.dists.Exponential(1 / 100_000), ciw.dists.Exponential(1 / 100_000)],
        number_of_servers=[4, 8],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )
    ciw.Simulation(network).simulate_until_max_time(until)


def whole() -> None:
    """Measure the search of the whole problem, and the corners of the design: 1,000 worlds, 2,822 cards, 142 a day."""
    problem = pooled(waiting=2822, cards_a_day=142, seats=1, max_seats=16, max_hours=8.0)
    one = best_s(lambda: Search(problem, draw_worlds(problem)).cheapest(problem.confidence), 3)
    row("the cheapest roster by date: draws and search, one core", f"{one:.2f} s")
    row("the same with P50/P90, late, limits, prices, confirmed", f"{best_s(lambda: make_plan(problem), 3):.2f} s")
    search = Search(problem, draw_worlds(problem))
    found = search.cheapest(problem.confidence)
    assert found is not None
    row("rosters evaluated", f"{search.evaluated:,}")
    enough = [uniform for uniform in uniform_rosters(problem) if search.chance(uniform).share >= 0.95]
    cheapest, rupiah = min(cost_of(problem, uniform).rupiah for uniform in enough), cost_of(problem, found).rupiah
    row("its price, and the cheapest of 272 equal evenings", f"{rupiah:,}", f"<= {cheapest:,}", good=rupiah <= cheapest)
    for seats, hours in CORNERS:
        chance = search.chance(uniform_roster(problem, seats, hours))
        low, high = chance.interval()
        told = f"{chance.share:.3f} [{low:.3f}, {high:.3f}]"
        row(f"the design's corner {seats} seats x {hours:g} h clears", told, "95 % reached", good=high >= 0.95)


def questions(count: int) -> None:
    """Compare the search with brute force over every roster of small random problems."""
    begun, excess = process_time(), []
    for seed in range(count):
        problem = random_problem(np.random.default_rng(seed))
        search, cheapest = Search(problem, draw_worlds(problem)), cheapest_rupiah(problem)
        found = search.cheapest(problem.confidence)
        assert (found is None) == (cheapest is None)
        if found is not None and cheapest is not None:
            excess.append((search.choices.price(found) - cheapest) / max(1.0, cheapest))
    what = f"{count} small questions, {len(excess)} with an answer: excess over brute force"
    worst, mean = max(excess), sum(excess) / len(excess)
    row(what, f"worst {worst:.2%}, mean {mean:.4%}", "<= 2%", good=worst <= 0.02)
    row("seconds spent on them", f"{process_time() - begun:.0f} s")


def uniform_rosters(problem: Problem) -> list[Roster]:
    """List every roster of equal seats and hours on both days."""
    return [uniform_roster(problem, seats, half / 2) for seats in range(1, 17) for half in range(17)]


def regular() -> None:
    """Follow three regular seats until nobody waits for the first time, in days of so many open hours."""
    for hours, asked in ((0.0, "17.7 / 18.6 days"), (4.0, "9.5 / 10.3 days")):
        problem = replace(pooled(waiting=2822, cards_a_day=142, seats=3, max_seats=3, days_left=40), worlds=200)
        worlds, roster = draw_worlds(problem), staffings(problem, uniform_roster(problem, 3, hours))[0]
        clear = []
        for number in range(worlds.blocks()):
            queue = worlds.block(number).queues[0]
            made = replay_queue(queue, roster, keep=True)
            clear += [open_ms(roster.seats, first_empty_ms(queue, made, world)) for world in range(len(queue))]
        days = np.quantile(clear, [0.5, 0.9]) / HOUR_MS / (7.5 + hours)
        row(f"three seats, {hours:g} h roster: clear, P50 / P90", f"{days[0]:.1f} / {days[1]:.1f} days", asked)


def open_ms(seats: Steps, until_ms: int) -> int:
    """Tell how long any seat was open until a moment."""
    ends = np.minimum(np.append(seats.at_ms[1:], NEVER_MS), until_ms)
    return int(np.maximum(0, ends - seats.at_ms)[seats.values > 0].sum())


def first_empty_ms(queue: Queue, made: ReplayResult, world: int) -> int:
    """Tell when for the first time a print is begun and no card waits behind it."""
    ready, prints = ready_of(queue, world), queue.prints.row(world)
    starts = made.starts_ms[prints][: int(made.begun[world])]
    spoiled = np.cumsum(spoiled_of(queue, world)[: len(starts)])
    assign_prints = np.arange(1, len(starts) + 1) - spoiled
    there = np.searchsorted(ready, starts, side="right")
    empty = np.flatnonzero(assign_prints >= there)
    return int(starts[empty[0]]) if len(empty) else NEVER_MS


def whole_plan() -> None:
    """Measure what a user asks: Solo's six stations, with the centre, the late cards, limits and prices."""
    solo = load("solo-2016")
    deadline = moment_ms(solo.starts) + 2 * DAY_MS - 9 * HOUR_MS - HOUR_MS // 2
    problem = problem_from_scenario(solo, Terms(deadline_ms=deadline, max_hours=6.5))
    row("`lembur plan` on solo-2016, all of it, warm, one core", f"{best_s(lambda: make_plan(problem), 5):.2f} s")
    with ThreadPoolExecutor(2) as threads:
        spent = best_s(lambda: make_plan(problem, threads=threads), 5, perf_counter)
        row("the same with two threads, by the clock", f"{spent:.2f} s")


def cold() -> None:
    """Measure new processes: with kernels on disk, and without."""
    program = (
        "from reference.pooled import pooled; from planner.decision.search import Search\n"
        "from planner.problem import draw_worlds\n"
        "q = pooled(waiting=2822, cards_a_day=142, seats=1); Search(q, draw_worlds(q)).cheapest(0.95)"
    )
    with tempfile.TemporaryDirectory() as folder:
        # Python keeps its bytecode as it does on any machine where it is not told otherwise.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment |= {"PYTHONPATH": f"{Path.cwd()}:{Path.cwd() / 'tests'}"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def process(*command: str) -> tuple[float, float]:
            """Tell how long a command takes by the clock, and of the processor."""
            before, begun = os.times(), perf_counter()
            subprocess.run(command, env=environment, check=True, cwd=folder, stdout=subprocess.DEVNULL)
            spent, after = perf_counter() - begun, os.times()
            return spent, after[2] + after[3] - before[2] - before[3]

        def told(what: str, most: float, *command: str, times: int = 5) -> None:
            clock, processor = min(process(*command) for _ in range(times))
            row(what, f"{clock:.2f} s ({processor:.2f} s of processor)", f"<= {most:g} s", good=clock <= most)

        python = (sys.executable, "-c")
        kernels = "from planner.simulation import load_kernels; load_kernels()"
        first = process(*python, kernels)[1]
        again = min(process(*python, kernels)[1] for _ in range(3))
        row("first compilation ever, of processor", f"{first - again:.1f} s", "<= 8 s", good=first - again <= 8)
        told("draws and search, a cold process, kernels on disk", 1.5, *python, program)
        told("`lembur plan` on solo-2016, all of it, a cold process", 1.5, LEMBUR, *ASKED)
        told("`lembur --help`", 0.3, LEMBUR, "--help")


def cases(count: int) -> None:
    """Compare the kernel with the slow rule in small random cases."""
    begun, different = process_time(), 0
    for seed in range(count):
        different += differs(random.Random(seed))  # noqa: S311  (no secret)
    row(f"{count:,} random cases against the slow rule, differences", str(different), "0", good=different == 0)
    row("seconds spent on them", f"{process_time() - begun:.0f} s")


def differs(draws: random.Random) -> bool:
    """Play one case both ways."""
    most, many = draws.choice([1, 2, 3, 5, 18]), draws.randint(0, 14)
    ready = sorted(draws.randint(0, draws.choice([5, 60, 200])) for _ in range(many))
    changes = sorted((draws.randint(1, 150), draws.randint(0, most)) for _ in range(draws.randint(0, 6)))
    steps = [(0, draws.randint(0, most)), *changes]
    spoiled = [draws.random() < 0.2 for _ in range(many)]
    work = [draws.randint(0, 20) for _ in range(4 * many + 8)]
    faults = []
    for printer in range(min(4, most)):
        moments = sorted(draws.sample(range(90), 2 * draws.randint(0, 2)))
        faults += [(at, printer if turn % 2 == 0 else ~printer) for turn, at in enumerate(moments)]
    stock = [(0, draws.randint(0, many + 2)), (draws.randint(0, 90), 10**6)]
    in_hand = [draws.randint(0, 40) for _ in range(draws.randint(0, most))]
    speeds = tuple(draws.choice([0.0, 0.5, 1.0, 2.0]) for _ in range(3))
    rate = STEADY if draws.random() < 0.6 else Rate((0, 20, 50), speeds)
    printers = draws.choice([most, most, draws.randint(0, most)])

    def seats(moment: int) -> int:
        broken = sum((1 if who >= 0 else -1) for at, who in faults if at <= moment and max(who, ~who) < printers)
        return max(0, min(rule.open_seats(steps)(moment), printers - broken))

    slow = rule.played(
        ready_ms=ready,
        end_ms=lambda n, start: rate.end_ms(start, work[n]),
        seats=seats,
        boundaries_ms=[at for at, _ in (*steps, *faults)],
        blank_ms=lambda n: next(at for at, cards in stock if cards > n),
        spoiled=lambda n: n < many and spoiled[n],
        in_hand_ms=in_hand,
    )
    queue = one_world(ready, work, spoiled=spoiled, faults=faults, stock=Steps.of(stock), rate=rate, in_hand_ms=in_hand)
    made = replay_queue(queue, Staffing(Steps.of(steps), printers), keep=True)
    number = int(made.begun[0])
    ours = zip(made.starts_ms[:number].tolist(), made.ends_ms[:number].tolist(), strict=True)
    return [(each.start_ms, each.end_ms) for each in slow] != list(ours)


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=100_000, help="random cases against the slow rule")
    asked.add_argument("--questions", type=int, default=500, help="small questions against brute force")
    given = asked.parse_args()
    kernels(others())
    whole()
    whole_plan()
    cold()
    regular()
    questions(given.questions)
    cases(given.cases)
    TABLE.title = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, python {sys.version.split()[0]}"
    Console(width=180).print(TABLE)


if __name__ == "__main__":
    main()
