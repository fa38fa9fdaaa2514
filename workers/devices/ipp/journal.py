"""The worker's side of the fence's journal: the jobs that a printer may begin, those that it began, and their ends."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.devices.ipp import fence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class JobRecord:
    """The journal's rows of one job. They decide, and never the print server's state of the job."""

    rows: Sequence[Mapping[str, object]]

    @property
    def has_begun(self) -> bool:
        """The printer took the job: a blank may be used."""
        return any(row["what"] == "begun" for row in self.rows)

    @property
    def begun_ms(self) -> int:
        """The moment at which the printer took the job, by the wall clock; 0 before it."""
        return next((int(str(row["at"])) for row in self.rows if row["what"] == "begun"), 0)

    @property
    def is_refused(self) -> bool:
        """The fence refused the job before it began."""
        return not self.has_begun and any(row["what"] == "refused" for row in self.rows)

    @property
    def end(self) -> Mapping[str, object] | None:
        """The row of the end, with `code`, `pages`, `states` and `at`; None while the outcome is not known."""
        return next((row for row in self.rows if row["what"] == "ended"), None)

    @property
    def printer(self) -> str:
        """The queue that began the job."""
        return next((str(row["printer"]) for row in self.rows if row["what"] == "begun"), "")


class FenceJournal:
    """A station's journal, shared by its worker and the fences of its queues on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)

    def find_fault(self) -> str:
        """Return the reason why the journal cannot be written now, or ''."""
        try:
            with self._path.open("ab"):
                return ""
        except OSError as fault:
            return f"the journal {self._path} cannot be written: {fault.strerror}"

    def allow(self, job: str, *, until_s: float) -> bool:
        """Allow a job to begin until a moment of this machine's monotonic clock; False if it was called off."""
        with fence.lock(self._path) as file:
            if any(row["what"] == "called off" for row in fence.rows_of(file, job)):
                return False
            fence.append(file, job, "allowed", until_s=until_s, boot=fence.boot())
        return True

    def size(self) -> int:
        """Return the journal's length; the rows of a new job stand behind it."""
        with fence.lock(self._path) as file:
            return file.seek(0, os.SEEK_END)

    def read(self, job: str, *, behind: int = 0) -> JobRecord:
        """Return the journal's rows of a job; a journal grows for years, so a new job is read from its place on."""
        with fence.lock(self._path) as file:
            file.seek(behind)
            return JobRecord(fence.rows_of(file, job))

    def begun_jobs(self) -> dict[str, JobRecord]:
        """Return every job that a printer took, by its name."""
        rows: dict[str, list[Mapping[str, object]]] = {}
        with fence.lock(self._path) as file:
            for row in fence.rows_of(file):
                rows.setdefault(str(row.get("job")), []).append(row)
        records = {job: JobRecord(found) for job, found in rows.items()}
        return {job: record for job, record in records.items() if record.has_begun}

    def call_off(self, job: str) -> JobRecord:
        """Return the journal's rows of a job. A job that has not begun is called off and never begins."""
        with fence.lock(self._path) as file:
            record = JobRecord(fence.rows_of(file, job))
            if not record.has_begun:
                fence.append(file, job, "called off")
        return record

    def is_at_work(self, printer: str) -> bool:
        """Return True if the fence or the printer's backend still works on a job of this queue."""
        try:
            with self._path.with_name(f"{self._path.name}.{printer}.busy").open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False
