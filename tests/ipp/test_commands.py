"""`lembur printers`: the list of real printers, and the fence put in place."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, connect
from lembur.ledger.types import PrinterState
from lembur.office import OfficeSetup, open_office
from support.programs import LEMBUR
from workers.devices.ipp import fence


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in an empty folder."""
    given = {**os.environ, **environment}
    return subprocess.run([LEMBUR, *words], cwd=folder, env=given, capture_output=True, text=True, check=False)


def test_the_fence_is_put_in_place(tmp_path: Path) -> None:
    """It is the file that the tests of the print server use, and only its owner may read or run it."""
    done = run(tmp_path, "printers", "fence", "--install", "--folder", str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "fence") in done.stdout
    assert (tmp_path / "fence").read_text() == Path(fence.__file__).read_text()
    assert (tmp_path / "fence").stat().st_mode & 0o777 == 0o700

    again = run(tmp_path, "printers", "fence", "--install", "--folder", str(tmp_path))
    assert "is installed already" in again.stdout
    (tmp_path / "fence").write_text("#!/bin/sh\n")
    renewed = run(tmp_path, "printers", "fence", "--install", "--folder", str(tmp_path))
    assert "is renewed: another version was there" in renewed.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["fence"]
    assert (tmp_path / "fence").read_text() == Path(fence.__file__).read_text()


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """A machine without CUPS is told so."""
    done = run(tmp_path, "printers", "fence", "--install", "--folder", str(tmp_path / "none"))

    assert done.returncode != 0
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_printers_are_listed_with_what_they_wait_for(tmp_path: Path, valkey_url: str, office: str) -> None:
    """Each printer is shown with its station, what it waits for since when, and its ribbon."""
    with connect(valkey_url) as server:
        ledger = Ledger(server, office=office)
        setup = OfficeSetup(load("solo-2016"), 1, 1)
        open_office(ledger, setup)
        ledger.set_clock(virtual_ms=setup.starts_ms, speed=1e-6, ends_ms=setup.ends_ms)
        dinas = StationCode("dinas")
        ledger.note_printer(PrinterState("card1", dinas, ("no ribbon",), ribbon_percent=0))
        ledger.note_printer(PrinterState("card2", dinas, blanks=1))

        done = run(tmp_path, "printers", LEMBUR_REDIS_URL=valkey_url, LEMBUR_OFFICE=office)
        board = run(tmp_path, "board", LEMBUR_REDIS_URL=valkey_url, LEMBUR_OFFICE=office)

    assert done.returncode == 0, done.stderr
    first, second, ledgers = done.stdout.splitlines()
    assert first.startswith("dinas: card1: waits since ")
    assert first.endswith(": no ribbon; ribbon 0 %; 0 printed, 0 spoiled")
    assert second == "dinas: card2: ready; ribbon unknown, 1 blank in it; 0 printed, 0 spoiled"
    assert re.fullmatch(
        r"dinas: by the ledger [\d,]+ blanks on the shelf, 0 in printers, ribbon for [\d,]+ cards", ledgers
    )
    assert "printer card1 of dinas waits since" in board.stdout
    assert "card2" not in board.stdout
