"""The print log of a station: a file outside the ledger with the jobs that came out of its printers."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import time
from contextlib import contextmanager
from errno import ENOSPC
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from lembur.files import create_private
from lembur.ledger.audit import OWNER, LoggedJob, read_job
from workers.devices.printer import Print

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lembur.ledger.types import Lot

ROOM_BYTES = 64 * 1024
"""Space on the disk that a station needs before it claims: more than the row of the largest lot."""

log = logging.getLogger(__name__)


def owner_of(folder: Path) -> str:
    """Return the name of the machine whose printers log into this folder.

    It is made on first use, and begins each lot's name.
    """
    path = folder / OWNER
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        create_private(path, secrets.token_hex(4))
    return path.read_text()


class JobLog:
    """A log with one row for each lot that came out, on the disk before any other process knows of it.

    A lot that was called off has a row too, so that the printer refuses it when a slow seat sends it after all. A row
    that cannot be read is logged once, and a lot that it may be about goes to a person. The processes of one machine
    share the file under its lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._owner = owner_of(path.parent)
        self._lock = Lock()
        self._read_upto = 0
        self._called_off: set[str] = set()
        self._fault = ""

    @property
    def folder(self) -> Path:
        """The folder of this machine's print logs."""
        return self._path.parent

    def find_fault(self) -> str:
        """Return the reason why the log cannot be written now, or ''. Log a change of it once."""
        try:
            with self._path.open("ab"):
                disk = os.statvfs(self._path)
        except OSError as fault_found:
            reason = str(fault_found.strerror)
        else:
            reason = os.strerror(ENOSPC) if disk.f_bavail * disk.f_frsize < ROOM_BYTES else ""
        fault = reason and f"the print log {self._path} cannot be written: {reason}"
        if fault != self._fault:
            self._fault = fault
            log.warning("%s", fault or f"the print log {self._path} can be written again")
        return fault

    def write(self, lot: Lot, prints: Sequence[Print], *, confirmed: bool = True) -> bool:
        """Append the prints of a lot and force them to the disk; False, without a print, for a lot that was called off.

        A lot past its lease is refused too, because on another machine a person may have settled it.
        """
        with self._open_locked() as file:
            self._catch_up(file)
            if lot.name in self._called_off or time.monotonic() > lot.held_until_s:
                return False
            whole = file.seek(0, os.SEEK_END) == self._read_upto
            self._append(file, _job_of(lot, prints, confirmed=confirmed))
            if whole:  # Behind a torn row the new one is read with it.
                self._read_upto = file.tell()
        return True

    def is_own(self, lot: Lot) -> bool:
        """Return True if the printers that log here print the lot."""
        return lot.name.startswith(self._owner)

    def write_once(self, lot: Lot, prints: Sequence[Print]) -> None:
        """Append the prints of a lot that has no row yet, as its printer reports them."""
        with self._open_locked() as file:
            file.seek(0)
            if not any(_may_be_of(line, lot) for line in file):
                self._append(file, _job_of(lot, prints))

    def lots(self) -> set[str]:
        """Return the names of all lots with a row."""
        with self._open_locked() as file:
            file.seek(0)
            return {job.lot for line in file if (job := read_job(line))}

    def call_off(self, lot: Lot) -> list[Print] | None:
        """Return the prints of a lot; empty when there are none and will be none, None when unknown here."""
        if not self.is_own(lot):
            return None
        try:
            with self._open_locked() as file:
                return self._find_or_call_off(file, lot)
        except OSError as fault:
            log.warning("the print log %s cannot be used: %s", self._path, fault.strerror)
            return None

    def _find_or_call_off(self, file: BinaryIO, lot: Lot) -> list[Print] | None:
        file.seek(0)
        for line in file:
            if _may_be_of(line, lot):
                job = read_job(line)
                if job is None or job.unconfirmed:
                    return None
                blanks = job.blanks or [""] * len(job.cards)
                rows = zip(job.ends, job.reasons, job.rests, blanks, strict=True)
                return [Print(end, why, rest, job.printer, blank) for end, why, rest, blank in rows]
        self._append(file, LoggedJob(lot=lot.name, called_off=True))
        return []

    def _catch_up(self, file: BinaryIO) -> None:
        file.seek(self._read_upto)
        for line in file:
            if not line.endswith(b"\n"):
                break
            job = read_job(line)
            if job is None:
                log.warning("the print log %s has a row at byte %d that cannot be read", self._path, self._read_upto)
            elif job.called_off:
                self._called_off.add(job.lot)
            self._read_upto += len(line)

    def _append(self, file: BinaryIO, job: LoggedJob) -> None:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(job.model_dump_json(exclude_defaults=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())

    @contextmanager
    def _open_locked(self) -> Iterator[BinaryIO]:
        with self._lock, self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _job_of(lot: Lot, prints: Sequence[Print], *, confirmed: bool = True) -> LoggedJob:
    return LoggedJob(
        lot=lot.name,
        cards=lot.cards[: len(prints)],
        ends=tuple(one.end_ms for one in prints),
        reasons=tuple(one.reason for one in prints),
        rests=tuple(one.rest_ms for one in prints),
        printer=next((one.printer for one in prints), ""),
        blanks=tuple(one.blank for one in prints) if any(one.blank for one in prints) else (),
        unconfirmed=not confirmed,
    )


def _may_be_of(line: bytes, lot: Lot) -> bool:
    """Return True if a row is about a lot, or may be, because it was torn inside the lot's name."""
    if lot.name.encode() in line:
        return True
    torn = line.rstrip(b"\n")
    return bool(torn) and f'{{"lot":"{lot.name}'.encode().startswith(torn.rstrip(b"\0"))
