"""The key of the NIK hashes: a file of this office, readable by nobody else."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "nik.key"
KEY_BYTES = 32


def load_nik_key(data: Path) -> bytes:
    """Read the key from the data folder, or make one; whoever has it can find a card by a NIK, and nobody else can."""
    path = data / NAME
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path} can be read by others than its owner: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise SettingsError(
            f"{path} holds no key of {KEY_BYTES} bytes: restore it, or remove it before the first intake"
        )
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return  # another process was quicker
    with os.fdopen(file, "wb") as opened:
        opened.write(secrets.token_bytes(KEY_BYTES))
