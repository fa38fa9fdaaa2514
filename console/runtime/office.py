"""A run: the server, the workers and the feed side by side, from the first card to the report."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Never

from console import context
from console.runtime import embedded_server
from console.runtime.data_folder import lock_folder, make_private
from console.runtime.supervisor import ENDING, Processes
from console.text import plural
from lembur import bus
from lembur.domain.errors import LedgerError, SettingsError
from lembur.domain.seats import CENTRE, StationCode
from lembur.files import write_private
from lembur.ledger import Ledger, connect, load_nik_key, queries
from lembur.ledger.audit import PrintLogs, settle_by_logs
from lembur.office import SetupReader, open_office, open_or_continue, read_setup
from lembur.service import become
from lembur.settings import Settings, read_settings
from producers import Feed

if TYPE_CHECKING:
    from lembur.office import OfficeSetup

READY_S = 300.0
"""Longest wait for the workers of an office. A slow machine that starts nine of them needs minutes."""
FEED_STOP_S = 1.0
"""Longest wait for the feed at a stop, which may take ten seconds in all."""
DEATHS = 3
"""Deaths in a row after which a worker is given up."""
LOOK_S = 0.25
FAST = 3_000.0
"""At a higher speed a print of 90 s takes less than 30 ms, the time of a message."""
SMALL = 10_000
"""A queue of up to this number of cards is played card by card at full speed."""
LARGEST_LOT = 200
MOST_WORKERS = 8
"""More stations than this share worker processes, because each process costs some 80 MB and a second of start-up."""


@dataclass(frozen=True, slots=True)
class RunningOffice:
    """A run in progress or at its end."""

    settings: Settings
    ledger: Ledger
    setups: SetupReader
    processes: Processes
    began_ms: int
    """Real time of the start. Heartbeats from before it belong to another run."""
    served: set[StationCode] = field(default_factory=set)
    """The stations that have a worker here, and the centre."""

    @property
    def setup(self) -> OfficeSetup:
        """The office as it is now."""
        return self.setups.read()

    def start_workers(self, setup: OfficeSetup) -> None:
        """Start a worker for each station that has none: at the start, and when the office has a new one."""
        missing = tuple(code for code in setup.stations if code not in self.served)
        for group in worker_groups(missing) if CENTRE not in self.served else ((code,) for code in missing):
            seats = sum(setup.printers(station) for station in group)
            environment = worker_environment(self.settings, group)
            self.processes.start(_worker_name(group), worker_command(group, seats), environment=environment)
            self.served.update(group)


def lot_cards(speed: float, cards: int) -> int:
    """Return the cards of a lot: one while a print takes its time, more when a lot would be over in an instant.

    At full speed a queue of ten thousand is still played card by card, so that every speed gives the same figures.
    """
    if speed > FAST:
        return min(LARGEST_LOT, round(speed / FAST) + 1)
    return LARGEST_LOT if speed == 0 and cards > SMALL else 1


def worker_groups(stations: tuple[StationCode, ...]) -> Iterator[tuple[StationCode, ...]]:
    """Group the stations by worker: the centre alone, the print stations among at most eight workers."""
    yield (CENTRE,)
    count = min(MOST_WORKERS, len(stations))
    yield from (stations[number::count] for number in range(count))


def node_of(stations: tuple[StationCode, ...]) -> str:
    """Name a worker process among Celery's nodes."""
    return bus.node_of(stations[0]) if len(stations) == 1 else f"print@{stations[0]}+{len(stations) - 1}"


def worker_command(stations: tuple[StationCode, ...], seats: int, node: str = "") -> list[str]:
    """Return the command of a worker process. Without a name among Celery's nodes it gets that of its stations."""
    return [sys.executable, "-m", "workers", node or node_of(stations), str(seats)]


def worker_environment(settings: Settings, stations: tuple[StationCode, ...]) -> dict[str, str]:
    """Return the environment of a worker process."""
    return {
        **settings.environment(),
        "LEMBUR_STATIONS": ",".join(stations),
        "PYTHONUNBUFFERED": "1",
    }


