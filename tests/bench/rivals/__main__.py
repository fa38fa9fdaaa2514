"""Compares this system with other queues: cards/s through two stages, and cards for each second of processor time.

Run by `make bench-rivals`. Each system gets the same server in memory, a live producer and two cores, in turns, so that
all meet the same machine. Processor time is that of workers, server and producer. The other queues keep no ledger, but
for the last; their work is to pass a card's number through two stages.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from redis import Redis
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import floor
from console.runtime.embedded_server import valkey_binary
from support.processes import processor_s, stop_group
from support.servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redis.client import Redis as Server

HERE = Path(__file__).parent
BIN = HERE / ".venv/bin"
PYTHON = BIN / "python"
WARM_UP_S = 4.0
DONE = "bench:done"
FEW, MANY = 1_000, 20_000
"""Bounds on the cards that wait; no system recommends one. With few, both stages of each are at work at every moment.
Lots of 200 need many."""
START_S = 60.0
FLOOR_CARDS = 40_000


@dataclass(frozen=True, slots=True)
class Contender:
    """One system: its module for the producer, and the commands of its workers."""

    name: str
    module: str
    workers: tuple[tuple[str, ...], ...]
    environment: tuple[tuple[str, str], ...] = ()
    waiting: int = FEW
    """Cards that wait at most: the producer stops there."""


def _celery(module: str, *pool: str, processes: int = 1) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (str(BIN / "celery"), "-A", f"{module}:app", "worker", "-n", f"w{n}@%h", "--loglevel", "ERROR", *pool)
        for n in range(processes)
    )


def _dramatiq(program: str, module: str) -> tuple[tuple[str, ...], ...]:
    return ((str(BIN / program), module, "--processes", "2", "--threads", "8"),)


OFFICE = ((sys.executable, "-m", "office"),)
OURS = Contender("this system, ledger on", "lembur", OFFICE)
LARGE = Contender("this system, ledger on; many wait", "lembur", OFFICE, waiting=MANY)
CONTENDERS = (
    OURS,
    LARGE,
    Contender("dramatiq, gevent", "with_dramatiq", _dramatiq("dramatiq-gevent", "with_dramatiq")),
    Contender("dramatiq, threads", "with_dramatiq", _dramatiq("dramatiq", "with_dramatiq")),
    Contender(
        "dramatiq, gevent; many wait",
        "with_dramatiq",
        _dramatiq("dramatiq-gevent", "with_dramatiq"),
        waiting=MANY,
    ),
    Contender(
        "dramatiq, gevent, in lots of 200; many wait",
        "dramatiq_lots",
        _dramatiq("dramatiq-gevent", "with_dramatiq"),
        waiting=MANY,
    ),
    Contender("taskiq, streams", "with_taskiq", ((str(BIN / "taskiq"), "worker", "with_taskiq:broker", "-w", "2"),)),
    Contender("SAQ", "with_saq", ((str(BIN / "saq"), "with_saq.settings", "--workers", "2", "--quiet"),)),
    Contender("streaq", "with_streaq", ((str(BIN / "streaq"), "run", "with_streaq:worker", "--workers", "2"),)),
    Contender(
        "RQ, simple worker",
        "with_rq",
        ((str(BIN / "rq"), "worker-pool", "-n", "2", "-q", "-w", "rq.worker.SimpleWorker", "print", "verify"),),
    ),
    Contender(
        "RQ, a fork a job",
        "with_rq",
        ((str(BIN / "rq"), "worker-pool", "-n", "2", "-q", "print", "verify"),),
        (("BENCH_FORKS", "1"),),
    ),
    Contender(
        "Huey, processes", "with_huey", ((str(BIN / "huey_consumer"), "with_huey.huey", "-k", "process", "-w", "4"),)
    ),
    Contender("Celery, solo x 2", "with_celery", _celery("with_celery", "-P", "solo", processes=2)),
    Contender("Celery, threads", "with_celery", _celery("with_celery", "-P", "threads", "-c", "8", processes=2)),
    Contender("Celery, prefork", "with_celery", _celery("with_celery", "-P", "prefork", "-c", "2")),
    Contender("Celery with an honest ledger", "honest_celery", _celery("honest_celery", "-P", "prefork", "-c", "2")),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One window."""

    cards: int
    seconds: float
    processor_s: float

    @property
    def cards_per_s(self) -> float:
        """Cards that passed both stages, a second."""
        return self.cards / self.seconds

    @property
    def cards_per_processor_s(self) -> float:
        """The same for a second of processor time of workers, server and producer."""
        return self.cards / self.processor_s


