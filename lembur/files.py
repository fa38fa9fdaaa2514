"""Files of an office: private ones, its records, and the fonts of its papers and cards.

A private file is whole at every moment, so another process never reads half of one.
"""

from __future__ import annotations

import csv
import os
import secrets
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file, in place of the one before."""
    with _draft(path, content) as draft:
        draft.replace(path)


def create_private(path: Path, content: str | bytes) -> None:
    """Write a file unless there is one: of several processes the first wins."""
    with _draft(path, content) as draft, suppress(FileExistsError):
        path.hardlink_to(draft)


def find_record(path: Path, card: str) -> dict[str, str] | None:
    """Find the row of a card in a CSV file of records that an office keeps; None without one.

    A spreadsheet saves it with a mark before the first title, with semicolons, and without the zeros before a number.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        separator = find_separator(file.readline())
        file.seek(0)
        for row in csv.DictReader(file, delimiter=separator):
            if (row.get("card") or "").strip().zfill(len(card)) == card:
                return {name: value or "" for name, value in row.items() if name}
    return None


def find_separator(titles: str) -> str:
    """Return the sign between the columns of a CSV file, by its first line."""
    return ";" if titles.count(";") > titles.count(",") else ","


def find_font(name: str) -> Path:
    """Return the file of a font that comes with matplotlib, whose license lets it be embedded."""
    package = distribution("matplotlib")  # which takes long to import
    return Path(str(package.locate_file(f"matplotlib/mpl-data/fonts/ttf/{name}")))


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
