"""The file of accounts: what goes wrong with it is a sentence, for a command and for a page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.accounts import AccountError, Accounts

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    """A damaged file and one that cannot be opened: the sentence names the file."""
    file = tmp_path / "accounts.sqlite"
    file.write_bytes(b"no such thing" * 1_000)
    with pytest.raises(AccountError, match=r"accounts\.sqlite cannot be used: file is not a database"):
        Accounts(tmp_path)

    file.unlink()
    file.mkdir()
    with pytest.raises(AccountError, match=r"accounts\.sqlite cannot be used: unable to open"):
        Accounts(tmp_path)