def exec_worker(settings: Settings, stations: tuple[StationCode, ...], *, node: str, seats: int) -> Never:
    """Become a worker process."""
    make_private(settings.data)
    become(worker_command(stations, seats, node), worker_environment(settings, stations))


def exec_centre(settings: Settings, *, host: str, port: int, tls: Sequence[Path] = ()) -> Never:
    """Become the process of the simulated centre."""
    command = [sys.executable, "-m", "workers.devices.centre_service", host, str(port), *map(str, tls)]
    become(command, settings.environment())


def exec_webhook(settings: Settings, address: str) -> Never:
    """Become the process that sends events."""
    make_private(settings.data)
    command = [sys.executable, "-m", "workers.webhook", address]
    become(command, settings.environment())


@contextmanager
def start_folder_server(data: Path) -> Iterator[str]:
    """Start only the server of a data folder, and yield its address."""
    with lock_folder(data) as lock:
        processes = Processes(data / "logs", held=(lock,))
        try:
            yield embedded_server.start_server(processes, data)
        finally:
            processes.stop()


@contextmanager
def start_office(
    *,
    data: Path,
    redis_url: str,
    play: OfficeSetup,
    fresh: bool,
    given: Sequence[str] = (),
    unsafe: bool = False,
) -> Iterator[RunningOffice]:
    """Start the server and the workers of an office, and stop them in order at the end.

    An office that is open in the ledger goes on. It does not if it must be `fresh`, or if it differs from the `given`
    parts.
    """
    with lock_folder(data) as lock:
        processes = Processes(data / "logs", held=(lock,))
        try:
            code = _code_of_new(data, play)
            url = redis_url or embedded_server.start_server(processes, data)
            settings = context.with_code(read_settings(redis_url=url, data=data, office=code))
            ledger = context.open_ledger(settings)
            context.check_durable(ledger, unsafe=unsafe)
            setup = _open_fresh(ledger, play) if fresh else open_or_continue(ledger, play, given=given)
            ledger.delete_other_versions()
            settle_printed(ledger, setup, settings)
            write_private(data / context.OFFICE, settings.office)
            write_private(data / context.ADDRESS, settings.redis_url)
            running = RunningOffice(settings, ledger, SetupReader(ledger), processes, ledger.real_ms())
            running.start_workers(setup)
            yield running
        finally:
            processes.stop()


def _code_of_new(data: Path, play: OfficeSetup) -> str | None:
    """Return the code of the scenario's city for a new data folder. One that was used keeps its code."""
    given = read_settings()
    if context.is_used(data):
        return None
    if "office" not in given.model_fields_set:
        return play.scenario.region.city
    check_code(given, play)
    return None


def check_code(given: Settings, play: OfficeSetup) -> None:
    """Refuse to open a real office under the code of another city, which every event and metric would carry."""
    city = play.scenario.region.city
    if not play.scenario.demonstration and given.office != city:
        raise SettingsError(
            f"{play.scenario.name} is of the city {city}, but LEMBUR_OFFICE is {given.office}: set LEMBUR_OFFICE={city}"
        )


@contextmanager
def open_kept(office: context.Connection) -> Iterator[Ledger]:
    """Yield the ledger of an office. If the office is stopped, its own server runs meanwhile."""
    try:
        ledger = office.ledger
    except context.OfficeStoppedError as fault:
        stopped = fault.data
    else:
        yield ledger
        return
    with start_folder_server(stopped) as url:
        ledger = Ledger(connect(url), office=office.settings.office)
        ledger.check_schema()
        yield ledger


def _open_fresh(ledger: Ledger, play: OfficeSetup) -> OfficeSetup:
    if not open_office(ledger, play):
        raise LedgerError(
            f"this ledger already holds '{read_setup(ledger).scenario.name}': give an empty --data or another --redis, "
            "or go on with 'lembur up'"
        )
    return play


