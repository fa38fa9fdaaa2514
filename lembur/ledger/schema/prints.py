"""The prints in a card's history: good cards and spoiled blanks."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lembur.domain.card import GIVEN_UP, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.ledger.schema.records import Record

PENDING: Final = frozenset({Status.SENT_FOR_CARD_PRINTING, Status.PRINT_UNCONFIRMED})
"""Statuses of a card that its printer may have logged before the ledger knows it."""


def drop_corrected(moves: Sequence[tuple[Status, str]]) -> list[tuple[Status, str]]:
    """Return the moves of a card without the findings that a second person corrected."""
    kept: list[tuple[Status, str]] = []
    for status, why in moves:
        if status is Status.PRINT_UNCONFIRMED and kept and kept[-1][0] is not Status.SENT_FOR_CARD_PRINTING:
            kept.pop()  # The wrong finding. Before it the card was unconfirmed, as it is again.
        else:
            kept.append((status, why))
    return kept


def count_prints(moves: Sequence[tuple[Status, str]]) -> tuple[Counter[str], Counter[str]]:
    """Count the prints in a card's history: those that a printer reported, and those that a person settled."""
    by_printer: Counter[str] = Counter()
    by_hand: Counter[str] = Counter()
    for (before, _), (after, why) in pairwise(drop_corrected(moves)):
        if before in PENDING and after is Status.CARD_PRINTED:
            (by_hand if before is Status.PRINT_UNCONFIRMED else by_printer)["good"] += 1
        elif before is Status.SENT_FOR_CARD_PRINTING and after is Status.PRINT_READY_RECORD:
            by_printer["spoiled"] += why != GIVEN_UP
        elif before is Status.PRINT_UNCONFIRMED and after is Status.PRINT_READY_RECORD:
            by_hand["spoiled" if why.startswith("spoiled") else "untouched"] += 1
    return by_printer, by_hand


def moves_of(record: Record) -> list[tuple[Status, str]]:
    """Return the statuses that a card has had, each with its reason, oldest first."""
    return [(Status(one.what), one.why) for one in record.history if one.what in Status.__members__]


def count_spoiled(record: Record) -> int:
    """Count the blanks that a card spoiled, by its printer or as a person found."""
    by_printer, by_hand = count_prints(moves_of(record))
    return by_printer["spoiled"] + by_hand["spoiled"]
