"""Cards are printed while everything around them is killed, stopped, dropped and doubled; the printers' own logs judge.

`python tests/chaos/chaos.py --cards 100000 --faults 500` plays a full run and prints its table.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from console import run as running
from lembur import bus
from lembur.domain.capacity import CENTRE
from lembur.domain.card import SHELVES, CardId, Status
from lembur.domain.errors import LemburError
from lembur.domain.scenario import Backlog, load
from lembur.ledger import views
from lembur.ledger.reconcile import reconcile
from lembur.ledger.values import Verdict
from lembur.playing import Playing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from console.run import Played
    from lembur.domain.capacity import StationCode

Said = TypeVar("Said")
HERE = Path(__file__).parent
SCENARIO = str(HERE / "chaos.toml")
LEASE_S = 1.0
KINDS = ("kill a worker", "stop a worker", "kill the server", "drop a message", "double messages")
WEIGHTS = (4, 3, 1, 6, 6)


@dataclass(slots=True)
class Verdicts:
    """What the printers' logs and the ledger say together."""

    cards: int = 0
    printed: int = 0
    shelved: int = 0
    lost: int = 0
    doubled: int = 0
    blanks_unaccounted: int = 0
    unconfirmed: int = 0
    violations: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        """Nothing is lost, doubled or unaccounted for."""
        return not (self.lost or self.doubled or self.blanks_unaccounted or self.violations)


class Chaos:
    """Does harm at random moments, chosen by a seed, and settles by the printers' logs what waits for a person."""

    def __init__(self, played: Played, seed: int, weights: Sequence[int] = WEIGHTS) -> None:
        self.played = played
        self.weights = weights
        self.random = Random(seed)  # noqa: S311 - which fault, not a secret
        self.faults: Counter[str] = Counter()
        self.unconfirmed: set[CardId] = set()
        self.app = bus.make_app(played.settings)

    def harm(self, stopping: Event, *, every_s: float) -> None:
        """One fault after the other until told to stop."""
        while not stopping.wait(self.random.expovariate(1 / every_s)):
            kind = self.random.choices(KINDS, self.weights)[0]
            try:
                done = self._do(kind)
            except (LemburError, RedisError, ProcessLookupError):
                continue
            self.faults[kind] += done

    def _do(self, kind: str) -> bool:
        children = {child.name: child.process for child in self.played.processes.children}
        workers = [process for name, process in children.items() if name.startswith("worker-") and process]
        server = children.get("server")
        if kind == "kill the server" and server:
            server.kill()
        elif kind == "kill a worker" and workers:
            self.random.choice(workers).kill()
        elif kind == "stop a worker" and workers:
            self._stop(self.random.choice(workers).pid)
        elif kind == "drop a message":
            return self._drop()
        elif kind == "double messages":
            bus.send(self.app, {self.random.choice(self.played.playing.places): 5})
        return True

    def _stop(self, pid: int) -> None:
        """Longer than its leases, then on as if nothing had been."""
        os.kill(pid, signal.SIGSTOP)
        time.sleep(self.random.uniform(1.5, 3.0) * LEASE_S)
        os.kill(pid, signal.SIGCONT)

    def _drop(self) -> bool:
        """The first message found in a queue within a moment."""
        ledger = self.played.ledger
        for _ in range(200):
            station = self.random.choice(self.played.playing.places)
            if ledger.server.lpop(f"bus:{self.played.settings.office}:{bus.queue_of(station)}"):
                return True
        return False

    def settle(self) -> int:
        """Look at the printers for every card that waits for it, as a person would; answers how many were settled."""
        good, bad = prints(self.played.settings.data)
        waiting = self.played.ledger.unconfirmed()
        self.unconfirmed.update(card for card, _ in waiting)
        for card, _ in waiting:
            settled = views.card(self.played.ledger, card).history
            spoiled = bad[card] - sum(
                moment.what == Status.PRINT_READY_RECORD and bool(moment.why) for moment in settled
            )
            verdict = Verdict.PRINTED if good[card] else Verdict.SPOILED if spoiled > 0 else Verdict.UNTOUCHED
            self.played.ledger.confirm(card, verdict=verdict, by="chaos")
        return len(waiting)


def prints(data: Path) -> tuple[Counter[CardId], Counter[CardId]]:
    """Good and spoiled prints of each card by the printers' own logs."""
    good: Counter[CardId] = Counter()
    bad: Counter[CardId] = Counter()
    for path in (data / "printers").glob("*.jsonl"):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            for card, reason in zip(row["cards"], row["reasons"], strict=True) if "ends" in row else ():
                (bad if reason else good)[CardId(card)] += 1
    return good, bad


