"""The key of the NIK hashes: a file that only its owner can read, in its own folder. A ledger has one key for ever."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING

from lembur.domain.errors import SettingsError
from lembur.files import create_private
from lembur.ledger.connection import translate_redis_errors

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.ledger.core import Core

NAME = "nik.key"
KEY_BYTES = 32
FINGERPRINT_BYTES = 12


@translate_redis_errors
def load_nik_key(ledger: Core, folder: Path) -> bytes:
    """Read the key of this ledger's NIK hashes; make one for a ledger without a key.

    With another key every person would be enrolled once more. So the ledger keeps a fingerprint of its key.
    """
    path, name = folder / NAME, ledger.key("nik_key")
    has_key = ledger.server.exists(name) or ledger.server.exists(ledger.key("nik"))
    made = not path.exists()
    if made and has_key:
        raise SettingsError(
            "%(path)s is missing, and this office has a key of its NIKs: copy it from the first host", path=path
        )
    if made:
        _make(path)
    key = _read(path)
    ledger.server.set(name, _fingerprint(key), nx=True)
    if ledger.server.get(name) == _fingerprint(key):
        return key
    if made:
        path.unlink()
    raise SettingsError("%(path)s is not the key of this office's NIKs: copy that one from the first host", path=path)


def _fingerprint(key: bytes) -> str:
    digest = hmac.digest(key, b"fingerprint of the key", "sha256")[:FINGERPRINT_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def _read(path: Path) -> bytes:
    for private in (path, path.parent):
        if private.stat().st_mode & 0o077:
            mode = "600" if private is path else "700"
            raise SettingsError("%(path)s is open to other users: chmod %(mode)s %(path)s", path=private, mode=mode)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise SettingsError(
            "%(path)s holds no key of %(size)s bytes: restore it from a copy", path=path, size=KEY_BYTES
        )
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_private(path, secrets.token_bytes(KEY_BYTES))
