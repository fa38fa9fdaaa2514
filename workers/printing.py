"""Printing: a seat takes the next lot of its station to a printer and tells what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.ledger.values import Refusal
from workers.lots import Desk, told

if TYPE_CHECKING:
    from lembur.domain.capacity import StationCode
    from workers.devices import Printer


def next_lot(desk: Desk, station: StationCode, printer: Printer) -> str:
    """Let a seat do its next lot; what it says is for people."""
    taken = desk.take(station, printer.plan)
    if isinstance(taken, Refusal):
        return f"no lot: {taken}"
    lot, planned = taken
    prints = printer.print(lot, planned, desk.stopping)
    if prints is None:
        return desk.done(desk.insist(lambda: desk.ledger.abandon(lot)), "stopped: given back")
    reasons, ends_ms = [one.reason for one in prints], [one.end_ms for one in prints]
    wakes = desk.insist(lambda: desk.ledger.commit(lot, reasons=reasons, ends_ms=ends_ms))
    return desk.done(wakes, told(lot))
