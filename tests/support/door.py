"""A stand-in for the ledger's door: it knows everyone it has enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.card import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.intake import Applicant


class Door:
    """Enrols whoever is new, and counts the lots."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.known: set[str] = set()
        self.lots: list[int] = []

    def __call__(self, rows: Sequence[Applicant]) -> list[Outcome]:
        """Enrol the new ones."""
        found = [Outcome.KNOWN if row.nik.digits in self.known else Outcome.ENROLLED for row in rows]
        self.known.update(row.nik.digits for row in rows)
        self.lots.append(len(rows))
        return found
