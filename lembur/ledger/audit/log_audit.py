"""Compare the cards with the stock and with the printers' own logs.

Cards change while they are read, so logs and counts are read twice: before the cards and after them. A printer logs a
job before it is committed. So each print in the first reading must be in a card, except for jobs in hand. Each print in
a card must be in the second reading. Counts that only grow must lie between the two readings in the same way.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.card import card_id
from lembur.domain.seats import StationCode
from lembur.ledger.audit.courses import KINDS
from lembur.ledger.queries.counts import counters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lembur.domain.card import CardId
    from lembur.ledger.audit.courses import Course
    from lembur.ledger.audit.print_logs import PrintLogs
    from lembur.ledger.ledger import Ledger

LOGGED = {f"logged_{kind}": kind for kind in KINDS}
"""Counts in the ledger, by station and by the machine of the printers."""


@dataclass(frozen=True, slots=True)
class AbsentLog:
    """Prints of a station in the logs of another machine."""

    owner: str
    station: StationCode
    good: int
    spoiled: int


def absent_logs(ledger: Ledger, logs: PrintLogs) -> list[AbsentLog]:
    """Return the logs that are not here, with the prints that they must hold."""
    here = logs.owners
    logged = {(LOGGED[what], *where): n for (what, *where), n in counters(ledger).items() if what in LOGGED}
    owners = sorted({(station, owner) for _, station, owner in logged if owner not in here})
    return [
        AbsentLog(owner, StationCode(station), *(logged.get((kind, station, owner), 0) for kind in KINDS))
        for station, owner in owners
    ]


@dataclass(frozen=True, slots=True)
class _Counts:
    """Blanks used and spoiled by station, prints of printers with a log elsewhere, and corrected findings.

    The first two only grow while no finding is corrected.
    """

    stock: Counter[tuple[str, str]]
    elsewhere: Counter[tuple[str, str]]
    withdrawn: int


@dataclass(slots=True)
class LogAudit:
    """One comparison. Make it before the cards are read, give it all cards, and complete it after the last one."""

    ledger: Ledger
    stations: Sequence[StationCode]
    logs: PrintLogs
    _before: _Counts = field(init=False)
    _cards: Counter[tuple[str, str]] = field(default_factory=Counter)
    _unseen: dict[tuple[str, str], array[int]] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    """The number of a card for each print that a printer reported, where the logs here may lack one of them."""
    _most: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Prints that the logs here may lack."""

    def __post_init__(self) -> None:
        """Read the logs and counts for the first time."""
        self.logs.read_new()
        self._before = self._read_counts()

    def compare_cards(
        self, cards: Sequence[CardId], station: str, course: Course, logged: tuple[int, int]
    ) -> Iterator[tuple[str, str]]:
        """Compare cards with the first reading of the logs. All have one course, and as many prints in the logs."""
        pending = course.may_be_logged
        for (kind, by_printer, by_hand), in_logs in zip(course.prints, logged, strict=True):
            known = by_printer + by_hand
            if not (in_logs or known):
                continue
            self._cards[kind, station] += known * len(cards)
            if in_logs > known + pending:
                yield from ((f"what a printer logs as {kind} is {kind} in the ledger", card) for card in cards)
            # A row may also be a print that a person confirmed, or a print that is not committed yet.
            if most := by_printer - max(0, in_logs - by_hand - pending):
                self._unseen[kind, station].extend(list(map(int, cards)) * by_printer)
                self._most[kind, station] += most * len(cards)

    def compare_totals(self) -> Iterator[tuple[str, str]]:
        """Compare the rest with a second reading of the logs and counts."""
        self.logs.read_new()
        after = self._read_counts()
        yield from (("no printer gives out a card twice", card) for card, times in self.logs.good.items() if times > 1)
        last = self.ledger.serial()
        strangers = sorted(card for card in self.logs.good | self.logs.spoiled if int(card) > last)
        yield from (("every card a printer knows is enrolled", card) for card in strangers)
        for kind, prints in zip(KINDS, (self.logs.good, self.logs.spoiled), strict=True):
            logged = _count_by_number(prints, last)
            for station in self.stations:
                yield from self._check_blanks(kind, station, after)
                yield from self._check_logged(kind, station, after, logged)

    def _check_blanks(self, kind: str, station: str, after: _Counts) -> Iterator[tuple[str, str]]:
        which = kind, station
        if self._before.withdrawn != after.withdrawn:
            return  # A finding was corrected meanwhile, so used and spoiled blanks did not only grow.
        if not self._before.stock[which] <= self._cards[which] <= after.stock[which]:
            yield f"blanks are {kind} as the cards show", f"{station}: {after.stock[which]}, not {self._cards[which]}"

    def _check_logged(
        self, kind: str, station: str, after: _Counts, logged: NDArray[np.int64]
    ) -> Iterator[tuple[str, str]]:
        """Compare the prints of the cards with those in the logs here as they are now, counted by card number."""
        unseen = np.asarray(self._unseen[kind, station])
        absent = np.maximum(np.bincount(unseen, minlength=len(logged)) - logged, 0)
        least, most = (grown.elsewhere[kind, station] for grown in (self._before, after))
        invariant = f"what is {kind} in the ledger is {kind} in a printer's log"
        if not most:
            yield from ((invariant, card_id(number)) for number in np.flatnonzero(absent).tolist())
        elif self._most[kind, station] < least or absent.sum() > most:
            yield invariant, f"{station}: {absent.sum()} not in the logs here, but {most} in those elsewhere"

    def _read_counts(self) -> _Counts:
        pipe = self.ledger.server.pipeline(transaction=True)
        for code in self.stations:
            pipe.hmget(self.ledger.key("stock", code), "used", "spoiled")
        stock: Counter[tuple[str, str]] = Counter()
        for code, (used, spoiled) in zip(self.stations, pipe.execute(), strict=True):
            stock["good", code], stock["spoiled", code] = int(used or 0), int(spoiled or 0)
        elsewhere: Counter[tuple[str, str]] = Counter()
        for one in absent_logs(self.ledger, self.logs):
            elsewhere["good", one.station] += one.good
            elsewhere["spoiled", one.station] += one.spoiled
        withdrawn = sum(n for (what, *_), n in counters(self.ledger).items() if what == "withdrawn")
        return _Counts(stock, elsewhere, withdrawn)


def _count_by_number(prints: Counter[CardId], last: int) -> NDArray[np.int64]:
    """Return the prints of each card by its number, up to the last card."""
    found = np.zeros(last + 1, np.int64)
    numbers = np.fromiter(map(int, prints), np.int64, len(prints))
    known = numbers <= last
    found[numbers[known]] = np.fromiter(prints.values(), np.int64, len(prints))[known]
    return found
