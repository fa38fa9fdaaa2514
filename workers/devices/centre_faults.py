"""What a mishap makes of a question to the centre: when it ends, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.card import Status
from lembur.domain.circuit_breaker import BOUND_MS, Trouble
from lembur.domain.scenario import Mishap
from workers.devices import CentreFailedError, CentreReply, ExpectedVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.types import Lot

REFUSED_MS = 1_000
"""So long it takes to find out that nobody takes the question (assumed)."""
SLOW_TIMES = 5
"""A slow answer takes so many times as long (assumed)."""


def delay(mishap: Mishap, start_ms: int, planned: Sequence[ExpectedVerdict]) -> list[ExpectedVerdict]:
    """When a lot's answers come; when none comes, the moment at which it is given up."""
    if mishap is Mishap.REFUSE:
        return [ExpectedVerdict(start_ms + REFUSED_MS, one.verdict) for one in planned]
    if mishap is Mishap.HANG:
        return [ExpectedVerdict(planned[-1].end_ms + BOUND_MS, one.verdict) for one in planned]
    if mishap is Mishap.SLOW:
        return [ExpectedVerdict(start_ms + SLOW_TIMES * (one.end_ms - start_ms), one.verdict) for one in planned]
    return list(planned)


def deliver(mishap: Mishap, lot: Lot, said: list[CentreReply]) -> list[CentreReply]:
    """What comes back at the end; CentreFailedError when nothing does."""
    if mishap is Mishap.REFUSE:
        raise CentreFailedError(Trouble.REFUSED)
    if mishap is Mishap.HANG:
        raise CentreFailedError(Trouble.HANGING)
    if mishap is Mishap.DUPLICATE:
        return [*said, *said]
    if mishap is Mishap.OUT_OF_ORDER:
        return said[::-1]
    return make_garbage(lot, said) if mishap is Mishap.GARBAGE else said


def make_garbage(lot: Lot, said: list[CentreReply]) -> list[CentreReply]:
    """A verdict nobody knows, an answer for another card, or one too few, in turn."""
    wrong = [[CentreReply(said[0].card, "MAYBE")], [CentreReply("99999999", Status.PRINT_READY_RECORD)], []]
    return [*said[1:], *wrong[lot.position % len(wrong)]]
