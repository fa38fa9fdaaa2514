"""Lot claims: a seat asks for an offer, plans it, claims it, and starts over when another seat was quicker."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from lembur.ledger.types import ClaimRefusal, Lot, Offer, Wakes
from lembur.retry import Outage, retry_until_answered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger


class TimedStep(Protocol):
    """One planned card of a lot."""

    @property
    def end_ms(self) -> int:
        """The end of the card, in virtual milliseconds UTC."""


Step = TypeVar("Step", bound=TimedStep)
Reply = TypeVar("Reply")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LotClaims:
    """Takes lots for the seats of one worker process and reports their ends to the ledger.

    `lot_cards` is the largest lot. `owner` names the printers of this machine: each lot's name begins with it.
    """

    ledger: Ledger
    wake: Callable[[Wakes], None]
    lot_cards: int
    lease_ms: int
    owner: str
    stopping: Event
    outage: Outage = field(default_factory=lambda: Outage("seats wait", log.warning))

    def ask(self, question: Callable[[], Reply]) -> Reply:
        """Ask the ledger until it answers, so that no print is forgotten while the server is away."""
        return retry_until_answered(question, outage=self.outage, stopping=self.stopping)

    def claim_next(
        self, station: StationCode, plan: Callable[[Offer], Sequence[Step]]
    ) -> tuple[Lot, Sequence[Step]] | ClaimRefusal:
        """Claim the next lot of a station as its device plans it, or return the reason why there is none."""
        if self.stopping.is_set():
            return ClaimRefusal.CLOSED
        offer = self.ask(partial(self.ledger.offer, station, most=self.lot_cards))
        while isinstance(offer, Offer):
            planned = plan(offer)
            # Each try claims under a new name, so that its lease starts now. If a first try succeeded without an
            # answer, the sweep ends that lot.
            claimed = self.ask(
                partial(
                    self.ledger.claim,
                    offer,
                    ends_ms=[step.end_ms for step in planned],
                    lease_ms=self.lease_ms,
                    owner=self.owner,
                )
            )
            if isinstance(claimed, Lot):
                self.wake(claimed.wakes)
                return claimed, planned
            offer = claimed
        return offer

    def finish(self, end_lot: Callable[[], Wakes | None], result: str) -> str:
        """End a lot in the ledger and send the wake-ups that follow; return the result for people.

        A lot whose lease was lost belongs to another seat now.
        """
        wakes = self.ask(end_lot)
        if wakes is None:
            return "lease lost: nothing was changed"
        self.wake(wakes)
        return result


def count_cards(lot: Lot) -> str:
    """Return the size of a lot in words."""
    return f"{len(lot.cards)} card{'s' if len(lot.cards) > 1 else ''}"
