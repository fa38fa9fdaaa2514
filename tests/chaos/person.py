"""Who settles unconfirmed cards: goes to the printers, cancels what may still come, looks, and says what came out."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lembur.domain.card import CardId
from lembur.domain.errors import CardError
from lembur.domain.seats import StationCode
from lembur.ledger import queries
from lembur.ledger.types import Finding, Lot
from support.servers import redis_of
from workers.devices.job_log import JobLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lembur.ledger import Ledger


@dataclass(slots=True)
class Person:
    """Knows the printers' own logs of all hosts, in their data folders."""

    ledger: Ledger
    folders: Sequence[Path]
    seen: dict[str, int] = field(default_factory=dict)
    """The unconfirmed lots met, and how many cards each held."""

    def settle(self) -> int:
        """Settle every card that waits for a person; answers how many were settled."""
        waiting = [card for card, _ in queries.unconfirmed_cards(self.ledger)]
        lots, settled = self._lots() if waiting else {}, 0
        for card in waiting:
            lot = lots[card]
            self.seen[lot.name] = len(lot.cards)
            with suppress(CardError):  # a card on the shelf that is not unconfirmed: `reconcile` will say so
                self.ledger.confirm(card, finding=self._look(lot, card), by="chaos")
                settled += 1
        return settled

    def _lots(self) -> dict[CardId, Lot]:
        """The lot in which each unconfirmed card was last."""
        events = redis_of(self.ledger.server).xrange(self.ledger.prefix + "events")
        rows = [json.loads(fields["data"]) for _, fields in events if fields["kind"] == "unconfirmed"]
        lots = [
            Lot(row["lot"], StationCode(row["station"]), -1, 0, tuple(map(CardId, row["cards"])), ()) for row in rows
        ]
        return {card: lot for lot in lots for card in lot.cards}

    def _look(self, lot: Lot, card: CardId) -> Finding:
        for folder in self.folders:
            path = folder / "printers" / f"{lot.station}.jsonl"
            JobLog(path).call_off(lot)  # whoever slept will not print it any more
            for row in rows(path):
                if row["lot"] == lot.name and card in row.get("cards", ()):
                    return Finding.SPOILED if row["reasons"][row["cards"].index(card)] else Finding.PRINTED
        return Finding.UNTOUCHED


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """What a printer wrote of its jobs, whole lines only."""
    if path.exists():
        for line in path.read_text().splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue
