"""Watching an office: the board is looked at a few times a second, also after the end of a demonstration."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING

import pytest

from console.runtime import Interrupted, Processes, RunningOffice, watch
from console.runtime.office import LOOK_S
from lembur.office import SetupReader
from lembur.settings import read_settings
from support.web_console import open_morning

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.ledger.queries import Board
    from lembur.office import OfficeSetup

LOOKS = 4


@pytest.fixture
def running(valkey_url: str, office: str, tmp_path: Path) -> RunningOffice:
    """Give an open office whose workers run elsewhere."""
    ledger = open_morning(valkey_url, office)
    setups = SetupReader(ledger)
    settings = read_settings(redis_url=valkey_url, office=office, data=tmp_path)
    return RunningOffice(settings, ledger, setups, Processes(tmp_path), 0, served=set(setups.read().all_stations))


def test_an_ended_demonstration_that_stays_open_is_no_busy_loop(running: RunningOffice) -> None:
    """Between two looks there is a pause, or `lembur up` would use a core and half of the server all night."""
    over, looks = Event(), []
    over.set()

    def show(board: Board, setup: OfficeSetup) -> None:  # noqa: ARG001 - as a screen is called
        looks.append(time.monotonic())
        if len(looks) == LOOKS:
            raise Interrupted

    with pytest.raises(Interrupted):
        watch(running, over, show, stay=True)

    assert looks[-1] - looks[0] >= (LOOKS - 1) * LOOK_S


def test_a_run_ends_with_its_scenario(running: RunningOffice) -> None:
    """The last board is shown once."""
    over, boards = Event(), []
    over.set()

    watch(running, over, lambda board, _: boards.append(board))

    assert len(boards) == 1
