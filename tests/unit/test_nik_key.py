"""The key of the NIK hashes: made once, for its owner only, and never guessed when it is damaged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lembur.domain.errors import SettingsError
from lembur.ledger.nik_key import KEY_BYTES, load_nik_key

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Whatever mask the user has set; asked again it is the same."""
    before = os.umask(0)
    try:
        made = load_nik_key(tmp_path / "data")
    finally:
        os.umask(before)

    assert len(made) == KEY_BYTES
    assert (tmp_path / "data" / "nik.key").stat().st_mode & 0o777 == 0o600
    assert load_nik_key(tmp_path / "data") == made


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With the command that mends it."""
    load_nik_key(tmp_path)
    (tmp_path / "nik.key").chmod(mode)

    with pytest.raises(SettingsError, match=r"can be read by others than its owner: chmod 600 .*nik\.key"):
        load_nik_key(tmp_path)


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    """Nobody would be found again under another one."""
    load_nik_key(tmp_path)
    (tmp_path / "nik.key").write_bytes(b"short")

    with pytest.raises(SettingsError, match="holds no key of 32 bytes: restore it"):
        load_nik_key(tmp_path)
