"""Virtual time for those who wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from threading import Event

    from lembur.ledger import Ledger

LOOK_AGAIN_S = 0.5
"""A clock may jump while one waits, so nobody sleeps longer than this without looking."""


def wait_until(ledger: Ledger, *, virtual_ms: int, stopping: Event) -> bool:
    """Wait for a moment of virtual time; False when `stopping` came first. At full speed every moment is now."""
    while True:
        try:
            now_ms, speed = ledger.time()
        except LedgerError:  # time goes on while the server is away; one looks again
            now_ms, speed = 0, 1.0
        if speed == 0 or now_ms >= virtual_ms:
            return not stopping.is_set()
        if stopping.wait(min(LOOK_AGAIN_S, (virtual_ms - now_ms) / speed / 1000)):
            return False
