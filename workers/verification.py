"""Verification: a line takes the next lot to the centre and brings its verdicts back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lembur.domain.card import VERDICTS, Status
from lembur.domain.circuit_breaker import Trouble
from lembur.domain.seats import CENTRE
from lembur.ledger.types import ClaimRefusal
from workers.claiming import LotClaims, count_cards
from workers.devices import CentreFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.types import Lot
    from workers.devices import CentreClient, CentreReply


def next_lot(claims: LotClaims, centre: CentreClient) -> str:
    """Verify the next lot at the centre; return the result for people."""
    claimed = claims.claim_next(CENTRE, centre.plan)
    if isinstance(claimed, ClaimRefusal):
        return f"no lot: {claimed}"
    lot, planned = claimed
    try:
        replies = centre.ask(lot, planned, claims.stopping)
        if replies is None:
            return claims.finish(partial(claims.ledger.abandon, lot), "stopped: given back")
        found = verdicts(lot, replies)
        if ends_ms := [reply.end_ms for reply in replies if reply.end_ms is not None]:
            lot = replace(lot, ends_ms=(max(ends_ms),) * len(lot.cards))
    except CentreFailedError as failed:
        fail = partial(claims.ledger.fail, lot, trouble=failed.trouble, pause_ms=failed.pause_ms)
        return claims.finish(fail, f"the centre failed {count_cards(lot)}: {failed.trouble}")
    return claims.finish(partial(claims.ledger.answer, lot, verdicts=found), count_cards(lot))


def verdicts(lot: Lot, replies: Sequence[CentreReply]) -> list[Status]:
    """Return the verdicts in the order of the lot's cards.

    Replies may come in any order and more than once. An answer is refused whole if it lacks a card, has one of another
    lot, contradicts itself or has an unknown verdict: the rest of such an answer cannot be trusted.
    """
    found = {reply.card: reply.verdict for reply in replies}
    contradicted = len({(reply.card, reply.verdict) for reply in replies}) != len(found)
    if contradicted or found.keys() != set(lot.cards) or not VERDICTS.issuperset(found.values()):
        raise CentreFailedError(Trouble.GARBAGE)
    return [Status(found[card]) for card in lot.cards]
