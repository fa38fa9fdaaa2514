"""The centre as a worker sees it: a server that verifies lots of records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from lembur.domain.card import Status
    from lembur.domain.circuit_breaker import Trouble
    from lembur.ledger.types import Lot, Offer


@dataclass(frozen=True, slots=True)
class ExpectedVerdict:
    """The verdict on one card that the centre is expected to give, and when (virtual milliseconds UTC)."""

    end_ms: int
    verdict: Status


@dataclass(frozen=True, slots=True)
class CentreReply:
    """One reply of the centre, not checked yet: a card and the verdict on it, as text.

    `end_ms` is the moment at which a real centre's reply was there; a simulated one ends as planned.
    """

    card: str
    verdict: str
    end_ms: int | None = None


class CentreFailedError(Exception):
    """The centre did not answer a lot as it should. It may have asked for a pause, in the office's time."""

    def __init__(self, trouble: Trouble, *, pause_ms: int = 0) -> None:
        self.trouble = trouble
        self.pause_ms = pause_ms
        super().__init__(trouble)


class CentreClient(Protocol):
    """The central server that verifies records."""

    def plan(self, offer: Offer) -> Sequence[ExpectedVerdict]:
        """Plan the offered cards, up to the last one that can start before the offer's stretch ends."""

    def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
        """Send the lot and wait for its replies, in any order; None when stopped before they came.

        Raise CentreFailedError when the centre refuses the lot, or when replies are overdue: no line waits for ever.
        """