@contextmanager
def _started(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=HERE, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield process
        finally:
            stop_group(process)


def measure(contender: Contender, *, window_s: float, durable: bool) -> Measured:
    """Run one system on a server of its own, and count after it is warm."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = running(valkey_binary(), folder, appendonly="yes" if durable else "no")
        url = stack.enter_context(server)
        environment = {
            **os.environ,
            "BENCH_URL": url,
            "RQ_REDIS_URL": url,
            "BENCH_FOLDER": str(folder),
            "BENCH_WAITING": str(contender.waiting),
            "PYTHONPATH": f"{HERE}:{HERE.parents[1]}:{HERE.parents[2]}",
            **dict(contender.environment),
        }
        log = folder / "bench.log"
        processes = [stack.enter_context(_started(command, environment, log)) for command in contender.workers]
        if contender.workers is not OFFICE:
            producer = (str(PYTHON), "produce.py", contender.module)
            processes.append(stack.enter_context(_started(producer, environment, log)))
        with Redis.from_url(url, decode_responses=True) as look:
            _await_first(contender, look, log)
            time.sleep(WARM_UP_S)
            pids = [process.pid for process in processes] + [int(look.info("server")["process_id"])]
            return _count(look, pids, window_s)


def _await_first(contender: Contender, look: Server, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not look.get(DONE):
        if time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            raise SystemExit(f"{contender.name} did nothing in {START_S:.0f} s; its last words:\n{said}")
        time.sleep(0.1)


def _count(look: Server, pids: Sequence[int], window_s: float) -> Measured:
    cards, used_s, began = int(str(look.get(DONE))), processor_s(pids), time.monotonic()
    time.sleep(window_s)
    seconds = time.monotonic() - began
    return Measured(int(str(look.get(DONE))) - cards, seconds, processor_s(pids) - used_s)


def measure_floor(lot_cards: int, *, durable: bool) -> Measured:
    """Measure the scripts alone, with one client."""
    found = floor.measure(FLOOR_CARDS, lot_cards, "yes" if durable else "no")
    return Measured(FLOOR_CARDS, found.seconds, found.processor_s)


def show(found: dict[Contender, list[Measured]], floors: dict[int, list[Measured]], title: str) -> None:
    """Print a row a system: medians, least and most of its windows, and this system with the same bound beside it."""
    columns = ("", "waiting", "cards/s", "least-most", "cards per CPU-second", "ours is x times")
    table = Table(*columns, title=title, box=None)
    ours = {one.waiting: _speeds(found[one]) for one in (OURS, LARGE) if one in found}
    for one, windows in found.items():
        ratio = median(ours[one.waiting]) / median(_speeds(windows)) if one.waiting in ours else 0
        table.add_row(one.name, f"{one.waiting:,}", *_figures(windows), f"{ratio:.1f}")
    for lot_cards, windows in floors.items():
        table.add_row(f"the scripts alone, lots of {lot_cards}", "", *_figures(windows), "")
    Console(width=130).print(table)


def _speeds(windows: Sequence[Measured]) -> list[float]:
    return sorted(one.cards_per_s for one in windows)


def _figures(windows: Sequence[Measured]) -> tuple[str, str, str]:
    speeds = _speeds(windows)
    each = median(one.cards_per_processor_s for one in windows)
    return f"{median(speeds):,.0f}", f"{speeds[0]:,.0f}-{speeds[-1]:,.0f}", f"{each:,.0f}"


def main() -> None:
    """Measure all in turns and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--window-s", type=float, default=20)
    parser.add_argument("--only", nargs="*", default=[], help="parts of names")
    parser.add_argument("--durable", action="store_true", help="every change on the disk first, for all")
    given = parser.parse_args()
    chosen = [one for one in CONTENDERS if not given.only or any(part in one.name for part in given.only)]
    found: dict[Contender, list[Measured]] = {one: [] for one in chosen}
    floors: dict[int, list[Measured]] = {60: [], 200: []}
    loads = [os.getloadavg()[0]]
    for _ in track(range(given.turns), description="measuring"):
        for contender in chosen:
            found[contender].append(measure(contender, window_s=given.window_s, durable=given.durable))
            loads.append(os.getloadavg()[0])
            done = found[contender][-1]
            sys.stderr.write(f"{contender.name} ({contender.waiting}): {done}, load {loads[-1]:.0f}\n")
        for lot_cards, windows in floors.items():
            windows.append(measure_floor(lot_cards, durable=given.durable))
    show(
        found,
        floors,
        f"{platform.machine()}, {os.cpu_count()} cores, {datetime.now(UTC):%d %B %Y}, {given.turns} windows of "
        f"{given.window_s:g} s, load {min(loads):.0f}-{max(loads):.0f}",
    )
    sys.stdout.write(_versions())


def _versions() -> str:
    packages = ("celery", "dramatiq", "huey", "rq", "saq", "streaq", "taskiq", "taskiq-redis", "redis")
    program = "import importlib.metadata as m, sys; print(', '.join(f'{p} {m.version(p)}' for p in sys.argv[1:]))"
    said = subprocess.run([PYTHON, "-c", program, *packages], check=True, capture_output=True, text=True)
    ours = f"celery {version('celery')}, redis {version('redis')}"
    return f"\nPython {platform.python_version()}; ours: {ours}; theirs: {said.stdout}"


if __name__ == "__main__":
    main()
