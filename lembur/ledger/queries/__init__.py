"""Reads the ledger without changing it.

The board, the cards and the counts are here. The modules `archive`, `circuit`, `forecasts`, `history`, `metrics`
and `snapshot` have one reader each and are imported by name.
"""

from lembur.ledger.queries.board import UNDER_WAY, Board, StationView, Stock, read_board
from lembur.ledger.queries.cards import (
    BlankView,
    CardView,
    find_blank,
    find_card,
    read_card,
    uncollected_cards,
    unconfirmed_cards,
    view_archived,
)
from lembur.ledger.queries.counts import (
    Tally,
    counters,
    due_before,
    lag_ms,
    last_print_ms,
    recent_tally,
    tally,
)

__all__ = [
    "UNDER_WAY",
    "BlankView",
    "Board",
    "CardView",
    "StationView",
    "Stock",
    "Tally",
    "counters",
    "due_before",
    "find_blank",
    "find_card",
    "lag_ms",
    "last_print_ms",
    "read_board",
    "read_card",
    "recent_tally",
    "tally",
    "uncollected_cards",
    "unconfirmed_cards",
    "view_archived",
]
