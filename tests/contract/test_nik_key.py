"""The key of the NIK hashes: made once, for its owner only, and the only one that its ledger accepts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lembur.domain.errors import SettingsError
from lembur.domain.nik import Nik
from lembur.ledger import Ledger, connect, load_nik_key
from lembur.ledger.nik_key import KEY_BYTES
from support.servers import redis_of
from support.small_office import identity, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give the small office."""
    with connect(valkey_url) as server:
        yield opened(Ledger(server, office=office))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for keys that does not exist yet."""
    return tmp_path / "data" / "keys"


def test_a_key_is_made_once_and_for_its_owner_only(ledger: Ledger, folder: Path) -> None:
    """Whatever mask the user has set; asked again it is the same, and nothing else is left in the folder."""
    before = os.umask(0)
    try:
        made = load_nik_key(ledger, folder)
    finally:
        os.umask(before)

    assert len(made) == KEY_BYTES
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "nik.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["nik.key"]
    assert load_nik_key(ledger, folder) == made


def test_another_key_is_refused(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    """A file with the key of another office would enrol everybody once more."""
    load_nik_key(ledger, folder)
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    (other / "nik.key").touch(mode=0o600)
    (other / "nik.key").write_bytes(bytes(KEY_BYTES))

    with pytest.raises(SettingsError, match="is not the key of this office's NIKs: copy that one"):
        load_nik_key(ledger, other)
    assert (other / "nik.key").read_bytes() == bytes(KEY_BYTES)


def test_no_key_is_made_for_a_ledger_that_has_one(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    """From an empty folder nobody is enrolled, and the folder stays empty."""
    load_nik_key(ledger, folder)

    with pytest.raises(SettingsError, match="is missing, and this office has a key of its NIKs"):
        load_nik_key(ledger, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_no_key_is_made_for_a_ledger_with_cards(ledger: Ledger, folder: Path) -> None:
    """Cards without a fingerprint are of an older version: their key is somewhere."""
    ledger.enrol([identity(1)])

    with pytest.raises(SettingsError, match="is missing"):
        load_nik_key(ledger, folder)


def test_of_two_first_keys_one_is_kept(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    """Two hosts begin at once: the second finds the first's fingerprint after it made its own key, and removes it."""
    first = load_nik_key(ledger, folder)
    fingerprint = redis_of(ledger.server).getdel(ledger.prefix + "nik_key")
    redis_of(ledger.server).exists = _answer_no_once_then_keep(ledger, fingerprint)

    with pytest.raises(SettingsError, match="is not the key"):
        load_nik_key(ledger, tmp_path / "other")

    assert not (tmp_path / "other" / "nik.key").exists()
    assert load_nik_key(ledger, folder) == first


def _answer_no_once_then_keep(ledger: Ledger, fingerprint: str) -> object:
    """Let the other host write its fingerprint just after this one has looked."""
    exists = type(ledger.server).exists

    def answer(*names: str) -> int:
        found = int(exists(ledger.server, *names))
        redis_of(ledger.server).set(ledger.prefix + "nik_key", fingerprint)
        return found

    return answer


def test_the_ledger_keeps_no_key(ledger: Ledger, folder: Path) -> None:
    """The fingerprint shows neither the key nor the hash of a NIK."""
    key = load_nik_key(ledger, folder)
    kept = str(ledger.server.get(ledger.prefix + "nik_key"))

    assert kept not in key.hex()
    assert kept != Nik.parse("3372041705900001").digest(key)[: len(kept)]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(ledger: Ledger, folder: Path, mode: int) -> None:
    """With the command that mends it."""
    load_nik_key(ledger, folder)
    (folder / "nik.key").chmod(mode)

    with pytest.raises(SettingsError, match=r"nik\.key is open to other users: chmod 600 .*nik\.key"):
        load_nik_key(ledger, folder)


def test_a_folder_that_others_can_enter_is_refused(ledger: Ledger, folder: Path) -> None:
    """They could put another key there."""
    load_nik_key(ledger, folder)
    folder.chmod(0o755)

    with pytest.raises(SettingsError, match=r"keys is open to other users: chmod 700 .*keys"):
        load_nik_key(ledger, folder)


def test_half_a_key_is_refused(ledger: Ledger, folder: Path) -> None:
    """Nobody would be found again under another one."""
    load_nik_key(ledger, folder)
    (folder / "nik.key").write_bytes(b"short")

    with pytest.raises(SettingsError, match="holds no key of 32 bytes: restore it"):
        load_nik_key(ledger, folder)
