"""The lease of one lot, kept by a seat whose printer works longer than planned."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot


class Lease:
    """Seconds that are left, by this machine's monotonic clock. Nothing may begin past the end."""

    def __init__(self, ledger: Ledger, lot: Lot, lease_ms: int) -> None:
        self._ledger = ledger
        self._lot = lot
        self._lease_ms = lease_ms
        self.until_s = lot.held_until_s

    @property
    def is_over(self) -> bool:
        """True when others may settle the lot."""
        return time.monotonic() >= self.until_s

    def renew_when_due(self) -> bool:
        """Renew in the second half of the lease; return True if it was renewed.

        A lost lease is over at once. Without an answer of the ledger nothing changes, and the lease runs on to its end.
        """
        asked_s = time.monotonic()
        if self.until_s - asked_s > self._lease_ms / 2000:
            return False
        with suppress(LedgerError):
            is_ours = self._ledger.renew(self._lot, lease_ms=self._lease_ms)
            self.until_s = asked_s + self._lease_ms / 1000 if is_ours else asked_s
            return is_ours
        return False
