"""The servers of the suite keep cards as safe as those of a run."""

from __future__ import annotations

import pytest

from lembur.domain.errors import LedgerError
from lembur.ledger import connect
from lembur.ledger.connection import health
from waiting import eventually


def test_a_server_may_be_trusted_with_cards(server_url: str) -> None:
    """Every write goes to a file, and no key is thrown away."""
    with connect(server_url) as server:
        found = health(server)

    assert (found["append_only_file"], found["eviction"]) == ("yes", "noeviction")


def test_a_server_is_private(server_url: str) -> None:
    """Nobody comes in without the password."""
    place = server_url.rpartition("@")[2]

    with pytest.raises(LedgerError, match=r"refuses|cannot be reached"):
        connect(f"redis://{place}")


def test_waiting_ends_with_what_was_seen_last() -> None:
    """A condition that never holds fails with its last word, not with a bare 'timeout'."""
    with pytest.raises(pytest.fail.Exception, match=r"still 0 after 0\.02 s"):
        eventually(lambda: 0, 0.02)