def settle_printed(ledger: Ledger, play: OfficeSetup, settings: Settings) -> None:
    """Enter the prints that only the print logs here know, before any seat may print those cards again."""
    found = settle_by_logs(ledger, play.stations, PrintLogs((settings.printers,)))
    if found.printed or found.spoiled:
        sys.stderr.write(
            f"lembur: the print logs show more than this ledger knew, as after a restored copy: "
            f"{plural(found.printed, 'card')} printed and {plural(found.spoiled, 'blank')} spoiled are entered now\n"
        )
    if found.unconfirmed:
        sys.stderr.write(
            f"lembur: {plural(found.unconfirmed, 'print')} that this ledger did not know has no end in the print logs: "
            "a person looks at the cards that 'lembur unconfirmed' lists\n"
        )
    if found.unknown:
        raise LedgerError(
            f"the print logs in {settings.printers} show {plural(len(found.unknown), 'printed card')} that this ledger "
            f"does not have, from {found.unknown[0]}: it is an older copy. Restore a newer one, or read docs/backup.md"
        )


@contextmanager
def run_clock(running: RunningOffice, *, jumps: bool) -> Iterator[Event]:
    """Let time run once all workers are up, and yield the event that ends a scenario.

    A real office has the time of day. A demonstration has a feed, which keeps its time and brings its people.
    """
    if running.setup.scenario.demonstration:
        with _run_feed(running, jumps=jumps) as over:
            yield over
    else:
        _await_workers(running)
        yield Event()


@contextmanager
def _run_feed(running: RunningOffice, *, jumps: bool) -> Iterator[Event]:
    key, wake = load_nik_key(running.ledger, running.settings.keys), bus.sender(running.settings)
    feed = Feed(running.ledger, running.setup, key, wake, jumps=jumps)
    feed.prepare()
    _await_workers(running)
    feed.begin()
    stopping = Event()
    thread = Thread(target=feed.play, args=(stopping,), name="feed", daemon=True)
    thread.start()
    try:
        yield feed.over
    finally:
        stopping.set()
        thread.join(FEED_STOP_S)  # The next start feeds the rest.


def _await_workers(running: RunningOffice) -> None:
    deadline = time.monotonic() + READY_S
    missing = dict.fromkeys(worker_groups(running.setup.stations))
    while missing:
        seen = {node for node, at in running.ledger.last_seen().items() if at >= running.began_ms}
        missing = {group: None for group in missing if node_of(group) not in seen}
        running.processes.tend()
        for group in missing:
            name = _worker_name(group)
            if running.processes.deaths(name) >= DEATHS or time.monotonic() > deadline:
                raise LedgerError(
                    f"the worker {node_of(group)} does not come up: {running.processes.last_line(name)} "
                    f"(all of it is in {running.processes.logs / f'{name}.log'})"
                )
        time.sleep(0.05)


def _worker_name(group: tuple[StationCode, ...]) -> str:
    return "worker-" + "-".join(group[:2])


class Interrupted(BaseException):
    """A person asked the run to stop."""


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


def watch(
    running: RunningOffice, over: Event, show: Callable[[queries.Board, OfficeSetup], None], *, stay: bool = False
) -> None:
    """Show the board until the run is over. Restart processes that died, and start a worker for each new station.

    With `stay` the end of a scenario ends nothing. A full disk is reported once.
    """
    full, ending = "", Event() if stay else over
    while True:
        running.processes.tend()
        try:
            setup = running.setup
            running.start_workers(setup)
            show(queries.read_board(running.ledger, setup.all_stations), setup)
            full = full and context.describe_full_disk(running.settings.data)
        except LedgerError:  # The server restarts now.
            if not full and (full := context.describe_full_disk(running.settings.data)):
                sys.stderr.write(f"lembur: {full}\n")
            continue
        finally:
            ended = ending.wait(LOOK_S)
        if ended:
            return
