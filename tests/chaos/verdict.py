"""What the printers' own logs, the ledger and the faults say together after a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chaos.faults import notes
from chaos.person import rows
from lembur.domain.card import SHELVES, Status
from lembur.ledger import queries
from lembur.ledger.audit import reconcile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chaos.person import Person
    from lembur.office import OfficeSetup


@dataclass(slots=True)
class Judgement:
    """The figures of one run."""

    cards: int = 0
    printed: int = 0
    shelved: int = 0
    lost: int = 0
    doubled: int = 0
    blanks_unaccounted: int = 0
    violations: int = 0
    unconfirmed: Counter[str] = field(default_factory=Counter)
    """Cards that a person had to settle, by the reason."""
    unexplained: int = 0
    seconds: float = 0.0
    lost_bytes: int = 0
    """What the power cuts took from the append-only file."""
    faults: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    """The named points at which workers died or stopped."""

    @property
    def sound(self) -> bool:
        """Nothing is lost, doubled, unaccounted for or unexplained."""
        return not (self.lost or self.doubled or self.blanks_unaccounted or self.violations or self.unexplained)


def prints(folders: Iterable[Path]) -> tuple[Counter[str], Counter[str]]:
    """Good and spoiled prints of each card by the printers' own logs."""
    good: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for folder in folders:
        for path in (folder / "printers").glob("*.jsonl"):
            for row in rows(path):
                for card, reason in zip(row.get("cards", ()), row.get("reasons", ()), strict=True):
                    (bad if reason else good)[card] += 1
    return good, bad


def judge(setup: OfficeSetup, person: Person, doom: Path) -> Judgement:
    """Hold the ledger against the printers' logs, and the unconfirmed cards against the faults."""
    ledger, stations = person.ledger, setup.stations
    good, bad = prints(person.folders)
    stocks = [station.stock for station in queries.read_board(ledger, stations).stations]
    counts = ledger.counts()
    printed = counts.get(Status.CARD_PRINTED, 0)
    shelved = sum(counts.get(status, 0) for status in SHELVES - {Status.PRINT_UNCONFIRMED})
    why = {row["lot"]: row["why"] for row in notes(doom) if "why" in row}
    unconfirmed: Counter[str] = Counter()
    for lot, cards in person.seen.items():
        unconfirmed[why.get(lot, "unexplained")] += cards
    return Judgement(
        cards=ledger.serial(),
        printed=printed,
        shelved=shelved,
        lost=ledger.serial() - printed - shelved,
        doubled=sum(count > 1 for count in good.values()),
        blanks_unaccounted=sum(abs(stock.difference) for stock in stocks)
        + abs(sum(stock.used for stock in stocks) - good.total())
        + abs(sum(stock.spoiled for stock in stocks) - bad.total()),
        violations=len(reconcile(ledger, stations)),
        unconfirmed=unconfirmed,
        unexplained=unconfirmed["unexplained"],
    )
