"""The print logs on this machine: the true prints of its printers, whatever the ledger holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from lembur.domain.card import CardId
from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

OWNER = "owner"
"""The file with the name of the machine whose printers log into a folder.

The names of its lots begin with that name.
"""


class LoggedJob(BaseModel):
    """One row of a print log: a lot that came out of a printer, or a lot that was called off and will never come out.

    For each card it has the end of its print, the reason of a spoiled blank ('' for a good card), and the printer's
    rest. `printer` names a real printer, `blanks` are the serials that it knew. `unconfirmed` marks a job without a
    result, as after a jam.
    """

    model_config = ConfigDict(frozen=True)

    lot: str
    cards: tuple[CardId, ...] = ()
    ends: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    rests: tuple[int, ...] = ()
    blanks: tuple[str, ...] = ()
    printer: str = ""
    called_off: bool = False
    unconfirmed: bool = False

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if not len(self.cards) == len(self.ends) == len(self.reasons) == len(self.rests):
            raise ValueError("a job has one end, one reason and one rest for each card")
        if self.blanks and len(self.blanks) != len(self.cards):
            raise ValueError("a job has one blank for each card, or none")
        return self


def read_job(line: bytes) -> LoggedJob | None:
    """Return the job of a row; None when the row cannot be read, for example after a power cut."""
    try:
        return LoggedJob.model_validate_json(line)
    except ValidationError:
        return None


@dataclass(slots=True)
class PrintLogs:
    """The print logs in some folders, counted card by card."""

    folders: Sequence[Path] = ()
    good: Counter[CardId] = field(default_factory=Counter)
    spoiled: Counter[CardId] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    """Rows that cannot be read, as file and byte. Their cards were not committed, so a person settles them."""
    _read: dict[Path, int] = field(default_factory=dict)

    @property
    def owners(self) -> frozenset[str]:
        """The machines whose logs are here."""
        return frozenset((folder / OWNER).read_text() for folder in self.folders if (folder / OWNER).exists())

    def read_new(self) -> None:
        """Count the rows written since the last reading.

        A row that is still being written waits for the next reading.
        """
        for _, job in self.new_jobs():
            for card, reason in zip(job.cards, job.reasons, strict=True):
                (self.spoiled if reason else self.good)[card] += 1

    def new_jobs(self) -> Iterator[tuple[str, LoggedJob]]:
        """Yield the jobs written since the last reading, each with its station."""
        for folder in self.folders:
            for path in sorted(folder.glob("*.jsonl")):
                try:
                    for job in self._new_jobs_in(path):
                        yield path.stem, job
                except OSError as fault:
                    raise SettingsError(
                        "the print log %(path)s cannot be read: %(reason)s", path=path, reason=fault.strerror
                    ) from fault

    def _new_jobs_in(self, path: Path) -> Iterator[LoggedJob]:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break
                at = self._read.get(path, 0)
                self._read[path] = at + len(line)
                if job := read_job(line):
                    yield job
                else:
                    self.unreadable.append(f"{path}, byte {at}")
