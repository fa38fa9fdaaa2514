"""The courses of cards: their histories without times. A million cards have a few hundred courses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lembur.domain.card import MOVES, Status
from lembur.ledger.schema import PENDING, count_prints, drop_corrected, moves_of, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOTE: Final = re.compile(r"\|[A-Z][^|]*")
"""An entry of a history that changes no status, such as the serial of a blank."""
DIGITS: Final = str.maketrans("", "", "-0123456789")
KINDS: Final = ("good", "spoiled")
COURSES: Final = 10_000
STATION: Final = 3
"""The field of a record with its station."""
FIELDS: Final = 7
"""Fields of a record before its history."""
BETWEEN: Final = "||"
"""Stands between two histories. No history has it, because none of its entries is empty."""


@dataclass(frozen=True, slots=True)
class Course:
    """A history without its times: where the card is now, what is wrong, and what was printed."""

    status: Status
    faults: tuple[tuple[str, str], ...]
    """Broken invariants, each with the two statuses that show it."""
    may_be_logged: bool
    """True where its printer may have logged it already, and the ledger does not know yet."""
    prints: tuple[tuple[str, int, int], ...]
    """For good and for spoiled ones: the prints that a printer reported, and those that a person settled."""


def strip_records(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return the station of each record, and its history without times and notes.

    The digits of reasons are lost too. No course depends on them. All histories are stripped in one text, because each
    call costs more than its work.
    """
    if not texts:
        return iter(())
    rows = [text.split("|", FIELDS) for text in texts]
    histories = BETWEEN.join([row[FIELDS] for row in rows])
    if not histories.islower():
        histories = NOTE.sub("", histories)
    return zip([row[STATION] for row in rows], histories.translate(DIGITS).split(BETWEEN), strict=True)


@lru_cache(COURSES)
def read_course(history: str, claimed: bool) -> Course:  # noqa: FBT001 - a keyword costs time for each card
    """Return the course of a history without times."""
    timed = (f"{entry[0]}0{entry[1:]}" for entry in history.split("|"))
    record = parse_record("|".join(("0", "0", "0", "", "", "", "", *timed)), "0" if claimed else None)
    moves = moves_of(record)
    may_be_logged = bool(moves) and moves[-1][0] in PENDING
    by_printer, by_hand = count_prints(moves)
    prints = tuple((kind, by_printer[kind], by_hand[kind]) for kind in KINDS)
    return Course(record.status, tuple(_faults(moves)), may_be_logged, prints)


def _faults(moves: Sequence[tuple[Status, str]]) -> Iterator[tuple[str, str]]:
    for (before, _), (after, _) in pairwise(moves):
        if after not in MOVES[before]:
            yield "every move is a legal one", f": {before} to {after}"
    if [status for status, _ in drop_corrected(moves)].count(Status.CARD_PRINTED) > 1:
        yield "one good card per request", ""
