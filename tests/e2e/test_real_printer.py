"""An office with a real print server as people run it: `lembur up`, and everything on the machine may be killed."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import Status
from lembur.domain.errors import LedgerError
from lembur.ledger.queries import unconfirmed_cards
from support.cups import PrintServer
from support.runs import Lembur, lembur, printed_by, small_scenario
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

CARDS = 2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrintServer]:
    """Give a print server with one queue, whose journal is in the office's data folder."""
    (tmp_path / "data" / "printers").mkdir(parents=True, mode=0o700)
    with PrintServer(tmp_path / "cups") as found:
        queue = found.add_queue("card1", journal=tmp_path / "data" / "printers" / "dinas.fence")
        printed_by(small_scenario(tmp_path, cards=CARDS), queue)
        yield found


def office(folder: Path) -> Lembur:
    """Run the office; the end of the block kills all its processes at once, its server too."""
    return Lembur(folder, ("up", folder / "small.toml", "--speed", "60", "--data", folder / "data"))


def counts(run: Lembur) -> dict[Status, int]:
    """Return the cards by status, without zeros; none while the ledger is away."""
    try:
        return {status: n for status, n in run.opened().counts().items() if n}
    except (LedgerError, FileNotFoundError):
        return {}


def check(folder: Path, server: PrintServer) -> None:
    """Hold the ledger against the logs, and both against the printer's own record."""
    done = lembur(folder, "reconcile", "--data", folder / "data")
    assert done.returncode == 0, done.stdout
    assert len(server.cards_out("card1")) == CARDS
    assert len({name.rpartition("/")[2] for name in server.cards_out("card1")}) == CARDS
    assert "httpx2" not in (folder / "data" / "logs" / "worker-dinas.log").read_text()  # a line for each request


def test_the_power_of_the_whole_machine_is_cut(tmp_path: Path, server: PrintServer) -> None:
    """Ledger, workers, print server and printer end in mid-card: a person looks at this card, the other is printed."""
    server.play("card1", s=600)
    with office(tmp_path):
        eventually(lambda: server.record("card1"))
    server.cut_power()
    server.start()
    server.play("card1")

    with office(tmp_path) as run:
        eventually(lambda: counts(run) == {Status.PRINT_UNCONFIRMED: 1, Status.CARD_PRINTED: 1})
        ((card, _),) = unconfirmed_cards(run.opened())
        found = lembur(
            tmp_path, "confirm", card, "--not-printed", "--spoiled", "--by", "Bu Sri", "--data", tmp_path / "data"
        )
        assert found.returncode == 0, found.stderr
        eventually(lambda: counts(run) == {Status.CARD_PRINTED: CARDS})
        check(tmp_path, server)


def test_a_worker_is_killed_while_its_printer_waits_for_a_person(tmp_path: Path, server: PrintServer) -> None:
    """Its card stays in the printer until the cover is closed; the next worker commits it from the journal."""
    server.play("card1", waits="cover-open")
    with office(tmp_path) as run:
        eventually(lambda: server.record("card1"))
        os.kill(run.pid_of(r"workers print@dinas"), signal.SIGKILL)
        eventually(lambda: "print@dinas" in "".join(run.alive().values()))
        assert Status.CARD_PRINTED not in counts(run)
        server.play("card1")

        eventually(lambda: counts(run) == {Status.CARD_PRINTED: CARDS})
        check(tmp_path, server)
