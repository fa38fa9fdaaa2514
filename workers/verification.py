"""Verification: a line takes the next lot to the centre. Its verdicts come back with it, or are heard later.

A line waits for the simulated centre. It only asks a centre outside, which takes minutes or months; one reader hears
its verdicts.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from lembur.domain.card import VERDICTS, Status
from lembur.domain.circuit_breaker import Trouble
from lembur.domain.seats import CENTRE
from lembur.ledger.types import ClaimRefusal
from workers.claiming import LotClaims, count_cards
from workers.devices import CentreFailedError, OutsideCentre
from workers.hearing import hear_news

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.types import Lot
    from workers.devices import CentreClient, CentreReply, ExpectedVerdict

log = logging.getLogger(__name__)


def next_lot(claims: LotClaims, centre: CentreClient | OutsideCentre) -> str:
    """Take the next lot to the centre; return the result for people."""
    claimed = claims.claim_next(CENTRE, centre.plan)
    if isinstance(claimed, ClaimRefusal):
        return f"no lot: {claimed}"
    lot, planned = claimed
    outside = isinstance(centre, OutsideCentre)
    try:
        if isinstance(centre, OutsideCentre):
            return _ask(claims, centre, lot)
        return _verify(claims, centre, lot, planned)
    except CentreFailedError as failed:
        if failed.reason:
            log.warning("the centre takes no cards: %s", failed.reason)
        fail = partial(claims.ledger.fail, lot, trouble=failed.trouble, outside=outside, pause_ms=failed.pause_ms)
        return claims.finish(fail, f"the centre failed {count_cards(lot)}: {failed.trouble}")


def _verify(claims: LotClaims, centre: CentreClient, lot: Lot, planned: Sequence[ExpectedVerdict]) -> str:
    replies = centre.ask(lot, planned, claims.stopping)
    if replies is None:
        return claims.finish(partial(claims.ledger.abandon, lot), "stopped: given back")
    found = verdicts(lot, replies)
    return claims.finish(
        partial(claims.ledger.answer, lot, verdicts=found, next_most=claims.next_most), count_cards(lot)
    )


def _ask(claims: LotClaims, centre: OutsideCentre, lot: Lot) -> str:
    if not claims.ask(claims.ledger.centre_cursor):
        hear_news(claims, centre)  # The reply to the request has what the centre decided before this moment.
    known = centre.request(claims.ask(partial(claims.ledger.attempts, lot.cards)))
    asking = claims.ask(partial(claims.ledger.end_asking, lot))
    if asking is None:
        return "lease lost: nothing was changed"
    claims.wake(asking.wakes)
    if found := (*known, *asking.early):
        claims.wake(claims.ask(partial(claims.ledger.hear, found)).wakes)
    return f"{count_cards(lot)} asked"


def verdicts(lot: Lot, replies: Sequence[CentreReply]) -> list[Status]:
    """Return the verdicts in the order of the lot's cards.

    Replies may come in any order and more than once. An answer is refused whole if it lacks a card, has one of another
    lot, contradicts itself or has an unknown verdict: the rest of such an answer cannot be trusted.
    """
    found = {reply.card: reply.verdict for reply in replies}
    contradicted = len(set(replies)) != len(found)
    if contradicted or found.keys() != set(lot.cards) or not VERDICTS.issuperset(found.values()):
        raise CentreFailedError(Trouble.GARBAGE)
    return [Status(found[card]) for card in lot.cards]
