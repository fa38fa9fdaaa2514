"""The highest speed at which real workers print as many cards an hour as the rule does, at 12, 100 and 1,000 seats.

Run by `make bench-fidelity`. It searches the highest speed at which the differences of all hours are within 2 % of the
prints, and at which the run is not behind: half of its lots end less than 2 % of an hour late. A run that is far
behind stops after some seconds. One run of each office, at twice the lowest speed that failed, goes on to its end: it
shows how the hours of a run that is behind differ. Solo is played once, at 20,000. Ctrl-C prints what was found so far.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from console.report.model import BEHIND_MS, LONGEST_LAG_MS
from console.runtime.embedded_server import valkey_binary
from console.runtime.office import lot_cards, run_clock, start_office, watch
from lembur.domain import world
from lembur.domain.card import Status
from lembur.domain.scenario import Backlog, load
from lembur.domain.seats import CENTRE
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import queries
from lembur.ledger.audit import read_job
from lembur.office import OfficeSetup
from reference.twin import twin
from support.processes import processor_s
from support.servers import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.scenario import Scenario
    from lembur.ledger import Ledger

FLOOD = str(Path(__file__).with_name("flood.toml"))
ALLOWED = 0.02
PRINTERS = {12: 3, 100: 10, 1_000: 25}
"""Printers of a station, by the seats of the office."""
AN_HOUR = 30
"""Prints of a seat in an hour, roughly."""
WINDOW_S, MOST_CARDS = 5, 30_000
PATIENCE_S, HOPELESS = 3.0, 5
"""After this real time a run is stopped that is behind by this multiple of what is allowed. A late start is made up."""
FIRST = {12: 4_000, 100: 500, 1_000: 60}
"""The first speed tried, by the seats of the office."""
LOWEST = 30
"""No lower speed is tried, because its hour would take minutes."""
PRECISION = 1.25
"""The search ends when the lowest speed that failed is not further from the highest one that was kept."""


@dataclass(frozen=True, slots=True)
class Work:
    """Counted work of all processes of a run since their start: scripts, wake-ups, and processor time."""

    scripts: int
    wakeups: int
    processor_s: float

    @classmethod
    def of(cls, ledger: Ledger) -> Work:
        """Read it: this process has the server and the workers as its children."""
        calls = {
            name.removeprefix("cmdstat_"): row["calls"] for name, row in ledger.server.info("commandstats").items()
        }
        scripts = calls.get("fcall", 0) + calls.get("fcall_ro", 0)
        return cls(scripts, calls.get("lpush", 0), processor_s([os.getpid()]))

    def since(self, before: Work) -> Work:
        """Return what was added."""
        return Work(self.scripts - before.scripts, self.wakeups - before.wakeups, self.processor_s - before.processor_s)


@dataclass(frozen=True, slots=True)
class Played:
    """One run beside the rule: its good prints, those of the rule, the share that differs by hour, lag, and work."""

    office: str
    speed: int
    prints: int
    by_rule: int
    share: float | None
    """None where the run was stopped before its end."""
    behind_ms: float
    work: Work
    took_s: float
    load: float

    @property
    def is_kept(self) -> bool:
        """True if the run was not behind its clock, and its hours have the prints of the rule."""
        return self.share is not None and self.share <= ALLOWED and self.behind_ms <= BEHIND_MS

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        kept = "yes" if self.behind_ms <= BEHIND_MS else f"no, {self.behind_ms / 60_000:.0f} min"
        share = "stopped" if self.share is None else f"{self.share:.1%}"
        counts = (f"{number:,}" for number in (self.speed, self.prints, self.by_rule))
        each = max(1, self.prints)
        work = (f"{self.work.scripts / each:.1f}", f"{self.work.wakeups / each:.2f}")
        processor = f"{1000 * self.work.processor_s / each:.1f} ms"
        return (self.office, *counts, share, kept, *work, processor, f"{self.took_s:.0f} s", f"{self.load:.0f}")


COLUMNS = (
    *("seats", "speed", "prints", "by the rule", "hours differ by", "keeps up"),
    *("scripts a print", "wake-ups a print", "processor a print", "took", "load"),
)


def cards_for(seats: int, speed: float) -> int:
    """Return a backlog that lasts for an hour, and at high speeds for some seconds of real time."""
    return min(MOST_CARDS, round(seats * AN_HOUR * max(1.0, WINDOW_S * speed / 3_600)))


@cache  # One object each, because the world's own caches compare scenarios.
def office(seats: int, cards: int) -> Scenario:
    """Return an office of print stations with a backlog."""
    flood = load(FLOOD)
    each = PRINTERS[seats]
    stations = tuple(
        flood.stations[0].model_copy(
            update={"code": f"hall-{n}", "printers": each, "seats": each, "blanks": MOST_CARDS, "ribbons": MOST_CARDS}
        )
        for n in range(seats // each)
    )
    backlog = Backlog(
        cards=cards,
        status=Status.PRINT_READY_RECORD,
        recorded_over_days=flood.backlog.recorded_over_days,
    )
    printing = flood.printing.model_copy(update={"median_s": 90, "p90_s": 180})
    return flood.model_copy(update={"stations": stations, "backlog": backlog, "printing": printing})


def prints_by_rule(scenario: Scenario) -> Counter[int]:
    """Count the good prints of each hour by the rule."""
    stations = {code: prints for code, prints in twin(scenario, scenario.seed).items() if code != CENTRE}
    ends = (end for prints in stations.values() for end in prints.end_ms[~prints.spoiled].tolist())
    return Counter(end // HOUR_MS for end in ends)


def read_prints(folder: Path) -> Counter[int]:
    """Count the good prints of each hour by the printers' own logs."""
    rows = (row for log in folder.glob("printers/*.jsonl") for row in log.read_bytes().splitlines())
    jobs = filter(None, map(read_job, rows))
    ends = (end for job in jobs for end, why in zip(job.ends, job.reasons, strict=True) if not why)
    return Counter(end // HOUR_MS for end in ends)


def play(name: str, scenario: Scenario, speed: int, *, to_the_end: bool) -> Played:
    """Play a scenario with real workers on a server of its own, every change on the disk first."""
    began_s = time.monotonic()
    rule = prints_by_rule(scenario)
    coming = world.arrivals_between(scenario, scenario.seed, after_ms=0, before_ms=NEVER_MS)
    setup = OfficeSetup(scenario, scenario.seed, lot_cards(speed, scenario.backlog.cards + len(coming)), speed)
    with tempfile.TemporaryDirectory() as folder, running(valkey_binary(), Path(folder), appendonly="yes") as url:
        data = Path(folder) / "data"
        with (
            start_office(data=data, redis_url=url, play=setup, fresh=True, unsafe=True) as office_at_work,
            run_clock(office_at_work, jumps=True) as over,
        ):
            before, stop_s, stopped = Work.of(office_at_work.ledger), time.monotonic() + PATIENCE_S, Event()

            def stop_late_run(*_: object) -> None:
                if to_the_end or time.monotonic() < stop_s:
                    return
                if behind_ms(office_at_work.ledger, speed) > HOPELESS * BEHIND_MS:
                    stopped.set()
                    over.set()

            watch(office_at_work, over, stop_late_run)
            behind = behind_ms(office_at_work.ledger, speed)
            work = Work.of(office_at_work.ledger).since(before)
        made = read_prints(data)
    differences = sum(abs(rule[hour] - made[hour]) for hour in rule | made)
    share = None if stopped.is_set() else differences / rule.total()
    took_s = time.monotonic() - began_s
    return Played(name, speed, made.total(), rule.total(), share, behind, work, took_s, os.getloadavg()[0])


def behind_ms(ledger: Ledger, speed: float) -> float:
    """Return the office time by which half of the lots ended late."""
    return speed * min(queries.lag_ms(ledger)["p50"], LONGEST_LAG_MS)


def search(is_kept: Callable[[int], bool], first: int) -> tuple[int, int]:
    """Return the highest speed that is kept and the lowest that is not: double or halve the first, then bisect."""
    if is_kept(first):
        low, high = first, 2 * first
        while is_kept(high):
            low, high = high, 2 * high
    else:
        low, high = first // 2, first
        while low >= LOWEST and not is_kept(low):
            low, high = low // 2, low
    while low >= LOWEST and high / low > PRECISION:
        middle = round(math.sqrt(low * high))
        low, high = (middle, high) if is_kept(middle) else (low, middle)
    return low, high


def search_office(seats: int, note: Callable[[Played], None]) -> str:
    """Search the highest speed of an office; return it in words."""

    def play_at(speed: int, *, to_the_end: bool = False) -> Played:
        sys.stderr.write(f"{seats:,} seats, speed {speed:,}: {cards_for(seats, speed):,} cards ... ")
        sys.stderr.flush()
        found = play(f"{seats:,}", office(seats, cards_for(seats, speed)), speed, to_the_end=to_the_end)
        note(found)
        return found

    low, high = search(lambda speed: play_at(speed).is_kept, FIRST[seats])
    late = play_at(2 * high, to_the_end=True)
    limit = f"up to speed {low:,}" if low >= LOWEST else f"at no speed from {high:,} on"
    return (
        f"{seats:,} seats: within 2 % and not behind {limit}; "
        f"at {late.speed:,} it is {late.behind_ms / 60_000:.0f} min behind, and the hours differ by {late.share:.1%}"
    )


def main() -> None:
    """Search the limit of each office, and print every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seats", type=int, nargs="*", choices=PRINTERS, default=list(PRINTERS))
    given = parser.parse_args()
    table, limits = Table(*COLUMNS, box=box.MARKDOWN), list[str]()

    def note(found: Played) -> None:
        table.add_row(*found.row())
        sys.stderr.write(f"{', '.join(found.row()[4:])}\n")

    try:
        for seats in given.seats:
            limits.append(search_office(seats, note))
        note(play("Solo", load("solo-2016"), 20_000, to_the_end=True))
    except KeyboardInterrupt:
        limits.append("interrupted: the rest was not measured")
    screen = Console(width=180)
    screen.print(table)
    for line in limits:
        screen.print(line)


if __name__ == "__main__":
    main()
