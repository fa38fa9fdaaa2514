"""An office is copied while it works, and restored: what was printed after the copy is known, and not printed again."""

from __future__ import annotations

import stat
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.errors import LedgerError
from lembur.ledger.audit import PrintLogs
from lembur.ledger.queries import read_card
from support.cups import PrintServer
from support.runs import Lembur, lembur, printed_by, small_scenario
from support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

CARDS = 120
LAST = f"{CARDS:08d}"
"""The card that is printed last."""


def printed(run: Lembur) -> int:
    """Count the printed cards."""
    try:
        return run.ledger().counts().get(Status.CARD_PRINTED, 0)
    except (LedgerError, FileNotFoundError):
        return 0


def good_prints(data: Path) -> Counter[str]:
    """Count the good prints of each card by the printers' own logs."""
    logs = PrintLogs([data / "printers"])
    logs.read_new()
    return Counter(logs.good)


def test_an_office_is_restored_from_a_copy_and_prints_no_card_twice(tmp_path: Path) -> None:
    """Copied while it works, stopped later without warning, restored, and gone on with: all is printed once."""
    scenario, data, copy = small_scenario(tmp_path, cards=CARDS), tmp_path / "data", tmp_path / "office.tar.gz"
    with Lembur(tmp_path, ("up", scenario, "--speed", "200", "--data", data)) as run:
        eventually(lambda: printed(run) >= 5)
        # However slow the commands are, the last card is printed after the copy. A command would hold it too late.
        run.opened().hold(CardId(LAST), by="Sri", reason="copy first")
        at_copy = printed(run)

        done = lembur(tmp_path, "backup", copy, "--data", data)

        assert done.returncode == 0, done.stderr
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        again = lembur(tmp_path, "backup", copy, "--data", data)
        assert (again.returncode, "exists already" in again.stderr, "Traceback" in again.stderr) == (1, True, False)
        refused = lembur(tmp_path, "restore", copy, "--data", data)
        assert (refused.returncode, "in use by another run" in refused.stderr) == (1, True)
        released = lembur(tmp_path, "release", LAST, "--by", "Sri", "--reason", "copied", "--data", data)
        assert released.returncode == 0, released.stderr
        eventually(lambda: read_card(run.ledger(), CardId(LAST)).status is Status.CARD_PRINTED)

    eventually(lambda: lembur(tmp_path, "restore", copy, "--data", data).returncode == 0)
    before = good_prints(data).total()
    checked = lembur(tmp_path, "restore", copy, "--data", tmp_path / "elsewhere")
    assert checked.returncode == 0, checked.stderr
    checked = lembur(tmp_path, "reconcile", "--data", tmp_path / "elsewhere")
    assert checked.returncode == 0, checked.stderr
    assert f"{CARDS} cards" in checked.stdout

    with Lembur(tmp_path, ("up", scenario, "--speed", "200", "--data", data)) as run:
        eventually(lambda: printed(run) == CARDS)
        assert "the print logs show more than this ledger knew" in run.complained
        assert before >= at_copy
        assert set(good_prints(data).values()) == {1}
        checked = lembur(tmp_path, "reconcile", "--data", data)
        assert checked.returncode == 0, checked.stdout


def test_a_restored_office_knows_which_blank_became_which_card(tmp_path: Path) -> None:
    """A real printer knows the serials of its blanks; after the copy was made it spoils one and prints two cards."""
    data, copy = tmp_path / "data", tmp_path / "office.tar.gz"
    (data / "printers").mkdir(parents=True, mode=0o700)
    with PrintServer(tmp_path / "cups") as server:
        queue = server.add_queue("card1", journal=data / "printers" / "dinas.fence")
        scenario = printed_by(small_scenario(tmp_path, cards=2), queue)
        server.play("card1", waits="media-empty-error", code=1, blank="SN-#")
        with Lembur(tmp_path, ("up", scenario, "--speed", "60", "--data", data)) as run:
            eventually(lambda: server.record("card1"))
            done = lembur(tmp_path, "backup", copy, "--data", data)
            assert done.returncode == 0, done.stderr
            server.play("card1", blank="SN-#")  # the blank that lies in the printer is spoiled all the same
            eventually(lambda: printed(run) == 2)
            before = find_blanks(tmp_path, data, server)
        eventually(lambda: lembur(tmp_path, "restore", copy, "--data", data).returncode == 0)

        with Lembur(tmp_path, ("up", scenario, "--speed", "60", "--data", data)) as run:
            eventually(lambda: printed(run) == 2)
            assert find_blanks(tmp_path, data, server) == before
            assert sum("used" in line for line in before) == len(server.cards_out("card1")) == 2
            checked = lembur(tmp_path, "reconcile", "--data", data)
            assert checked.returncode == 0, checked.stdout


def find_blanks(folder: Path, data: Path, server: PrintServer) -> list[str]:
    """Ask for every blank that the printer took."""
    taken = sum(line.endswith(" begin") for line in server.record("card1"))
    found = [lembur(folder, "blank", "find", f"SN-{number}", "--data", data) for number in range(1, taken + 1)]
    assert {one.returncode for one in found} == {0}, [one.stderr for one in found]
    return [one.stdout for one in found]


def test_nobody_else_can_enter_a_data_folder(tmp_path: Path) -> None:
    """The folder is its user's alone, also one that was made open, and so is every file in it."""
    scenario, data = small_scenario(tmp_path, cards=2), tmp_path / "data"
    data.mkdir(mode=0o755)

    done = lembur(tmp_path, "run", scenario, "--speed", "max", "--data", data, "--report", tmp_path / "report")

    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [path for path in data.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077] == []
