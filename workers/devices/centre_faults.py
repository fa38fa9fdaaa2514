"""What a mishap makes of a question to the centre: when it ends, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.card import Status
from lembur.domain.circuit_breaker import BOUND_MS, Mishap, Trouble
from workers.devices import Answer, CentreFailedError, Said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.types import Lot

REFUSED_MS = 1_000
"""So long it takes to find out that nobody takes the question (assumed)."""
SLOW_TIMES = 5
"""A slow answer takes so many times as long (assumed)."""


def delayed(mishap: Mishap, start_ms: int, planned: Sequence[Answer]) -> list[Answer]:
    """When a lot's answers come; when none comes, the moment at which it is given up."""
    if mishap is Mishap.REFUSE:
        return [Answer(start_ms + REFUSED_MS, one.verdict) for one in planned]
    if mishap is Mishap.HANG:
        return [Answer(planned[-1].end_ms + BOUND_MS, one.verdict) for one in planned]
    if mishap is Mishap.SLOW:
        return [Answer(start_ms + SLOW_TIMES * (one.end_ms - start_ms), one.verdict) for one in planned]
    return list(planned)


def delivered(mishap: Mishap, lot: Lot, said: list[Said]) -> list[Said]:
    """What comes back at the end; CentreFailedError when nothing does."""
    if mishap is Mishap.REFUSE:
        raise CentreFailedError(Trouble.REFUSED)
    if mishap is Mishap.HANG:
        raise CentreFailedError(Trouble.HANGING)
    if mishap is Mishap.DUPLICATE:
        return [*said, *said]
    if mishap is Mishap.OUT_OF_ORDER:
        return said[::-1]
    return garbage(lot, said) if mishap is Mishap.GARBAGE else said


def garbage(lot: Lot, said: list[Said]) -> list[Said]:
    """A verdict nobody knows, an answer for another card, or one too few, in turn."""
    wrong = [[Said(said[0].card, "MAYBE")], [Said("99999999", Status.PRINT_READY_RECORD)], []]
    return [*said[1:], *wrong[lot.position % len(wrong)]]
