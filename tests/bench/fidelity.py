"""The highest speed at which real workers print as many cards an hour as the rule does, at 12, 100 and 1,000 seats.

Run by `make bench-fidelity`. Two limits are searched, by doubling the speed and then by halving the distance. Up to one
the differences of all hours are within 2 % of the prints. Up to the other the run is not behind: half of its lots end
less than 2 % of an hour late. Solo is played once, at 20,000.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
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
from lembur.office import OfficeSetup
from reference.twin import twin
from support.servers import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.scenario import Scenario

FLOOD = str(Path(__file__).with_name("flood.toml"))
ALLOWED = 0.02
PRINTERS = {12: 3, 100: 10, 1_000: 25}
"""Printers of a station, by the seats of the office."""
AN_HOUR = 30
"""Prints of a seat in an hour, roughly."""
WINDOW_S, MOST_CARDS = 6, 30_000
FIRST, HIGHEST, HALVINGS = 60_000, 100_000, 2
"""The seats times the first speed tried, the bound of all speeds, and the steps of the search after a speed failed."""


@dataclass(frozen=True, slots=True)
class Played:
    """One run beside the rule: its good prints, those of the rule, the share that differs by hour, and the lag."""

    prints: int
    by_rule: int
    share: float
    behind_ms: float
    load: float

    @property
    def fits(self) -> bool:
        """True if the hours have the prints of the rule."""
        return self.share <= ALLOWED

    @property
    def keeps_up(self) -> bool:
        """True if the run was not behind its clock."""
        return self.behind_ms <= BEHIND_MS


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
    jobs = [json.loads(row) for log in folder.glob("printers/*.jsonl") for row in log.read_text().splitlines()]
    ends = (end for job in jobs for end, why in zip(job["ends"], job["reasons"], strict=True) if not why)
    return Counter(end // HOUR_MS for end in ends)


def play(scenario: Scenario, speed: float) -> Played:
    """Play a scenario with real workers on a server of its own, every change on the disk first."""
    rule = prints_by_rule(scenario)
    coming = world.arrivals_between(scenario, scenario.seed, after_ms=0, before_ms=NEVER_MS)
    setup = OfficeSetup(scenario, scenario.seed, lot_cards(speed, scenario.backlog.cards + len(coming)), speed)
    with tempfile.TemporaryDirectory() as folder, running(valkey_binary(), Path(folder), appendonly="yes") as url:
        data = Path(folder) / "data"
        with (
            start_office(data=data, redis_url=url, play=setup, fresh=True, unsafe=True) as office_at_work,
            run_clock(office_at_work, jumps=True) as over,
        ):
            watch(office_at_work, over, lambda _: None)
            lag_ms = queries.lag_ms(office_at_work.ledger)["p50"]
        made = read_prints(data)
    differences = sum(abs(rule[hour] - made[hour]) for hour in rule | made)
    behind_ms = speed * min(lag_ms, LONGEST_LAG_MS)
    return Played(made.total(), rule.total(), differences / rule.total(), behind_ms, os.getloadavg()[0])


def search(is_kept: Callable[[int], bool], first: int) -> int:
    """Return the highest speed that is kept: double the first one until one is not, then halve the distance."""
    low, high = 0, first
    while high < HIGHEST and is_kept(high):
        low, high = high, 2 * high
    if high >= HIGHEST:
        return low
    for _ in range(HALVINGS):
        middle = (low + high) // 2
        low, high = (middle, high) if is_kept(middle) else (low, middle)
    return low


def add_row(table: Table, name: str, speed: int, found: Played) -> None:
    """Add a run to the table."""
    kept = "yes" if found.keeps_up else f"no, {found.behind_ms / 60_000:.0f} min"
    table.add_row(
        name,
        f"{speed:,}",
        f"{found.prints:,}",
        f"{found.by_rule:,}",
        f"{found.share:.1%}",
        "yes" if found.fits else "no",
        kept,
        f"{found.load:.0f}",
    )


def main() -> None:
    """Search the limits of each office, and print every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seats", type=int, nargs="*", choices=PRINTERS, default=list(PRINTERS))
    given = parser.parse_args()
    columns = ("seats", "speed", "prints", "by the rule", "hours differ by", "within 2 %", "keeps up", "load")
    table = Table(*columns, box=box.MARKDOWN)
    limits = [search_limits(seats, table) for seats in given.seats]
    add_row(table, "Solo", 20_000, play(load("solo-2016"), 20_000))
    screen = Console(width=120)
    screen.print(table)
    for line in limits:
        screen.print(line)


def search_limits(seats: int, table: Table) -> str:
    """Search both limits of an office; return them in words."""

    @cache
    def played(speed: int) -> Played:
        found = play(office(seats, cards_for(seats, speed)), speed)
        add_row(table, f"{seats:,}", speed, found)
        sys.stderr.write(f"{seats} seats, speed {speed}: {found}\n")
        return found

    first = FIRST // seats
    fits = search(lambda speed: played(speed).fits, first)
    keeps_up = search(lambda speed: played(speed).keeps_up, first)
    return f"{seats:,} seats: the hours fit up to speed {fits:,}; the run keeps up to {keeps_up:,}"


if __name__ == "__main__":
    main()
