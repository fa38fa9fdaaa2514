"""A printer's own job log: a file beside it, outside the ledger, that says which cards really came out."""

from __future__ import annotations

import json
import os
from threading import Lock
from typing import TYPE_CHECKING

from workers.devices import Print

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lembur.ledger.values import Lot


class JobLog:
    """One line a lot that came out of the printers of a station, on the disk before anyone is told."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, lot: Lot, prints: Sequence[Print]) -> None:
        """Append a lot and force it to the disk."""
        row = {
            "lot": lot.name,
            "cards": lot.cards,
            "ends": [p.end_ms for p in prints],
            "reasons": [p.reason for p in prints],
        }
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def find(self, lot: Lot) -> list[Print] | None:
        """The prints of a lot, empty when none came out; None when there is no log here that could know."""
        if not self._path.exists():
            return None
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                if lot.name in line:
                    row = json.loads(line)
                    return [Print(end, reason) for end, reason in zip(row["ends"], row["reasons"], strict=True)]
        return []
