"""A network that delivers every request twice, as a client does that lost the answer to the first."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from lembur.ledger.connection import Durability
from lembur.ledger.scripts import Scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.ledger import Ledger


class Stammering(Scripts):
    """Puts itself between a ledger and its server; what `look` sees may not change by the second delivery."""

    def __init__(self, ledger: Ledger, look: Callable[[], object] = lambda: None) -> None:
        super().__init__(ledger.server, ledger.prefix, waits_for_disk=ledger.durability == Durability.WAITAOF)
        self.ledger = ledger
        self.repeated = 0
        self._look = look
        ledger._scripts = self

    def run_once(self, verb: str, token: str | None = None, ends_ms: Sequence[int] = (), /, **arguments: Any) -> Any:
        """Run it, and run it again with the same token."""
        token = token or uuid.uuid4().hex
        first = super().run_once(verb, token, ends_ms, **arguments)
        seen = self._look()
        again = super().run_once(verb, token, ends_ms, **arguments)

        assert again == first, verb
        assert self._look() == seen, verb
        self.repeated += 1
        return first
