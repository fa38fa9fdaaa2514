"""Lot claims: a seat asks for an offer, plans it, claims it, and starts over when another seat was quicker.

A seat whose lots are quick takes lot after lot in one turn, without a message in between.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from lembur.ledger.types import ClaimRefusal, Lot, LotEnd, Offer, Wakes
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

TURN_S: Final = 5.0
"""Time for which a seat goes on by itself. A card at the office's own pace takes longer, so it has a message each."""


@dataclass(slots=True)
class Turn:
    """The turn of one seat: its end by the monotonic clock, the offer for the lot that begins, and the one after it.

    The end of a lot wakes the station. In a turn the seat gets the next offer instead of one of these wake-ups.
    """

    over_s: float
    offer: Offer | None = None
    next_offer: Offer | None = None

    def begin_next(self) -> bool:
        """Take the next offer for the lot that begins now; return False when there is none."""
        self.offer, self.next_offer = self.next_offer, None
        return self.offer is not None


@dataclass(frozen=True, slots=True)
class LotClaims:
    """Takes lots for the seats of one worker process and reports their ends to the ledger.

    `lot_cards` is the largest lot. `owner` names the printers of this machine: each lot's name begins with it. Within a
    `turn` a seat goes on with the next lot by itself.
    """

    ledger: Ledger
    wake: Callable[[Wakes], None]
    lot_cards: int
    lease_ms: int
    owner: str
    stopping: Event
    outage: Outage = field(default_factory=lambda: Outage("seats wait", log.warning))
    turn: Turn | None = None
    turnstiles: dict[StationCode, Lock] = field(default_factory=dict)
    """At each station one seat asks and claims at a time. An offer is good for one seat; the others would ask again."""

    def ask(self, question: Callable[[], Reply]) -> Reply:
        """Ask the ledger until it answers, so that no print is forgotten while the server is away."""
        return retry_until_answered(question, outage=self.outage, stopping=self.stopping)

    def claim_next(
        self, station: StationCode, plan: Callable[[Offer], Sequence[Step]]
    ) -> tuple[Lot, Sequence[Step]] | ClaimRefusal:
        """Claim the next lot of a station as its device plans it, or return the reason why there is none."""
        with self.turnstiles.setdefault(station, Lock()):
            claimed = self._claim_offered(station, plan)
        if not isinstance(claimed, ClaimRefusal):
            self.wake(claimed[0].wakes)
        return claimed

    def _claim_offered(
        self, station: StationCode, plan: Callable[[Offer], Sequence[Step]]
    ) -> tuple[Lot, Sequence[Step]] | ClaimRefusal:
        if self.stopping.is_set():
            return ClaimRefusal.CLOSED
        offer: Offer | ClaimRefusal | None = self.turn.offer if self.turn else None
        offer = offer or self.ask(partial(self.ledger.offer, station, most=self.lot_cards))
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
                return claimed, planned
            offer = claimed
        return offer

    @property
    def next_most(self) -> int:
        """The most cards of the lot with which the seat goes on; 0 if it does not, because its turn is over."""
        goes_on = self.turn and time.monotonic() < self.turn.over_s and not self.stopping.is_set()
        return self.lot_cards if goes_on else 0

    def finish(self, end_lot: Callable[[], LotEnd | None], result: str) -> str:
        """End a lot in the ledger and send the wake-ups that follow; return the result for people.

        A lot whose lease was lost belongs to another seat now.
        """
        end = self.ask(end_lot)
        if end is None:
            return "lease lost: nothing was changed"
        if self.turn:
            self.turn.next_offer = end.offer
        self.wake(end.wakes)
        return result


def take_turn(claims: LotClaims, next_lot: Callable[[LotClaims], str]) -> str:
    """Take lots in one turn, as long as each end offers the next; return the last result for people."""
    turn = Turn(time.monotonic() + TURN_S)
    own = replace(claims, turn=turn)
    result, lots = next_lot(own), 1
    while turn.begin_next():
        result, lots = next_lot(own), lots + 1
    return result if lots == 1 else f"{lots} lots, the last one: {result}"


def count_cards(lot: Lot) -> str:
    """Return the size of a lot in words."""
    return f"{len(lot.cards)} card{'s' if len(lot.cards) > 1 else ''}"
