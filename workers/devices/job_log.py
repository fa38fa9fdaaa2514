"""A printer's own job log: a file beside it, outside the ledger, that says which cards really came out."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from workers.devices import Print

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lembur.ledger.values import Lot

OWNER = "owner"


def owner_of(folder: Path) -> str:
    """Tell the name of whoever's printers log into this folder: lots carry it, so that others know whom to ask."""
    path = folder / OWNER
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            file.write(secrets.token_hex(4))
    except FileExistsError:
        pass
    return path.read_text()


class JobLog:
    """One line a lot that came out of the printers of a station, on the disk before anyone is told.

    A lot that was called off is written too: the printer refuses it when a seat that was asleep sends it after all.
    Processes of one machine share the file under its lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._owner = owner_of(path.parent)
        self._lock = Lock()
        self._read_upto = 0
        self._called_off: set[str] = set()

    def write(self, lot: Lot, prints: Sequence[Print]) -> bool:
        """Append a lot and force it to the disk; False when it was called off, and nothing is printed."""
        with self._held() as file:
            self._catch_up(file)
            if lot.name in self._called_off:
                return False
            self._append(
                file,
                {
                    "lot": lot.name,
                    "cards": lot.cards,
                    "ends": [one.end_ms for one in prints],
                    "reasons": [one.reason for one in prints],
                },
            )
        return True

    def call_off(self, lot: Lot) -> list[Print] | None:
        """The prints of a lot; empty when none came out, and none will; None when these printers cannot know."""
        if not lot.name.startswith(self._owner):
            return None
        with self._held() as file:
            file.seek(0)
            for line in file:
                if lot.name.encode() not in line:
                    continue
                if not line.endswith(b"\n"):
                    return None  # torn by a power cut: a person looks
                row = json.loads(line)
                if "ends" in row:
                    return [Print(end, reason) for end, reason in zip(row["ends"], row["reasons"], strict=True)]
                return []
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
    def _held(self) -> Iterator[BinaryIO]:
        with self._lock, self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
