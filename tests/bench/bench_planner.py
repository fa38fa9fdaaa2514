"""Measure the planner side by side with what others use: run `python tests/bench/bench_planner.py [--cases N]`."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import ciw
import numpy as np
import simpy

from lembur.domain.calendar import DAY_MS
from lembur.domain.rates import NEVER_MS, STEADY, Rate
from planner import rule, station
from planner.pooled import pooled
from planner.roster import Overtime, rosters
from planner.search import Search, edge, grid
from planner.station import Calendar, Roster, one_world, replay
from planner.worlds import drawn

if TYPE_CHECKING:
    from collections.abc import Callable

CITY = 416_000
REPEATS = 9
CORNERS = ((16, 0.5), (13, 2.0), (11, 4.0), (10, 5.0), (9, 6.5))
HOUR_MS = 3_600_000


def row(what: str, found: str, asked: str = "", *, good: bool | None = None) -> None:
    """Print a line of the table."""
    mark = "" if good is None else "ok" if good else "SHORT"
    print(f"| {what:<62} | {found:>26} | {asked:>20} | {mark:<5} |", flush=True)


def best_s(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Tell the shortest of several times: what is longer was disturbed."""
    times = []
    for _ in range(repeats):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return min(times)


def city(seats: int, *, load: float, spread: str = "exponential") -> tuple[Any, Any]:
    """Draw a city's cards for so many seats, service mean 100 s."""
    draws = np.random.Generator(np.random.Philox(1))
    ready = np.cumsum(draws.exponential(100_000 / (load * seats), CITY)).astype(np.int64)
    work = draws.exponential(100_000, CITY) if spread == "exponential" else draws.lognormal(np.log(86_000), 0.54, CITY)
    return ready, np.maximum(1, work).astype(np.int32)


