"""Files that only their user can read, whole at every moment: another process never reads half of one."""

from __future__ import annotations

import csv
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file, in place of the one before."""
    with _draft(path, content) as draft:
        draft.replace(path)


def create_private(path: Path, content: str | bytes) -> None:
    """Write a file unless there is one: of several processes the first wins."""
    with _draft(path, content) as draft, suppress(FileExistsError):
        path.hardlink_to(draft)


def find_record(path: Path, card: str) -> dict[str, str] | None:
    """Find the row of a card in a CSV file of records that an office keeps; None without one."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("card") == card:
                return {name: value or "" for name, value in row.items() if name}
    return None


@contextmanager
def _draft(path: Path, content: str | bytes) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
