"""Printing: a seat takes the next lot of its station to a printer and reports the result."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lembur.ledger.types import ClaimRefusal
from workers.claiming import LotClaims, count_cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot, LotEnd
    from workers.devices import Print, Printer


def next_lot(claims: LotClaims, station: StationCode, printer: Printer) -> str:
    """Print the next lot of a station; return the result for people."""
    if fault := printer.find_fault():
        return f"no lot: {fault}"
    claimed = claims.claim_next(station, printer.plan)
    if isinstance(claimed, ClaimRefusal):
        return f"no lot: {claimed}"
    lot, planned = claimed
    result = ""
    # A printer may give its result twice: the second commit changes nothing.
    for prints in printer.print(lot, planned, claims.stopping):
        result = claims.finish(partial(commit, claims.ledger, lot, prints, claims.next_most), count_cards(lot))
    return result or claims.finish(partial(settle, claims.ledger, lot, printer), "no answer: settled by the print log")


def settle(ledger: Ledger, lot: Lot, printer: Printer) -> LotEnd | None:
    """End a print lot without a result, by its printer's log or else by a person."""
    prints = printer.call_off(lot)
    if prints is None:
        return ledger.unconfirm(lot)
    return commit(ledger, lot, prints) if prints else ledger.abandon(lot)


def commit(ledger: Ledger, lot: Lot, prints: Sequence[Print], next_most: int = 0) -> LotEnd | None:
    """Commit the printer's result in the ledger; ask for the next lot, of at most `next_most` cards."""
    return ledger.commit(
        lot,
        reasons=[one.reason for one in prints],
        ends_ms=[one.end_ms for one in prints],
        rest_ms=sum(one.rest_ms for one in prints),
        printer=prints[0].printer,
        blanks=[one.blank for one in prints],
        next_most=next_most,
    )
