"""A run: the server, the workers and the feed side by side, from the first card to the report."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Never

from console import context
from console.runtime import embedded_server
from console.runtime.data_folder import lock_folder, make_private
from console.runtime.supervisor import ENDING, Processes
from lembur import bus
from lembur import office as offices
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, StationCode
from lembur.ledger import Ledger, connect, load_nik_key, queries
from lembur.ledger.audit import PrintLogs, settle_by_logs
from lembur.settings import Settings, child_environment, read_settings
from producers import Feed

if TYPE_CHECKING:
    from lembur.office import OfficeSetup

READY_S = 60.0
LOOK_S = 0.25
MOST_WORKERS = 8
"""More stations than this share worker processes: each costs some 80 MB and a second of start-up."""


@dataclass(frozen=True, slots=True)
class RunningOffice:
    """A run that is under way or over."""

    settings: Settings
    ledger: Ledger
    setup: OfficeSetup
    speed: float
    processes: Processes
    began_ms: int
    """Real time: who signed in before belongs to another run."""


def lot_cards(speed: float, cards: int) -> int:
    """Cards a lot: one as long as a print takes its time, more when a lot would be over in an instant.

    At full speed a queue of ten thousand is still played card by card, so that every speed gives the same figures.
    """
    if speed > FAST:
        return min(LARGEST_LOT, round(speed / FAST) + 1)
    return LARGEST_LOT if speed == 0 and cards > SMALL else 1


FAST = 3_000.0
"""Above this speed a print of 90 s is over in 30 ms, which is what a message costs."""
SMALL = 10_000
LARGEST_LOT = 200


def worker_groups(stations: tuple[StationCode, ...]) -> Iterator[tuple[StationCode, ...]]:
    """The centre's worker, and the print stations dealt out to at most eight workers."""
    yield (CENTRE,)
    count = min(MOST_WORKERS, len(stations))
    yield from (stations[number::count] for number in range(count))


def node_of(stations: tuple[StationCode, ...]) -> str:
    """Name a worker process among Celery's nodes."""
    return bus.node_of(stations[0]) if len(stations) == 1 else f"print@{stations[0]}+{len(stations) - 1}"


def worker_command(stations: tuple[StationCode, ...], seats: int) -> list[str]:
    """The command of a worker process."""
    return [sys.executable, "-m", "workers", node_of(stations), str(seats)]


def worker_environment(settings: Settings, stations: tuple[StationCode, ...]) -> dict[str, str]:
    """What a worker process is told."""
    return {
        **settings.environment(),
        "LEMBUR_STATIONS": ",".join(stations),
        "PYTHONUNBUFFERED": "1",
    }


def exec_worker(settings: Settings, stations: tuple[StationCode, ...], *, seats: int) -> Never:
    """Become a worker process."""
    make_private(settings.data)
    command = worker_command(stations, seats)
    os.execvpe(command[0], command, child_environment(worker_environment(settings, stations)))  # noqa: S606 - ours


@contextmanager
def start_office(
    *, data: Path, redis_url: str, play: OfficeSetup, speed: float, fresh: bool, unsafe: bool = False
) -> Iterator[RunningOffice]:
    """Everything that runs, started side by side and stopped in order whatever happens inside."""
    with lock_folder(data) as lock:
        processes = Processes(data / "logs", held=(lock,))
        try:
            url = redis_url or embedded_server.start_server(processes, data)
            settings = read_settings(redis_url=url, data=data)
            ledger = Ledger(connect(settings.redis_url), office=settings.office)
            context.check_durable(ledger, unsafe=unsafe)
            play = _open(ledger, play, fresh=fresh)
            settle_printed(ledger, play, settings)
            address = data / "address"
            address.touch(mode=0o600)
            address.write_text(settings.redis_url)
            began_ms = ledger.real_ms()
            for group in worker_groups(play.stations):
                name = "worker-" + "-".join(group[:2])
                seats = sum(play.printers(station) for station in group)
                processes.start(name, worker_command(group, seats), environment=worker_environment(settings, group))
            yield RunningOffice(settings, ledger, play, speed, processes, began_ms)
        finally:
            processes.stop()


def _open(ledger: Ledger, play: OfficeSetup, *, fresh: bool) -> OfficeSetup:
    if offices.open_office(ledger, play):
        return play
    there = offices.read_setup(ledger)
    if fresh:
        raise LedgerError(
            f"this ledger already holds '{there.scenario.name}': give an empty --data or another --redis, "
            "or go on with 'lembur up'"
        )
    return there


def settle_printed(ledger: Ledger, play: OfficeSetup, settings: Settings) -> None:
    """Enter what the print logs here show and the ledger does not know, before any seat may print it again."""
    from console.text import plural

    found = settle_by_logs(ledger, play.stations, PrintLogs((settings.printers,)))
    if found.printed or found.spoiled:
        sys.stderr.write(
            f"lembur: the print logs show more than this ledger knew, as after a restored copy: "
            f"{plural(found.printed, 'card')} printed and {plural(found.spoiled, 'blank')} spoiled are entered now\n"
        )
    if found.unknown:
        raise LedgerError(
            f"the print logs in {settings.printers} show {plural(len(found.unknown), 'printed card')} that this ledger "
            f"does not have, from {found.unknown[0]}: it is an older copy. Restore a newer one, or read docs/backup.md"
        )


@contextmanager
def run_feed(played: RunningOffice, *, jumps: bool) -> Iterator[Feed]:
    """Virtual time runs and arrivals come in while inside, once all workers are up."""
    ledger, play = played.ledger, played.setup
    feed = Feed(ledger, play, load_nik_key(played.settings.data), bus.sender(played.settings), jumps=jumps)
    feed.prepare()
    _await_workers(played)
    start_clock(feed, speed=played.speed)
    stopping = Event()
    thread = Thread(target=feed.play, args=(stopping,), kwargs={"speed": played.speed}, name="feed", daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        stopping.set()
        thread.join(1)  # a stop may take ten seconds in all; what it leaves half fed is fed again


def start_clock(feed: Feed, *, speed: float) -> None:
    """Let virtual time run from the scenario's start, or go on from where it stood."""
    ledger, play = feed.ledger, feed.setup
    first = ledger.fed_ms() == 0
    ledger.set_clock(virtual_ms=play.starts_ms if first else None, speed=speed, ends_ms=play.ends_ms)
    # What was enrolled before time began has woken nobody for good.
    wakes, _ = ledger.resend_wakeups(play.places, silence_ms=-1)
    feed.wake(wakes)


def _await_workers(played: RunningOffice) -> None:
    deadline = time.monotonic() + READY_S
    expected = {node_of(group) for group in worker_groups(played.setup.stations)}
    while not expected <= {node for node, at in played.ledger.last_seen().items() if at >= played.began_ms}:
        played.processes.tend()
        if time.monotonic() > deadline:
            raise LedgerError(f"the workers do not come up; see {played.processes.logs}")
        time.sleep(0.05)


class Interrupted(BaseException):
    """Someone asked the run to stop."""


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM stop a run in order."""

    def stop(*_: Any) -> None:
        raise Interrupted

    before = {number: signal.signal(number, stop) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(played: RunningOffice, feed: Feed, show: Callable[[queries.Board], None], *, stay: bool = False) -> None:
    """Show the board until the run is over, restarting what dies."""
    while True:
        played.processes.tend()
        try:
            show(queries.read_board(played.ledger, played.setup.places))
        except LedgerError:
            continue  # the server is being restarted
        finally:
            over = feed.over.wait(LOOK_S)
        if over and not stay:
            return
