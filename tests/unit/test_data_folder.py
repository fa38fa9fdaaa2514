"""What is unpacked from a copy of an office: all of it, or nothing. A copy is whole, or it is not there."""

from __future__ import annotations

import io
import os
import resource
import tarfile
from collections import namedtuple
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from console import context
from console.runtime import start_folder_server
from console.runtime.data_folder import RESTORING, lock_folder, pack, unpack
from lembur.domain.errors import LedgerError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def make_office(folder: Path) -> bytes:
    """Write a data folder with some bytes for a ledger, and return them."""
    content = os.urandom(200_000)
    (folder / "redis").mkdir(parents=True)
    (folder / "redis" / "ledger.aof").write_bytes(content)
    return content


@contextmanager
def little_room(most_bytes: int) -> Iterator[None]:
    """Let no file grow larger, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_torn_copy_is_refused_and_replaces_nothing(tmp_path: Path, share: float) -> None:
    """However much of its end is missing, as after a full disk or a cut line."""
    office, here, archive = tmp_path / "office", tmp_path / "here", tmp_path / "copy.tar.gz"
    make_office(office)
    kept = make_office(here)
    pack(office, archive)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(SettingsError, match="cannot be restored"):
        unpack(archive, here)

    assert (here / "redis" / "ledger.aof").read_bytes() == kept
    assert [path.name for path in here.iterdir()] == ["redis"]


def test_a_file_that_is_no_copy_is_refused_in_one_line(tmp_path: Path) -> None:
    """A page, or a name with a typing error: the sentence has no list of formats and no number of an error."""
    (tmp_path / "README.md").write_text("# Lembur")

    for name, reason in (
        ("README.md", "it is no copy that 'lembur backup' wrote"),
        ("typo.tar.gz", "No such file or directory"),
    ):
        with pytest.raises(SettingsError) as refused:
            unpack(tmp_path / name, tmp_path / "here")
        assert str(refused.value) == f"{tmp_path / name} cannot be restored: {reason}"


def test_a_restore_that_finds_no_room_replaces_nothing(tmp_path: Path) -> None:
    """A ledger that is half there, or an empty place, would be gone on with by the next 'up'."""
    office, here, archive = tmp_path / "office", tmp_path / "here", tmp_path / "copy.tar.gz"
    make_office(office)
    kept = make_office(here)
    pack(office, archive)

    with little_room(100_000), pytest.raises(SettingsError, match="cannot be restored"):
        unpack(archive, here)

    assert (here / "redis" / "ledger.aof").read_bytes() == kept
    assert [path.name for path in here.iterdir()] == ["redis"]


def test_a_copy_that_finds_no_room_leaves_no_file(tmp_path: Path) -> None:
    """A part of a copy is not taken for a copy, and does not stand in the way of the next one."""
    office, archive = tmp_path / "office", tmp_path / "copy.tar.gz"
    make_office(office)

    with little_room(100_000), pytest.raises(SettingsError, match="cannot be written"):
        pack(office, archive)

    assert [path.name for path in tmp_path.iterdir()] == ["office"]
    pack(office, archive)
    assert archive.exists()


def test_a_file_that_is_no_copy_of_an_office_is_refused(tmp_path: Path) -> None:
    """Any archive can be unpacked; only one with a ledger restores an office."""
    archive, here = tmp_path / "photos.tar.gz", tmp_path / "here"
    kept = make_office(here)
    with tarfile.open(archive, "w:gz") as packed:
        packed.addfile(tarfile.TarInfo("photos/1.jpg"), io.BytesIO())

    with pytest.raises(SettingsError, match="no copy that 'lembur backup' wrote"):
        unpack(archive, here)

    assert (here / "redis" / "ledger.aof").read_bytes() == kept
    assert [path.name for path in here.iterdir()] == ["redis"]


def test_an_office_whose_restore_was_killed_is_not_started(tmp_path: Path) -> None:
    """Its server would begin with an empty ledger; the restore is repeated first."""
    office, here, archive = tmp_path / "office", tmp_path / "here", tmp_path / "copy.tar.gz"
    content = make_office(office)
    pack(office, archive)
    (here / RESTORING / "redis").mkdir(parents=True)

    with pytest.raises(SettingsError, match="repeat 'lembur restore"), start_folder_server(here):
        pass

    unpack(archive, here)
    assert (here / "redis" / "ledger.aof").read_bytes() == content
    assert [path.name for path in here.iterdir() if path.is_dir()] == ["redis"]


def test_a_copy_leaves_out_what_an_earlier_restore_replaced(tmp_path: Path) -> None:
    """Else each copy would hold all ledgers before it."""
    office, archive, here = tmp_path / "office", tmp_path / "copy.tar.gz", tmp_path / "here"
    make_office(office)
    make_office(office / "before-restore-20160825T090000")
    pack(office, archive)

    unpack(archive, here)

    assert [path.name for path in here.iterdir()] == ["redis"]


@pytest.mark.parametrize(
    ("name", "kind"), [("../outside", tarfile.REGTYPE), ("/outside", tarfile.REGTYPE), ("redis/link", tarfile.SYMTYPE)]
)
def test_a_copy_with_anything_but_files_of_its_own_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    """Nothing is written outside of the data folder, whatever somebody put into the archive."""
    archive, here = tmp_path / "copy.tar.gz", tmp_path / "data" / "here"
    kept = make_office(here)
    with tarfile.open(archive, "w:gz") as packed:
        packed.addfile(tarfile.TarInfo("redis/ledger.aof"), io.BytesIO())
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        packed.addfile(member)

    with pytest.raises(SettingsError, match="is no file or folder of an office"):
        unpack(archive, here)

    assert (here / "redis" / "ledger.aof").read_bytes() == kept
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["here"]


@pytest.mark.parametrize(("free", "sentence"), [(8_000, "is full, and its server stops"), (10**9, "cannot be reached")])
def test_a_server_that_a_full_disk_stopped_is_named_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, sentence: str
) -> None:
    """The address is right, and nothing has to be started: room has to be made."""
    room = namedtuple("room", "total used free")  # noqa: PYI024 - as the function that it stands for
    monkeypatch.setattr(context, "disk_usage", lambda _: room(10**9, 10**9 - free, free))
    make_office(tmp_path)
    (tmp_path / "address").write_text("redis://:x@127.0.0.1:1/0")

    with lock_folder(tmp_path), pytest.raises(LedgerError, match=sentence):
        _ = context.Connection(None, tmp_path).ledger
