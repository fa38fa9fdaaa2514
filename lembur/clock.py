"""Waiting for a moment of virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from threading import Event

    from lembur.ledger import Ledger

LONGEST_WAIT_S = 0.5
"""Longest sleep without a look at the clock, which may jump."""


def wait_until(ledger: Ledger, *, virtual_ms: int, stopping: Event) -> bool:
    """Wait for a moment of virtual time; False when `stopping` came first. At full speed every moment is now."""
    last_ms = -1
    while True:
        try:
            now_ms, speed = ledger.time()
        except LedgerError:  # the server is away: look again later
            now_ms, speed = last_ms, 1.0
        if speed == 0 or now_ms >= virtual_ms:
            return not stopping.is_set()
        stands = now_ms == last_ms
        last_ms = now_ms
        if stopping.wait(LONGEST_WAIT_S if stands else min(LONGEST_WAIT_S, (virtual_ms - now_ms) / speed / 1000)):
            return False
