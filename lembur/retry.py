"""The one way to wait for a ledger that does not answer: try again, and log each outage once."""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

Reply = TypeVar("Reply")

SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


class Outage:
    """State of the connection to the ledger; logs its loss and its return once for all threads that share it."""

    def __init__(self, waiting: str, log: Callable[[str], None]) -> None:
        self._waiting = waiting
        self._log = log
        self._lock = Lock()
        self._under_way = False

    def begin(self, fault: LedgerError) -> None:
        """Note that the ledger did not answer."""
        self._change(f"{self._waiting} for the ledger: {fault}", under_way=True)

    def end(self) -> None:
        """Note that the ledger answered."""
        self._change("the ledger is back", under_way=False)

    def _change(self, news: str, *, under_way: bool) -> None:
        with self._lock:
            if self._under_way is not under_way:
                self._under_way = under_way
                self._log(news)


def retry_until_answered(ask: Callable[[], Reply], *, outage: Outage, stopping: Event) -> Reply:
    """Call `ask` again after growing pauses until the ledger answers; raise the last fault when stopped."""
    pause_s = SHORTEST_PAUSE_S
    while True:
        try:
            reply = ask()
        except LedgerError as fault:
            outage.begin(fault)
            if stopping.wait(pause_s):
                raise
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
        else:
            outage.end()
            return reply


def repeat(step: Callable[[], object], *, every_s: float, outage: Outage, stopping: Event) -> None:
    """Run `step` every `every_s` seconds until stopped, also after a step that the ledger did not answer."""
    while not stopping.is_set():
        try:
            step()
        except LedgerError as fault:
            outage.begin(fault)
        else:
            outage.end()
        stopping.wait(every_s)


def start_repeating(step: Callable[[], object], *, name: str, every_s: float, outage: Outage, stopping: Event) -> None:
    """Repeat `step` in a thread with this name."""
    rest = {"every_s": every_s, "outage": outage, "stopping": stopping}
    Thread(target=repeat, args=(step,), kwargs=rest, name=name, daemon=True).start()
