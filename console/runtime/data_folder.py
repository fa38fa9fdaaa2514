"""The data folder of an office: private to its user, used by one run at a time, copied and restored whole."""

from __future__ import annotations

import fcntl
import os
import tarfile
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EROFS
from os.path import lexists
from pathlib import Path
from shutil import copyfileobj, rmtree
from typing import TYPE_CHECKING

from console.context import ADDRESS, SERVER
from lembur.domain.errors import SettingsError
from lembur.domain.time import file_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

RESTORING = "restoring"
"""The folder of a restore that is not finished. While it is there, the rest of the data folder may be half replaced."""
REPLACED = "before-restore-"
PRINTERS = "printers"
PASSING = ("lock", ADDRESS, "logs", "prometheus", RESTORING)
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
    """Write a data folder into an archive that only its user can read, whole or not at all.

    The server's files come first. So the print logs, which follow, hold each print that the copied ledger knows.
    """
    if lexists(to):
        raise SettingsError(f"{to} exists already: give another file")
    names = sorted((path.name for path in data.iterdir()), key=lambda name: name != SERVER)
    part = to.with_name(f"{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            with tarfile.open(fileobj=opened, mode="w:gz") as archive:
                for name in names:
                    if name not in PASSING and not name.startswith(REPLACED):
                        _add(archive, data, name)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(to)
    except OSError as fault:
        with suppress(OSError):
            part.unlink()
        raise SettingsError(f"{to} cannot be written: {fault.strerror or fault}") from fault


def _add(archive: tarfile.TarFile, data: Path, name: str) -> None:
    """Add a file, or a folder with its files. A draft that vanishes meanwhile is no part of the office."""
    with suppress(FileNotFoundError):
        archive.add(data / name, name, recursive=False)
        if (data / name).is_dir() and not (data / name).is_symlink():
            for inner in sorted(path.name for path in (data / name).iterdir()):
                _add(archive, data, f"{name}/{inner}")


def unpack(archive: Path, data: Path) -> None:
    """Put the parts of an archive into a data folder, all or none. The replaced parts are kept beside it.

    Print logs that are longer here stay, because logs only grow: these know the prints after the copy was made.
    """
    restoring = data / RESTORING
    try:
        rmtree(restoring, ignore_errors=True)
        foreign = SettingsError(f"{archive} cannot be restored: it is no copy that 'lembur backup' wrote")
        if not tarfile.is_tarfile(archive):
            raise foreign
        with tarfile.open(archive) as packed:
            members = list(packed)
            if not any(Path(member.name).parts[:1] == (SERVER,) for member in members):
                raise foreign
            for member in members:
                if not _is_longer_here(data, member):
                    _extract(packed, member, restoring)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as fault:  # The last two come from a torn archive.
        rmtree(restoring, ignore_errors=True)
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else fault
        raise SettingsError(f"{archive} cannot be restored: {reason}") from fault
    _move_in(restoring, data)
    rmtree(restoring)


def _extract(packed: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a file or folder of an archive, and nothing outside of its place.

    The filters of `extractall` do the same, but Python 3.11.2, which Debian 12 has, does not know them.
    """
    target = folder / member.name
    content = packed.extractfile(member) if member.isreg() else None
    if Path(member.name).is_absolute() or ".." in Path(member.name).parts or not (content or member.isdir()):
        raise tarfile.ReadError(f"{member.name} is no file or folder of an office")
    (target if member.isdir() else target.parent).mkdir(parents=True, exist_ok=True)
    if content:
        with target.open("wb") as file:
            copyfileobj(content, file)


def check_whole(data: Path) -> None:
    """Refuse a data folder whose restore was interrupted, for it may have no ledger, or that of two moments."""
    if (data / RESTORING).exists():
        raise SettingsError(f"{data} was not restored to its end: repeat 'lembur restore FILE --data {data}'")


def _move_in(restoring: Path, data: Path) -> None:
    before = data / f"{REPLACED}{file_stamp(datetime.now(UTC))}"
    for part in sorted(restoring.iterdir()):
        if part.name == PRINTERS:
            _merge(part, data / PRINTERS)
            continue
        if (data / part.name).exists():
            before.mkdir(exist_ok=True)
            (data / part.name).rename(before / part.name)
        part.rename(data / part.name)


def _merge(part: Path, here: Path) -> None:
    for folder, _, names in os.walk(part):
        target = here / Path(folder).relative_to(part)
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            (Path(folder) / name).replace(target / name)


def _is_longer_here(data: Path, member: tarfile.TarInfo) -> bool:
    here = data / member.name
    return Path(member.name).parts[:1] == (PRINTERS,) and here.is_file() and here.stat().st_size >= member.size
