"""The print log of a station: a file outside the ledger with the jobs that really came out of its printers."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import time
from contextlib import contextmanager, suppress
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from lembur.ledger.audit import OWNER
from workers.devices.printer import Print

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lembur.ledger.types import Lot

log = logging.getLogger(__name__)


def owner_of(folder: Path) -> str:
    """Return the name of the machine whose printers log into this folder, made on first use; lots begin with it."""
    path = folder / OWNER
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Linked when it is whole: a process that starts now must not read half a name.
        with NamedTemporaryFile("w", dir=folder) as file, suppress(FileExistsError):
            file.write(secrets.token_hex(4))
            file.flush()
            os.link(file.name, path)
    return path.read_text()


class JobLog:
    """One row a lot that came out of the printers of a station, on the disk before anyone else knows of it.

    It is the truth about what was printed: its `cards`, the moment each print `ends`, the `reasons` of spoiled blanks
    ('' for a good card), and the `rests` of the printer. `unconfirmed` marks a job without a result, as after a jam.
    A lot that was called off has a row too: the printer refuses it when a seat that was asleep sends it after all.
    Processes of one machine share the file under its lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._owner = owner_of(path.parent)
        self._lock = Lock()
        self._read_upto = 0
        self._called_off: set[str] = set()

    def write(self, lot: Lot, prints: Sequence[Print], *, confirmed: bool = True) -> bool:
        """Append the prints of a lot and force them to the disk; False, and nothing is printed, for a lot called off.

        A lot past its lease is refused too: on another machine a person may have settled it.
        """
        with self._open_locked() as file:
            self._catch_up(file)
            if lot.name in self._called_off or time.monotonic() > lot.held_until_s:
                return False
            row: dict[str, object] = {
                "lot": lot.name,
                "cards": lot.cards[: len(prints)],
                "ends": [one.end_ms for one in prints],
                "reasons": [one.reason for one in prints],
                "rests": [one.rest_ms for one in prints],
            }
            self._append(file, row if confirmed else {**row, "unconfirmed": True})
        return True

    def call_off(self, lot: Lot) -> list[Print] | None:
        """Return the prints of a lot; empty when none came out and none will; None when these printers cannot know."""
        if not lot.name.startswith(self._owner):
            return None
        try:
            with self._open_locked() as file:
                return self._find_or_call_off(file, lot)
        except OSError as fault:
            log.warning("the printers' log %s cannot be read: %s", self._path, fault)
            return None

    def _find_or_call_off(self, file: BinaryIO, lot: Lot) -> list[Print] | None:
        file.seek(0)
        for line in file:
            if lot.name.encode() in line:
                return _prints_in(line)
        self._append(file, {"lot": lot.name, "called_off": True})
        return []

    def _catch_up(self, file: BinaryIO) -> None:
        file.seek(self._read_upto)
        for line in file:
            if b'"called_off"' in line and line.endswith(b"\n"):
                self._called_off.add(json.loads(line)["lot"])
        self._read_upto = file.tell()

    def _append(self, file: BinaryIO, row: dict[str, object]) -> None:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())

    @contextmanager
    def _open_locked(self) -> Iterator[BinaryIO]:
        with self._lock, self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _prints_in(line: bytes) -> list[Print] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None  # torn by a power cut: a person settles it
    if "unconfirmed" in row:
        return None
    return [Print(*one) for one in zip(*(row.get(what, ()) for what in ("ends", "reasons", "rests")), strict=True)]
