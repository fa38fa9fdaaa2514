"""The centre as a worker sees it: a server that verifies lots of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from lembur.domain.card import CardId, Status
    from lembur.domain.circuit_breaker import Trouble
    from lembur.ledger.types import Lot, Offer, Verdict


class ExpectedVerdict(NamedTuple):
    """The verdict that the centre is expected to give on one card, and its moment (virtual milliseconds UTC)."""

    end_ms: int
    verdict: Status


class CentreReply(NamedTuple):
    """One reply of the centre before it is checked: a card and its verdict, as text."""

    card: str
    verdict: str


class CentreFailedError(Exception):
    """The centre failed to answer a lot. It may have asked for a pause, in the office's time.

    A centre outside has a reason for the worker's log.
    """

    def __init__(self, trouble: Trouble, *, reason: str = "", pause_ms: int = 0) -> None:
        self.trouble = trouble
        self.reason = reason
        self.pause_ms = pause_ms
        super().__init__(reason or trouble)


@runtime_checkable
class OutsideCentre(Protocol):
    """A centre outside. It takes cards at once and decides in minutes or months, so no line waits for it."""

    def plan(self, offer: Offer) -> Sequence[ExpectedVerdict]:
        """Plan the offered cards, up to the last one that can start before the offer's stretch ends."""

    def request(self, attempts: Mapping[CardId, int]) -> Sequence[Verdict]:
        """Ask for cards, each with its attempt, and return the verdicts that are known already.

        A repeated question about the same attempt starts nothing new. Raise CentreFailedError when the centre refuses.
        """

    def read(self, after: str) -> tuple[Sequence[Verdict], str]:
        """Return the verdicts of the feed behind a cursor, and the next cursor. Without a cursor return only its end.

        Raise CentreFailedError when the feed cannot be read.
        """


class CentreClient(Protocol):
    """A centre that a line waits for: the simulated one."""

    def plan(self, offer: Offer) -> Sequence[ExpectedVerdict]:
        """Plan the offered cards, up to the last one that can start before the offer's stretch ends."""

    def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
        """Send the lot and wait for its replies, in any order; None when the worker stopped before they came.

        Raise CentreFailedError when the centre refuses the lot, or when replies are overdue: no line waits for ever.
        """
