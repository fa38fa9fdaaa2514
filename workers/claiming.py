"""How a seat takes its next lot: ask, plan, claim, and ask again when another seat was quicker."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Protocol, TypeVar

from lembur.domain.errors import LedgerError
from lembur.ledger.types import ClaimRefusal, Lot, Offer, Wakes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger


class Ends(Protocol):
    """Anything that ends at a moment."""

    @property
    def end_ms(self) -> int:
        """Virtual milliseconds UTC."""


Step = TypeVar("Step", bound=Ends)
Reply = TypeVar("Reply")

SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LotClaims:
    """What a seat works with: the ledger, how to wake others, the lots it takes, whose printers, when to stop."""

    ledger: Ledger
    wake: Callable[[Wakes], None]
    lot_cards: int
    lease_ms: int
    owner: str
    stopping: Event
    away: Event = field(default_factory=Event)

    def retry_until_answered(self, say: Callable[[], Reply]) -> Reply:
        """Say something to the ledger until it answers: no print is forgotten because the server is away.

        Told once for all seats of this process when the server goes, and once when it is back.
        """
        pause_s = SHORTEST_PAUSE_S
        while True:
            try:
                answer = say()
            except LedgerError as fault:
                self.lost(fault)
                if self.stopping.wait(pause_s):
                    raise
                pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
                continue
            self.found()
            return answer

    def lost(self, fault: LedgerError) -> None:
        """Say that the ledger does not answer, if that is news to this process."""
        if not self.away.is_set():
            self.away.set()
            log.warning("seats wait for the ledger: %s", fault)

    def found(self) -> None:
        """Say that the ledger answers again, if that is news to this process."""
        if self.away.is_set():
            self.away.clear()
            log.warning("the ledger is back")

    def claim_next(
        self, station: StationCode, plan: Callable[[Offer], Sequence[Step]]
    ) -> tuple[Lot, Sequence[Step]] | ClaimRefusal:
        """Claim the next lot of a station as its device plans it, or say why there is none."""
        if self.stopping.is_set():
            return ClaimRefusal.CLOSED
        offer = self.retry_until_answered(partial(self.ledger.offer, station, most=self.lot_cards))
        while isinstance(offer, Offer):
            planned = plan(offer)
            # Claimed anew under another name: its lease runs from then. A first claim nobody heard of is swept.
            taken = self.retry_until_answered(
                partial(
                    self.ledger.claim,
                    offer,
                    ends_ms=[step.end_ms for step in planned],
                    lease_ms=self.lease_ms,
                    owner=self.owner,
                )
            )
            if isinstance(taken, Lot):
                self.wake(taken.wakes)
                return taken, planned
            offer = taken
        return offer

    def finish(self, wakes: Wakes | None, told: str) -> str:
        """Wake whom a commit woke; a lost lease is told, since another seat has the lot now."""
        if wakes is None:
            return "lease lost: nothing was changed"
        self.wake(wakes)
        return told


def count_cards(lot: Lot) -> str:
    """A lot in words for people who watch tasks."""
    return f"{len(lot.cards)} card{'s' if len(lot.cards) > 1 else ''}"