def judge(played: Played, chaos: Chaos, seconds: float) -> Verdicts:
    """Hold the ledger against the printers' logs."""
    ledger, stations = played.ledger, played.playing.stations
    good, bad = prints(played.settings.data)
    stocks = [station.stock for station in views.board(ledger, stations).stations]
    counts = ledger.counts()
    printed = counts.get(Status.CARD_PRINTED, 0)
    shelved = sum(counts.get(status, 0) for status in SHELVES - {Status.PRINT_UNCONFIRMED})
    cards = ledger.serial()
    return Verdicts(
        cards=cards,
        printed=printed,
        shelved=shelved,
        lost=cards - printed - shelved,
        doubled=sum(count > 1 for count in good.values()),
        blanks_unaccounted=sum(abs(stock.difference) for stock in stocks)
        + abs(sum(stock.used for stock in stocks) - good.total())
        + abs(sum(stock.spoiled for stock in stocks) - bad.total()),
        unconfirmed=len(chaos.unconfirmed),
        violations=len(reconcile(ledger, stations)),
        seconds=seconds,
        faults=chaos.faults,
    )


def play(
    cards: int,
    *,
    seed: int = 1,
    every_s: float = 0.5,
    doom: float = 0.001,
    mutation: str = "",
    limit_s: float = 300.0,
    weights: Sequence[int] = WEIGHTS,
) -> Verdicts:
    """Play a run with so many cards under faults; a mutated one that cannot end is judged at the limit."""
    scenario = load(SCENARIO)
    backlog = Backlog(cards=cards, status=scenario.backlog.status, recorded_over_days=9)
    playing = Playing(scenario.model_copy(update={"backlog": backlog}), seed, 1 if cards < 20_000 else 20)
    os.environ |= {"LEMBUR_LEASE_S": str(LEASE_S), "DOOM": str(doom), "MUTATION": mutation}
    running.groups = in_pairs
    running.worker_command = lambda stations, seats: [  # the same workers, doomed
        sys.executable,
        str(HERE / "doomed.py"),
        running.node_of(stations),
        str(seats),
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        running.office(data=Path(folder), redis_url=None, play=playing, speed=scenario.speed, fresh=True) as played,
        running.fed(played, jumps=False) as feed,
    ):
        began, stopping, chaos = time.monotonic(), Event(), Chaos(played, seed, weights)
        thread = Thread(target=chaos.harm, args=(stopping,), kwargs={"every_s": every_s}, daemon=True)
        thread.start()
        watch(played, feed.over, until_s=began + limit_s)
        stopping.set()
        thread.join()
        deadline = began + limit_s
        while insisted(played, chaos.settle) and time.monotonic() < deadline:
            feed.over.clear()
            watch(played, feed.over, until_s=deadline)
        return insisted(played, lambda: judge(played, chaos, time.monotonic() - began))


def in_pairs(stations: tuple[StationCode, ...]) -> Iterator[tuple[StationCode, ...]]:
    """Two workers for every print station, so that one sweeps what the other lost."""
    yield (CENTRE,)
    for place, station in enumerate(stations):
        yield (station, stations[(place + 1) % len(stations)])


def watch(played: Played, over: Event, *, until_s: float) -> None:
    """Tend the processes until the run is over, or the time is."""
    while not over.wait(0.2) and time.monotonic() < until_s:
        played.processes.tend()


def insisted(played: Played, say: Callable[[], Said]) -> Said:
    """Ask again while the server is being restarted."""
    while True:
        try:
            return say()
        except LemburError:
            played.processes.tend()
            time.sleep(0.2)


def tell(title: str, found: Verdicts) -> None:
    """Print one table."""
    table = Table("", "", title=title, box=None)
    for name in ("cards", "printed", "shelved", "lost", "doubled", "blanks_unaccounted", "unconfirmed", "violations"):
        table.add_row(name.replace("_", " "), f"{getattr(found, name):,}")
    table.add_row("seconds", f"{found.seconds:.0f}")
    for kind, count in found.faults.items():
        table.add_row(f"fault: {kind}", f"{count:,}")
    table.add_row("faults", f"{found.faults.total():,}")
    Console().print(table)


def main() -> None:
    """Play one run and exit 1 when it is not sound."""
    options = argparse.ArgumentParser()
    options.add_argument("--cards", type=int, default=3_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--every", type=float, default=0.5, help="mean seconds between faults")
    options.add_argument("--doom", type=float, default=0.001, help="odds of dying at each named point")
    options.add_argument("--mutation", default="")
    options.add_argument("--limit", type=float, default=600.0, help="seconds")
    given = options.parse_args()
    found = play(
        given.cards, seed=given.seed, every_s=given.every, doom=given.doom, mutation=given.mutation, limit_s=given.limit
    )
    tell(f"chaos, seed {given.seed}{', without ' + given.mutation if given.mutation else ''}", found)
    sys.exit(0 if found.sound else 1)


if __name__ == "__main__":
    main()
