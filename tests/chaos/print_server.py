"""Cards on a real print server while everything fails: ours beside the ordinary way, which believes the job's state.

`make chaos-printers` plays it and exits 1 when a card of ours is lost or doubled, or a blank is unaccounted for. Each
card meets one fault at its first try.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread, Timer, local
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from support.cups import PrintServer
from workers.devices.ipp.queue import JobState, PrintQueue, PrintServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEPS = ("create_held", "send", "is_ready", "release")
SCRIPTS: dict[str, dict[str, Any]] = {
    "jam": {"code": 1, "state": "media-jam-error"},
    "printer fails without a reason": {"code": 1},
    "ribbon changed late": {"waits": "marker-supply-empty-error"},
    "hopper filled late": {"waits": "media-empty-error"},
    "cover open for a while": {"waits": "cover-open"},
}
JOURNAL_TORN = "journal row torn"
BLIND = "journal unreadable"
FAULTS = (
    *SCRIPTS,
    "cancelled at the panel",
    "document sent twice",
    JOURNAL_TORN,
    BLIND,
    "print server killed",
    "backends killed",
    "power cut",
    *(f"answer lost: {step}" for step in STEPS),
    *(f"worker killed before: {step}" for step in STEPS),
    *(f"worker killed after: {step}" for step in STEPS),
)
HELP_S = 1.0
"""A person comes to a waiting printer after this time."""
BLIND_S = 0.6
"""Time for which a journal cannot be read; longer than a print."""
QUEUES = 4


class DeathError(BaseException):
    """The worker of this seat ends here."""


@dataclass(slots=True)
class Breaker:
    """Carries the faults out: one for each card, and one at a time for the server."""

    server: PrintServer
    here: local = field(default_factory=local)
    met: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def expect(self, fault: str) -> None:
        """Let this thread's next card meet a fault."""
        self.here.fault = fault

    def take(self, *names: str) -> str:
        """Return the fault of this thread if it is one of these; it is met then."""
        fault = str(getattr(self.here, "fault", ""))
        if fault in names:
            self.here.fault = ""
            self.met[fault] += 1
            return fault
        return ""

    def act(self, fault: str, queue: BreakingQueue, job: int) -> None:
        """Do to the server, a moment after the job was released, what the fault names."""
        if fault == "cancelled at the panel":
            Timer(0.2, self._cancel, [queue, job]).start()
        elif fault:
            Timer(0.1, self._harm, [fault]).start()

    def _hide_journal(self) -> None:
        """Put a folder in the journal's place for a while: nobody can read or write it, not even root."""
        journal = self.server.journal
        away = journal.rename(journal.with_suffix(".away"))
        try:
            journal.mkdir()
        except FileExistsError:  # a fence was quicker, and its row counts
            away.write_bytes(away.read_bytes() + journal.read_bytes())
        else:
            time.sleep(BLIND_S)
            journal.rmdir()
        away.replace(journal)

    def _cancel(self, queue: BreakingQueue, job: int) -> None:
        with suppress(PrintServerError):
            PrintQueue.cancel(queue, job)

    def _harm(self, fault: str) -> None:
        with self.lock:
            if fault == BLIND:
                self._hide_journal()
                return
            if fault == "backends killed":
                self.server.kill_backends()
                return
            self.server.cut_power() if fault == "power cut" else self.server.kill()
            self.server.start()


class BreakingQueue(PrintQueue):
    """A queue whose steps fail as the card's fault names it."""

    def __init__(self, url: str, breaker: Breaker) -> None:
        super().__init__(url)
        self._breaker = breaker

    def create_held(self, name: str) -> int:
        """Create the job, and give the printer its script."""
        fault = self._breaker.take(*SCRIPTS)
        self._breaker.server.play(self.name, s=0.3, **SCRIPTS.get(fault, {}))
        if "waits" in SCRIPTS.get(fault, {}):
            Timer(HELP_S, self._breaker.server.play, [self.name], {"s": 0.3}).start()
        found: int = self._at("create_held", lambda: PrintQueue.create_held(self, name))
        return found

    def send(self, job: int, document: bytes, kind: str) -> None:
        """Send the document, once or twice."""
        self._at("send", lambda: PrintQueue.send(self, job, document, kind))
        if self._breaker.take("document sent twice"):
            PrintQueue.send(self, job, document, kind)

    def is_ready(self, job: int) -> bool:
        """Ask for the job."""
        return bool(self._at("is_ready", lambda: PrintQueue.is_ready(self, job)))

    def release(self, job: int) -> None:
        """Release the job; harm to the server follows."""
        if self._breaker.take(JOURNAL_TORN):
            with self._breaker.server.journal.open("ab") as file:
                file.write(b'{"job": "half')
        self._at("release", lambda: PrintQueue.release(self, job))
        fault = self._breaker.take(
            "cancelled at the panel", BLIND, "print server killed", "backends killed", "power cut"
        )
        self._breaker.act(fault, self, job)

    def _at(self, step: str, act: Callable[[], Any]) -> Any:
        if self._breaker.take(f"worker killed before: {step}"):
            raise DeathError
        found = act()
        if self._breaker.take(f"worker killed after: {step}"):
            raise DeathError
        if self._breaker.take(f"answer lost: {step}"):
            raise PrintServerError("the answer was lost")
        return found


