"""The ports of an office's pages are its own until it stops, also while nothing listens on them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from console.runtime import Processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[tuple[Processes, Processes]]:
    """Give two offices of one machine."""
    both = Processes(tmp_path / "surakarta"), Processes(tmp_path / "kupang")
    yield both
    for office in both:
        office.stop()


def test_an_office_keeps_its_ports_while_a_child_starts_again(offices: tuple[Processes, Processes]) -> None:
    """Or the exporter of another office would answer at the address of one whose exporter was killed."""
    one, other = offices
    port = one.reserve_port()

    assert other.reserve_port(port) != port
    assert one.reserve_port(port) != port


def test_after_its_stop_an_office_gets_the_same_port_again(offices: tuple[Processes, Processes]) -> None:
    """Bookmarks and Prometheus find the pages where they were."""
    one, other = offices
    port = one.reserve_port()
    one.stop()

    assert other.reserve_port(port) == port


def test_a_port_on_which_another_program_listens_is_not_taken(offices: tuple[Processes, Processes]) -> None:
    """The office takes another one."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        taken = listening.getsockname()[1]

        assert offices[0].reserve_port(taken) != taken
