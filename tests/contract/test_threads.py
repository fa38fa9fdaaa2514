"""Many threads of a worker share one ledger; each of them gets its answer, whatever the server forgot."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from lembur.ledger import Ledger, connect
from support.servers import redis_of
from support.small_office import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

SEATS = 8
READINGS = 100
FORGOTTEN = 10


@pytest.fixture
def eager() -> Iterator[None]:
    """Let threads take turns as often as they can: what may happen between two lines does happen."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager")
def test_a_server_without_our_functions_is_given_them(valkey_url: str, office: str) -> None:
    """All seats notice at the same moment, and none of them may fall over it."""
    with connect(valkey_url) as server, ThreadPoolExecutor(SEATS) as seats:
        ledger = opened(Ledger(server, office=office))
        asked = [seats.submit(ledger.time) for _ in range(SEATS * READINGS)]
        for _ in range(FORGOTTEN):
            redis_of(server).function_flush()

        assert {one.result()[1] for one in asked} == {0.0}
