"""Printing: a seat takes the next lot of its station to a printer and tells what came out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lembur.ledger.types import ClaimRefusal
from workers.claiming import LotClaims, count_cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot, Wakes
    from workers.devices import Print, Printer


def next_lot(claims: LotClaims, station: StationCode, printer: Printer) -> str:
    """Let a seat do its next lot; what it says is for people."""
    taken = claims.claim_next(station, printer.plan)
    if isinstance(taken, ClaimRefusal):
        return f"no lot: {taken}"
    lot, planned = taken
    said = ""
    for prints in printer.print(
        lot, planned, claims.stopping
    ):  # one that says it twice changes nothing the second time
        said = claims.finish(claims.retry_until_answered(partial(commit, claims.ledger, lot, prints)), count_cards(lot))
    return said or claims.finish(
        claims.retry_until_answered(partial(settle, claims.ledger, lot, printer)), "no answer: its log was asked"
    )


def settle(ledger: Ledger, lot: Lot, printer: Printer) -> Wakes | None:
    """End a print lot of which nobody told the end: its printer's log knows, or a person must look."""
    prints = printer.call_off(lot)
    if prints is None:
        return ledger.unconfirm(lot)
    return commit(ledger, lot, prints) if prints else ledger.abandon(lot)


def commit(ledger: Ledger, lot: Lot, prints: Sequence[Print]) -> Wakes | None:
    """Tell the ledger what came out."""
    reasons, ends_ms = [one.reason for one in prints], [one.end_ms for one in prints]
    return ledger.commit(lot, reasons=reasons, ends_ms=ends_ms, rest_ms=sum(one.rest_ms for one in prints))
