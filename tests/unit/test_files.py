"""A private file is whole at every moment, belongs to its user alone, and leaves no draft behind."""

from __future__ import annotations

import os
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from lembur.files import create_private, write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROUNDS = 200


@pytest.fixture
def _careless() -> Iterator[None]:
    """Let new files be open to everybody, as on a careless machine."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_careless")
@pytest.mark.parametrize("write", [write_private, create_private])
@pytest.mark.parametrize(("content", "stored"), [("kantor é", "kantor é".encode()), (b"\xff\x00", b"\xff\x00")])
def test_only_its_user_may_read_it(
    write: Callable[[Path, str | bytes], None], content: str | bytes, stored: bytes, tmp_path: Path
) -> None:
    """Whatever the umask is; text is written in UTF-8, and bytes as they are."""
    path = tmp_path / "file"

    write(path, content)

    assert path.read_bytes() == stored
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("_careless")
def test_whoever_reads_while_it_is_written_reads_all_of_it(tmp_path: Path) -> None:
    """The one before or the new one, never half and never nothing."""
    path, over = tmp_path / "address", Event()
    wholes = {letter * 5_000 for letter in "abc"}
    seen: set[str] = set()

    def read() -> None:
        while not over.is_set():
            seen.add(path.read_text())

    write_private(path, "a" * 5_000)
    reader = Thread(target=read)
    reader.start()
    for number in range(ROUNDS):
        write_private(path, "abc"[number % 3] * 5_000)
    over.set()
    reader.join()

    assert seen <= wholes


def test_of_two_that_create_it_the_first_wins(tmp_path: Path) -> None:
    """The second leaves the file as it is, and no draft."""
    create_private(tmp_path / "key", "first")
    create_private(tmp_path / "key", "second")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("key", "first")]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A folder in its place: the fault is raised, and the draft is gone."""
    (tmp_path / "file").mkdir()

    with pytest.raises(IsADirectoryError):
        write_private(tmp_path / "file", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
