"""What is unpacked from a copy of an office: all of it, or nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from console.runtime.data_folder import pack, unpack
from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_torn_copy_is_refused_and_replaces_nothing(tmp_path: Path, share: float) -> None:
    """However much of its end is missing, as after a full disk or a cut line."""
    office, here, archive = tmp_path / "office", tmp_path / "here", tmp_path / "copy.tar.gz"
    for folder in (office, here):
        (folder / "redis").mkdir(parents=True)
        (folder / "redis" / "ledger.aof").write_bytes(os.urandom(200_000))
    kept = (here / "redis" / "ledger.aof").read_bytes()
    pack(office, archive)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(SettingsError, match="cannot be restored"):
        unpack(archive, here)

    assert (here / "redis" / "ledger.aof").read_bytes() == kept
    assert [path.name for path in here.iterdir()] == ["redis"]
