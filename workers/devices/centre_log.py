"""The centre's own log: a file outside the ledger, with one row for each lot that it was asked about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.domain.scenario import Mishap
    from lembur.ledger.types import Lot


class CentreLog:
    """Rows for trials. A test counts them, and so the questions that reached the centre."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, lot: Lot, mishap: Mishap | None) -> None:
        """Add a row. Rows of several processes do not mix, because each is one write at the end of the file."""
        row = {"lot": lot.name, "first": lot.position, "cards": len(lot.cards), "start": lot.start_ms, "mishap": mishap}
        with self._path.open("a") as file:
            file.write(json.dumps(row) + "\n")
