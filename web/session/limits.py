"""A limit on logins: after some failures a login, and an address, has to wait longer and longer."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FREE: Final = 5
"""Failures without a wait."""
FIRST_WAIT_S: Final = 15.0
LONGEST_WAIT_S: Final = 900.0
MOST_NAMES: Final = 10_000


class LoginLimit:
    """Counts the failures of each name; a success forgets them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._failures: dict[str, tuple[int, float]] = {}

    def wait_s(self, *names: str) -> float:
        """Return the seconds that one of these names has to wait."""
        with self._lock:
            untils = [self._failures.get(name, (0, 0.0))[1] for name in names]
        return max(0.0, max(untils) - self._clock())

    def count_failure(self, *names: str) -> None:
        """Note a failed login."""
        with self._lock:
            if len(self._failures) > MOST_NAMES:
                self._failures.clear()
            for name in names:
                count = self._failures.get(name, (0, 0.0))[0] + 1
                wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (count - FREE)) if count >= FREE else 0.0
                self._failures[name] = (count, self._clock() + wait)

    def forget(self, *names: str) -> None:
        """Note a login."""
        with self._lock:
            for name in names:
                self._failures.pop(name, None)
