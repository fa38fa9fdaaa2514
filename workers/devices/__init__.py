"""What a worker talks to: the centre and the printers, each behind a small protocol; here they are simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event

    from lembur.domain.card import Status
    from lembur.domain.circuit_breaker import Trouble
    from lembur.ledger.types import Lot, Offer


@dataclass(frozen=True, slots=True)
class ExpectedVerdict:
    """The centre's verdict on one card as it is to be expected, and when it comes (virtual milliseconds UTC)."""

    end_ms: int
    verdict: Status


@dataclass(frozen=True, slots=True)
class CentreReply:
    """What came from the centre, which may be anything: a verdict on a card, or what it takes for one."""

    card: str
    verdict: str


class CentreFailedError(Exception):
    """The centre did not answer a lot as it should."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble)


@dataclass(frozen=True, slots=True)
class Print:
    """One card out of the printer: when, why its blank is spoiled ('' for a good card), how long the printer rested."""

    end_ms: int
    reason: str
    rest_ms: int = 0


class CentreClient(Protocol):
    """The central server that verifies records."""

    def plan(self, offer: Offer) -> Sequence[ExpectedVerdict]:
        """What the offered cards would take, as many as can start before the offer's stretch ends."""

    def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
        """Send the lot and wait for its answers, in any order; None when stopped before they came.

        CentreFailedError when nobody takes it, or the answers are not there a while after they were due: no line waits
        for ever.
        """


class Printer(Protocol):
    """The printers of one station."""

    def plan(self, offer: Offer) -> Sequence[Print]:
        """What the offered cards would take, as many as can start before the offer's stretch ends."""

    def print(self, lot: Lot, planned: Sequence[Print], stopping: Event) -> Iterator[Sequence[Print]]:
        """Print the lot in the order given and say what came out: once, or twice, or not at all.

        A printer that is stopped, jams or forgets says nothing; what its log says then decides.
        """

    def call_off(self, lot: Lot) -> Sequence[Print] | None:
        """What the printer's own log says of a lot nobody committed: its prints, or None for no answer.

        No prints at all is a promise too: the lot is called off, and will not be printed by a seat that wakes up late.
        """
