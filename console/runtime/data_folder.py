"""The data folder of an office: private to its user, used by one run at a time, copied and restored whole."""

from __future__ import annotations

import fcntl
import os
import tarfile
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import EROFS
from pathlib import Path
from typing import TYPE_CHECKING

from console.context import ADDRESS, SERVER
from lembur.domain.errors import SettingsError
from lembur.domain.time import file_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSING = ("lock", ADDRESS, "logs", "prometheus")
"""Parts of a data folder that a copy does not need."""


def make_private(data: Path) -> None:
    """Make a folder that only its user can enter. Files that this process makes from now on are private too."""
    os.umask(0o077)
    try:
        data.mkdir(parents=True, exist_ok=True)
        if data.stat().st_mode & 0o077:
            data.chmod(0o700)
    except OSError as fault:
        if fault.errno == EROFS:  # A container's folder may allow no file: then only its volumes hold data.
            return
        raise SettingsError(f"{data} cannot be used as a data folder: {fault.strerror}") from fault


@contextmanager
def lock_folder(data: Path) -> Iterator[int]:
    """Keep a data folder for this run alone. A process that holds the given open file keeps it too."""
    make_private(data)
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise SettingsError(f"{data} is in use by another run: stop that one, or give another --data") from fault
        yield file.fileno()


def pack(data: Path, to: Path) -> None:
    """Write a data folder into an archive that only its user can read.

    The server's files come first. So the print logs, which follow, hold each print that the copied ledger knows.
    """
    names = sorted((path.name for path in data.iterdir()), key=lambda name: name != SERVER)
    try:
        file = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as fault:
        raise SettingsError(f"{to} cannot be written: {fault.strerror}") from fault
    with os.fdopen(file, "wb") as opened, tarfile.open(fileobj=opened, mode="w:gz") as archive:
        for name in names:
            if name not in PASSING:
                archive.add(data / name, name)


def unpack(archive: Path, data: Path) -> None:
    """Put the parts of an archive into a data folder. The replaced parts are kept beside it.

    Print logs that are longer here stay, because logs only grow: these know the prints after the copy was made.
    """
    before = data / f"before-restore-{file_stamp(datetime.now(UTC))}"
    try:
        with tarfile.open(archive) as packed:
            members = [member for member in packed if not _is_longer_here(data, member)]
            for name in {Path(member.name).parts[0] for member in members} - {"printers"}:
                if (data / name).exists():
                    before.mkdir(exist_ok=True)
                    (data / name).rename(before / name)
            packed.extractall(data, members, filter="data")
    except (tarfile.TarError, OSError, EOFError, zlib.error) as fault:  # The last two come from a torn archive.
        raise SettingsError(f"{archive} cannot be restored: {fault}") from fault


def _is_longer_here(data: Path, member: tarfile.TarInfo) -> bool:
    here = data / member.name
    return Path(member.name).parts[0] == "printers" and here.is_file() and here.stat().st_size >= member.size
