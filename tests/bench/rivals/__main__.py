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
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One system: its module for the producer, and the commands of its workers."""

    name: str
    module: str
    workers: tuple[tuple[str, ...], ...]
    environment: tuple[tuple[str, str], ...] = ()


def _celery(module: str, *pool: str, processes: int = 1) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (str(BIN / "celery"), "-A", f"{module}:app", "worker", "-n", f"w{n}@%h", "--loglevel", "ERROR", *pool)
        for n in range(processes)
    )


def _dramatiq(program: str, module: str) -> tuple[tuple[str, ...], ...]:
    return ((str(BIN / program), module, "--processes", "2", "--threads", "8"),)


OURS = Contender("this system, ledger on", "lembur", ((sys.executable, "-m", "office"),))
CONTENDERS = (
    OURS,
    Contender("dramatiq, gevent", "with_dramatiq", _dramatiq("dramatiq-gevent", "with_dramatiq")),
    Contender("dramatiq, threads", "with_dramatiq", _dramatiq("dramatiq", "with_dramatiq")),
    Contender(
        "dramatiq, gevent, in lots of 200",
        "dramatiq_lots",
        _dramatiq("dramatiq-gevent", "with_dramatiq"),
        (("BENCH_WAITING", "20000"),),
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
            "PYTHONPATH": f"{HERE}:{HERE.parents[1]}:{HERE.parents[2]}",
            **dict(contender.environment),
        }
        log = folder / "bench.log"
        processes = [stack.enter_context(_started(command, environment, log)) for command in contender.workers]
        if contender is not OURS:
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


def show(found: dict[str, list[Measured]], title: str) -> None:
    """Print a row a system: medians, the least and most of its windows, and how many times slower than this system."""
    table = Table("", "cards/s", "least-most", "cards per CPU-second", "ours is x times", title=title, box=None)
    ours = median(one.cards_per_s for one in found[OURS.name]) if OURS.name in found else 0
    for name, windows in found.items():
        speeds = sorted(one.cards_per_s for one in windows)
        table.add_row(
            name,
            f"{median(speeds):,.0f}",
            f"{speeds[0]:,.0f}-{speeds[-1]:,.0f}",
            f"{median(one.cards_per_processor_s for one in windows):,.0f}",
            f"{ours / median(speeds):.1f}",
        )
    Console(width=110).print(table)


def main() -> None:
    """Measure all in turns and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--window-s", type=float, default=20)
    parser.add_argument("--only", nargs="*", default=[], help="parts of names")
    parser.add_argument("--durable", action="store_true", help="every change on the disk first, for all")
    given = parser.parse_args()
    chosen = [one for one in CONTENDERS if not given.only or any(part in one.name for part in given.only)]
    found: dict[str, list[Measured]] = {one.name: [] for one in chosen}
    for turn in track([(turn, one) for turn in range(given.turns) for one in chosen], description="measuring"):
        _, contender = turn
        found[contender.name].append(measure(contender, window_s=given.window_s, durable=given.durable))
    show(
        found,
        f"{platform.machine()}, {os.cpu_count()} cores, {datetime.now(UTC):%d %B %Y}, windows of {given.window_s:g} s",
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
