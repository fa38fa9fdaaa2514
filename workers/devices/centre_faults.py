"""Faults of the simulated centre: how a mishap changes the end of a request and its replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.card import Status
from lembur.domain.circuit_breaker import BOUND_MS, Trouble
from lembur.domain.scenario import Mishap
from workers.devices.centre import CentreFailedError, CentreReply, ExpectedVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.types import Lot

REFUSED_MS = 1_000
"""Time until a refused request is noticed (assumed)."""
SLOW_TIMES = 5
"""A slow answer takes this many times as long (assumed)."""


def delay(mishap: Mishap, start_ms: int, planned: Sequence[ExpectedVerdict]) -> list[ExpectedVerdict]:
    """Move the ends of a lot's verdicts. Without an answer they move to the moment at which the request is given up."""
    if mishap is Mishap.REFUSE:
        return [ExpectedVerdict(start_ms + REFUSED_MS, one.verdict) for one in planned]
    if mishap is Mishap.HANG:
        return [ExpectedVerdict(planned[-1].end_ms + BOUND_MS, one.verdict) for one in planned]
    if mishap is Mishap.SLOW:
        return [ExpectedVerdict(start_ms + SLOW_TIMES * (one.end_ms - start_ms), one.verdict) for one in planned]
    return list(planned)


def deliver(mishap: Mishap, lot: Lot, replies: list[CentreReply]) -> list[CentreReply]:
    """Return the replies that arrive; raise CentreFailedError when none does."""
    if mishap is Mishap.REFUSE:
        raise CentreFailedError(Trouble.REFUSED)
    if mishap is Mishap.HANG:
        raise CentreFailedError(Trouble.HANGING)
    if mishap is Mishap.DUPLICATE:
        return [*replies, *replies]
    if mishap is Mishap.OUT_OF_ORDER:
        return replies[::-1]
    return make_garbage(lot, replies) if mishap is Mishap.GARBAGE else replies


def make_garbage(lot: Lot, replies: list[CentreReply]) -> list[CentreReply]:
    """Return in turn an unknown verdict, a reply about another card, or one reply less than needed."""
    wrong = [[CentreReply(replies[0].card, "MAYBE")], [CentreReply("99999999", Status.PRINT_READY_RECORD)], []]
    return [*replies[1:], *wrong[lot.position % len(wrong)]]
