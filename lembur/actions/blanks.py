"""Acts on blanks by their serials: the hand-over that checks one, notes, and the destruction of spoiled blanks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.card import BlankSerial, parse_serial
from lembur.domain.errors import StockError
from lembur.ledger import queries
from lembur.office import read_setup

if TYPE_CHECKING:
    from lembur.actions.office_link import OfficeLink
    from lembur.domain.card import CardId, Collector


def issue_card(office: OfficeLink, card: CardId, *, to: Collector, by: str, serial: str = "") -> None:
    """Note that a card was handed over; with a serial as it was typed, check that it is the right card."""
    office.ledger.issue(card, to=to, by=by, blank=parse_serial(serial) if serial else None)


def note_blank(office: OfficeLink, card: CardId, serial: str, *, spoiled: bool, by: str) -> BlankSerial:
    """Note the blank that became a card, or that the card spoiled; return its serial as it is kept."""
    blank = parse_serial(serial)
    (office.ledger.note_spoiled_blank if spoiled else office.ledger.note_blank)(card, blank, by=by)
    return blank


def find_blank(office: OfficeLink, serial: str) -> queries.BlankView:
    """Find a blank by its serial as it was typed: its use, and its card."""
    wanted = parse_serial(serial)
    found = queries.find_blank(office.ledger, wanted)
    if found is None:
        raise StockError("blank %(wanted)s was never noted", wanted=wanted)
    return found


def destroy_spoiled(office: OfficeLink, station: str, *, minutes: str, witness: str, by: str) -> int:
    """Destroy the spoiled blanks of a station that no earlier minutes have; return their number."""
    code = read_setup(office.ledger).find_station(station)
    return office.ledger.destroy_spoiled(code, minutes=minutes, witness=witness, by=by)