def shifts(seats: int, until_ms: int) -> Roster:
    """Open in changing numbers, four hours at a time, closed every fifth."""
    draws = np.random.Generator(np.random.Philox(2))
    moments = range(0, until_ms, 4 * HOUR_MS)
    numbers = draws.integers(seats // 2, seats + 1, len(moments)) * (np.arange(len(moments)) % 5 > 0)
    return Roster(Calendar.of([*zip(moments, numbers.tolist(), strict=True), (until_ms, seats)]), seats)


def always(seats: int) -> Roster:
    """Open always."""
    return Roster(Calendar.of([(0, seats)]), seats)


def kernels() -> float:
    """Measure the kernel by itself; tells the tandem's cards a second."""
    ready, work = city(8, load=0.9)
    plain, world = always(8), one_world(ready, work)
    row("M/M/8, cards/s", f"{CITY / best_s(lambda: replay(world, plain)) / 1e6:.0f} M")
    for seats in (8, 16):
        ready, work = city(seats, load=0.6, spread="lognormal")
        world, roster = one_world(ready, work), shifts(seats, int(ready[-1]))
        speed = CITY / best_s(lambda world=world, roster=roster: replay(world, roster)) / 1e6  # type: ignore[misc]
        row(f"shift calendar, {seats} seats, cards/s", f"{speed:.0f} M", ">= 150 M", good=speed >= 150)
    question = pooled(waiting=2822, cards_a_day=142, seats=1)
    worlds = drawn(question)
    queues = [worlds.block(number).queues[0] for number in range(worlds.blocks())]
    roster = rosters(question, Overtime(12, 3.0))[0]
    prints = sum(int(replay(queue, roster).begun.sum()) for queue in queues)
    spent = best_s(lambda: [replay(queue, roster) for queue in queues])
    row("roster x breakdowns x spoilage, 1,000 worlds, prints/s", f"{prints / spent / 1e6:.0f} M")
    return tandem()


def tandem() -> float:
    """Measure both stages: the centre with four lines, then eight seats."""
    ready, answers = city(4, load=0.9)
    _, prints = city(8, load=0.9)
    prints = np.minimum(prints, 2**31 - 1)
    centre = one_world(ready, answers)

    # Memory is taken once, as for world after world; new pages would cost as much as the work.
    kept, order, moments = (np.empty((2, CITY), dtype=np.int64), *np.empty((2, CITY), dtype=np.int64))

    def both() -> station.Replayed:
        made = replay(centre, always(4), keep=True, into=(kept[0], kept[1]))
        station.departing(made.ends_ms, seats=4, into=order)
        np.take(made.ends_ms, order, out=moments, mode="clip")
        # The printers' queue is laid out by hand: what comes from the centre is in order of time already.
        return replay(replace(centre, came_ms=moments, work_ms=prints), always(8))

    assert both().printed[0] == CITY
    speed = CITY / best_s(both)
    row("tandem 4 -> 8, 416,000 cards, both stages, cards/s", f"{speed / 1e6:.0f} M", ">= 75 M", good=speed >= 75e6)
    return speed


def others(ours: float) -> None:
    """Measure SimPy and Ciw on the same tandem, with fewer cards."""
    cards = 20_000
    ready, answers = (part[:cards] for part in city(4, load=0.9))
    prints = city(8, load=0.9)[1][:cards]
    theirs = cards / best_s(lambda: simpy_tandem(ready, answers, prints), 3)
    row("SimPy 4.1, the same tandem, cards/s", f"{theirs / 1e3:.0f} k")
    row("ratio to SimPy", f"{ours / theirs:,.0f} x", ">= 1,000 x", good=ours >= 1000 * theirs)
    theirs = cards / best_s(lambda: ciw_tandem(float(ready[-1])), 1)
    row("Ciw 3.2, the same tandem (its own draws), cards/s", f"{theirs / 1e3:.0f} k")
    row("ratio to Ciw", f"{ours / theirs:,.0f} x")


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
    """Measure the whole question: 272 rosters, 1,000 worlds, 2,822 cards and 142 a day."""
    question = pooled(waiting=2822, cards_a_day=142, seats=1, max_seats=16, max_hours=8.0)
    assert len(grid(question)) == 272
    one = best_s(lambda: Search(question, drawn(question)).staircase())
    with ThreadPoolExecutor(2) as threads:
        two = best_s(lambda: Search(question, drawn(question), threads).staircase())
    worlds = drawn(question)
    looks = Search(question, worlds).staircase()
    row("the whole question, warm, one core, worlds drawn anew", f"{one:.3f} s", "<= 0.15 s", good=one <= 0.15)
    row("the same with two threads", f"{two:.3f} s", "<= 0.15 s", good=two <= 0.15)
    row("of this the replays, one core", f"{best_s(lambda: Search(question, worlds).staircase()):.3f} s")
    row("rosters and worlds looked at", f"{len(looks)}, {sum(look.chance.worlds for look in looks):,}")
    everything = Search(question, worlds)
    begun = perf_counter()
    found = [everything.look(overtime) for overtime in grid(question)]
    row("all 272 rosters, looks stopping early, one core", f"{perf_counter() - begun:.2f} s")
    same = edge(looks) == edge(found)
    row("the staircase is the whole grid's edge", str(same), "True", good=same)
    begun = perf_counter()
    chances = {overtime: Search(question, worlds).chance(overtime) for overtime in grid(question)}
    row("brute force, all 272 x 1,000, one core", f"{perf_counter() - begun:.2f} s")
    wrong = [look.overtime for look in found if look.suffices != (chances[look.overtime].share >= 0.95)]
    row("looks that stopped early and differ from all 1,000 worlds", str(len(wrong)), "0", good=not wrong)
    for seats, hours in CORNERS:
        chance = chances[Overtime(seats, hours)]
        low, high = chance.interval()
        told = f"{chance.share:.3f} [{low:.3f}, {high:.3f}]"
        row(f"planner.md's corner {seats} seats x {hours:g} h clears", told, "95 % reached", good=high >= 0.95)
    row("our corners", " ".join(f"{look.overtime.seats}x{look.overtime.hours:g}" for look in edge(looks)))


def regular() -> None:
    """Follow three regular seats until nobody waits for the first time."""
    for hours, asked in ((0.0, "17.7 / 18.6 days"), (4.0, "9.5 / 10.3 days")):
        question = replace(pooled(waiting=2822, cards_a_day=142, seats=3, max_seats=3, days_left=40), worlds=200)
        clear = []
        worlds, roster = drawn(question), rosters(question, Overtime(3, hours))[0]
        for number in range(worlds.blocks()):
            queue = worlds.block(number).queues[0]
            made = replay(queue, roster, keep=True)
            clear += [first_empty_ms(queue, made, world) - question.now_ms for world in range(len(queue))]
        weeks = np.quantile(clear, [0.5, 0.9]) / DAY_MS
        working = [days - 2 * int(days / 7) for days in weeks]
        row(f"three seats, {hours:g} h overtime: clear, P50 / P90", f"{working[0]:.1f} / {working[1]:.1f} days", asked)


def first_empty_ms(queue: station.Queue, made: station.Replayed, world: int) -> int:
    """Tell when for the first time a print is begun and no card waits behind it."""
    ready, prints = queue.ready_ms(world), queue.prints.row(world)
    starts = made.starts_ms[prints][: int(made.begun[world])]
    spoiled = np.cumsum(queue.is_spoiled(world)[: len(starts)])
    served = np.arange(1, len(starts) + 1) - spoiled
    there = np.searchsorted(ready, starts, side="right")
    empty = np.flatnonzero(served >= there)
    return int(starts[empty[0]]) if len(empty) else NEVER_MS


def cold() -> None:
    """Measure new processes: with kernels on disk, and without."""
    program = (
        "from planner.pooled import pooled; from planner.search import Search; from planner.worlds import drawn\n"
        "q = pooled(waiting=2822, cards_a_day=142, seats=1); Search(q, drawn(q)).staircase()"
    )
    with tempfile.TemporaryDirectory() as folder:
        # Python keeps its bytecode as it does on any machine where it is not told otherwise.
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder, "PYTHONPATH": ".", "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def process(text: str) -> float:
            begun = perf_counter()
            subprocess.run([sys.executable, "-c", text], env=environment, check=True)
            return perf_counter() - begun

        first = process("import planner.kernel")
        again = min(process("import planner.kernel") for _ in range(3))
        answered = min(process(program) for _ in range(5))
    compiling = first - again
    row("first compilation ever (a new process, less its start)", f"{compiling:.1f} s", "<= 8 s", good=compiling <= 8)
    row("the whole question, cold process, kernels on disk", f"{answered:.2f} s", "<= 1.5 s", good=answered <= 1.5)


def cases(count: int) -> None:
    """Compare the kernel with the slow rule in small random cases."""
    begun, different = perf_counter(), 0
    for seed in range(count):
        different += differs(random.Random(seed))  # noqa: S311  (no secret)
    row(f"{count:,} random cases against the slow rule, differences", str(different), "0", good=different == 0)
    row("seconds spent on them", f"{perf_counter() - begun:.0f} s")


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
    queue = one_world(
        ready, work, spoiled=spoiled, faults=faults, stock=Calendar.of(stock), rate=rate, in_hand_ms=in_hand
    )
    made = replay(queue, Roster(Calendar.of(steps), printers), keep=True)
    number = int(made.begun[0])
    ours = zip(made.starts_ms[:number].tolist(), made.ends_ms[:number].tolist(), strict=True)
    return [(each.start_ms, each.end_ms) for each in slow] != list(ours)


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=100_000, help="random cases against the slow rule")
    given = asked.parse_args()
    print(f"\nPlanner, {os.cpu_count()} cores, best of {REPEATS}; python {sys.version.split()[0]}\n")
    row("what", "found", "asked for")
    print(f"|{'-' * 64}|{'-' * 28}|{'-' * 22}|{'-' * 7}|")
    others(kernels())
    whole()
    regular()
    cold()
    cases(given.cases)


if __name__ == "__main__":
    main()
