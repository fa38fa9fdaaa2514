"""The acts of people on an office: one place for their checks, for command line, pages and REST."""

from lembur.actions.blanks import destroy_spoiled, find_blank, issue_card, note_blank
from lembur.actions.cards import CardVerb, find_card, handle_card, reprint_card, settle_card
from lembur.actions.changes import carry_out_change
from lembur.actions.office_link import OfficeLink
from lembur.actions.seats import cancel_seats, open_seats_of, order_window
from lembur.actions.stock import StockMove, move_stock

__all__ = [
    "CardVerb",
    "OfficeLink",
    "StockMove",
    "cancel_seats",
    "carry_out_change",
    "destroy_spoiled",
    "find_blank",
    "find_card",
    "handle_card",
    "issue_card",
    "move_stock",
    "note_blank",
    "open_seats_of",
    "order_window",
    "reprint_card",
    "settle_card",
]
