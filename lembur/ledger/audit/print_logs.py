"""The printers' own job logs that lie on this machine: what really came out, whatever the ledger says."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lembur.domain.card import CardId
from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

OWNER = "owner"
"""The file that names whose printers log into a folder; the lots they print begin with it."""


@dataclass(slots=True)
class PrintLogs:
    """The logs in some folders, a row a job as the printers write it, counted card by card."""

    folders: Sequence[Path] = ()
    good: Counter[CardId] = field(default_factory=Counter)
    spoiled: Counter[CardId] = field(default_factory=Counter)
    _read: dict[Path, int] = field(default_factory=dict)

    @property
    def owners(self) -> frozenset[str]:
        """Whose logs are here."""
        return frozenset((folder / OWNER).read_text() for folder in self.folders if (folder / OWNER).exists())

    def read_new(self) -> None:
        """Count what was written since the last reading; a row that is being written is left for the next."""
        for folder in self.folders:
            for path in folder.glob("*.jsonl"):
                try:
                    self._count(path)
                except OSError as fault:
                    raise SettingsError(f"the printers' log {path} cannot be read: {fault.strerror}") from fault

    def _count(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read[path] = self._read.get(path, 0) + len(line)
                for card, reason in _prints_in(line):
                    (self.spoiled if reason else self.good)[card] += 1


def _prints_in(line: bytes) -> Iterator[tuple[CardId, str]]:
    try:
        row = json.loads(line)
    except ValueError:  # torn by a power cut: it was never committed, and a person settles its cards
        return
    for card, reason in zip(row.get("cards", ()), row.get("reasons", ()), strict=True):
        yield CardId(card), reason