@dataclass(slots=True)
class Tally:
    """The figures of one way."""

    cards: int = 0
    printed: int = 0
    lost: int = 0
    doubled: int = 0
    blanks_unaccounted: int = 0
    for_a_person: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def outcomes(server: PrintServer, queues: Sequence[PrintQueue]) -> tuple[Counter[str], int, int, int]:
    """Return good cards by card, blanks begun, blanks failed, and blanks with no end, by the printers' own records."""
    lines = [line.split(" ", 1) for queue in queues for line in server.record(queue.name)]
    good = Counter(name.rsplit("/", 1)[-1] for name, what in lines if what == "out")
    begun, failed = sum(what == "begin" for _, what in lines), sum(what == "failed" for _, what in lines)
    return good, begun, failed, begun - failed - good.total()


def run_seats(count: int, work: Callable[[], bool]) -> None:
    """Let seats work side by side until there is nothing left."""

    def go() -> None:
        while work():
            pass

    seats = [Thread(target=go) for _ in range(count)]
    for seat in seats:
        seat.start()
    for seat in seats:
        seat.join()


def ordinary(folder: Path, faults: Sequence[str]) -> Tally:
    """Print each card as one job, believe its state, and try again when it did not complete."""
    began, found = time.monotonic(), Tally(cards=len(faults))
    with PrintServer(folder) as server:
        breaker = Breaker(server)
        names = [f"plain{number}" for number in range(QUEUES)]
        queues = [BreakingQueue(server.add_queue(name, fenced=False), breaker) for name in names]
        todo, idle, lock = list(enumerate(faults)), list(queues), Lock()
        completed: Counter[str] = Counter()
        aborted: Counter[str] = Counter()

        def work() -> bool:
            with lock:
                if not todo:
                    return False
                number, fault = todo.pop()
                queue = idle.pop()
            breaker.expect(fault)
            for _ in range(5):  # a task that fails, or whose worker dies, is delivered again
                with suppress(PrintServerError, DeathError):
                    if print_plainly(queue, f"lot/{number}"):
                        completed[str(number)] += 1
                        break
                    aborted[str(number)] += 1
            with lock:
                idle.append(queue)
            return True

        run_seats(QUEUES, work)
        good, begun, _, _ = outcomes(server, queues)
        found.printed = len(good)
        found.lost = sum(str(number) in completed and not good[str(number)] for number in range(len(faults)))
        found.lost += sum(str(number) not in completed for number in range(len(faults)))
        found.doubled = sum(out > 1 for out in good.values())
        found.blanks_unaccounted = abs(begun - completed.total() - aborted.total())
        found.faults = breaker.met
        for queue in queues:
            queue.close()
    found.seconds = time.monotonic() - began
    return found


def print_plainly(queue: PrintQueue, name: str) -> bool:
    """Send a job and wait for its state, as most print code does."""
    job = queue.create_held(name)
    queue.send(job, b"a card", "application/octet-stream")
    queue.is_ready(job)
    queue.release(job)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(PrintServerError):
            if (state := queue.job_state(job)) >= JobState.CANCELED:
                return state is JobState.COMPLETED
        time.sleep(0.1)
    return False


def table(columns: dict[str, Tally]) -> Table:
    """Show both ways side by side."""
    shown = Table("", *columns, box=None)
    for name in ("cards", "printed", "lost", "doubled", "blanks_unaccounted", "for_a_person"):
        shown.add_row(name.replace("_", " "), *(f"{getattr(one, name):,}" for one in columns.values()))
    for fault in FAULTS:
        shown.add_row(f"fault: {fault}", *(f"{one.faults[fault]:,}" for one in columns.values()))
    shown.add_row("faults", *(f"{one.faults.total():,}" for one in columns.values()))
    shown.add_row("seconds", *(f"{one.seconds:,.0f}" for one in columns.values()))
    return shown


def draw_faults(count: int, seed: int) -> list[str]:
    """Return a fault for each card, each kind as often, in an order drawn from the seed."""
    faults = [FAULTS[number % len(FAULTS)] for number in range(count)]
    random.Random(seed).shuffle(faults)
    return faults


def main() -> int:
    """Play both ways with the same faults, show the table, and judge ours."""
    from chaos.print_seats import ours

    options = argparse.ArgumentParser(prog="make chaos-printers", description=__doc__)
    options.add_argument("--faults", type=int, default=320)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    faults = draw_faults(given.faults, given.seed)
    with TemporaryDirectory() as folder:
        columns = {
            "ours": ours(Path(folder) / "ours", faults),
            "the ordinary way": ordinary(
                Path(folder) / "plain", [one for one in faults if one not in {JOURNAL_TORN, BLIND}]
            ),
        }
    Console(width=100).print(table(columns))
    one = columns["ours"]
    missed = [fault for fault in set(faults) if not one.faults[fault]]
    if missed:
        sys.stderr.write(f"chaos-printers: faults that met no card: {', '.join(missed)}\n")
    return 1 if one.lost or one.doubled or one.blanks_unaccounted or missed else 0


if __name__ == "__main__":
    sys.exit(main())
