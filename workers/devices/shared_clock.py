"""The office's clock as the seats of a station share it: they wait for a moment without a question each."""

from __future__ import annotations

import math
import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from threading import Event

    from lembur.ledger import Ledger
    from lembur.ledger.clock import ClockReading

SHARED_S: Final = 0.1
"""Time for which one reading of the clock serves all seats."""
LONGEST_WAIT_S: Final = 0.5
"""Longest sleep without a look at the clock, which may jump. No older reading counts."""


class SharedClock:
    """The clock of a ledger, read at most ten times a second for all threads that wait by it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._latest: tuple[ClockReading | None, float] = None, -math.inf
        """The reading (None without an answer), and the moment of its answer by the monotonic clock."""

    def wait_until(self, virtual_ms: int, stopping: Event) -> bool:
        """Wait for a moment of virtual time; False when `stopping` came first. At full speed every moment is now."""
        while (left_s := self._left_s(virtual_ms)) > 0:
            if stopping.wait(min(LONGEST_WAIT_S, left_s)):
                return False
        return not stopping.is_set()

    def _left_s(self, virtual_ms: int) -> float:
        """Return the real time until a moment; infinite while the clock stands, or while the server is away."""
        # With a server that hangs, a seat that waited here for the others' questions could not stop.
        if self._lock.acquire(timeout=LONGEST_WAIT_S):
            try:
                self._read_when_old()
            finally:
                self._lock.release()
        clock, read_s = self._latest
        age_s = time.monotonic() - read_s
        if clock is None or clock.stands or age_s > LONGEST_WAIT_S:
            return math.inf
        return (virtual_ms - clock.now_ms) / clock.speed / 1000 - age_s if clock.speed else 0.0

    def _read_when_old(self) -> None:
        if time.monotonic() - self._latest[1] <= SHARED_S:
            return
        try:
            clock = self._ledger.read_clock()
        except LedgerError:
            clock = None
        self._latest = clock, time.monotonic()
