"""Verification: a line takes the next lot to the centre and brings its verdicts back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.capacity import CENTRE
from lembur.ledger.values import Refusal
from workers.lots import Desk, told

if TYPE_CHECKING:
    from workers.devices import Centre


def next_lot(desk: Desk, centre: Centre) -> str:
    """Let a line do its next lot; what it says is for people."""
    taken = desk.take(CENTRE, centre.plan)
    if isinstance(taken, Refusal):
        return f"no lot: {taken}"
    lot, planned = taken
    answers = centre.ask(lot, planned, desk.stopping)
    if answers is None:
        return desk.done(desk.insist(lambda: desk.ledger.abandon(lot)), "stopped: given back")
    verdicts = [answer.verdict for answer in answers]
    return desk.done(desk.insist(lambda: desk.ledger.answer(lot, verdicts=verdicts)), told(lot))
