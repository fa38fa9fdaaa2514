"""Verification: a line takes the next lot to the centre and brings its verdicts back."""

from __future__ import annotations

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
    """Let a line do its next lot; what it says is for people."""
    taken = claims.claim_next(CENTRE, centre.plan)
    if isinstance(taken, ClaimRefusal):
        return f"no lot: {taken}"
    lot, planned = taken
    try:
        said = centre.ask(lot, planned, claims.stopping)
        if said is None:
            return claims.finish(
                claims.retry_until_answered(partial(claims.ledger.abandon, lot)), "stopped: given back"
            )
        found = verdicts(lot, said)
    except CentreFailedError as failed:
        fail = partial(claims.ledger.fail, lot, trouble=failed.trouble)
        return claims.finish(
            claims.retry_until_answered(fail), f"the centre failed {count_cards(lot)}: {failed.trouble}"
        )
    return claims.finish(
        claims.retry_until_answered(partial(claims.ledger.answer, lot, verdicts=found)), count_cards(lot)
    )


def verdicts(lot: Lot, said: Sequence[CentreReply]) -> list[Status]:
    """The verdicts in the order of the lot's cards; in what order they came, or how often, does not matter.

    An answer that lacks a card, knows one of another lot, contradicts itself or uses a word that is no verdict is
    refused whole: what else it says is worth no more.
    """
    found = {one.card: one.verdict for one in said}
    contradicted = len({(one.card, one.verdict) for one in said}) != len(found)
    if contradicted or found.keys() != set(lot.cards) or not VERDICTS.issuperset(found.values()):
        raise CentreFailedError(Trouble.GARBAGE)
    return [Status(found[card]) for card in lot.cards]
