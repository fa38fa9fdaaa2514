"""`lembur intake` as people type it: one sentence for a file that cannot be read, and a check without an office."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.runs import lembur

INPUTS = Path(__file__).parents[1] / "data" / "intake"


def test_a_file_can_be_checked_without_an_office(tmp_path: Path) -> None:
    """The form of its rows needs neither a ledger nor a clock; the answer names what was not checked."""
    shutil.copy(INPUTS / "huge-number.jsonl", tmp_path)

    done = lembur(tmp_path, "intake", "huge-number.jsonl", "--dry-run")

    assert done.returncode == 0
    counts = "3 rows: 2 could be enrolled, 0 known already, 1 refused, 2 with a warning"
    assert done.stdout == f"{counts}; see huge-number.jsonl.refused.csv\n"
    assert "checked without an office" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "name", ["two-nik-columns.csv", "two-nik-columns.xlsx", "late-bad-byte.csv", "missing.csv", "."]
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    """No traceback, a code for scripts, and nothing left behind."""
    if (INPUTS / name).is_file():
        shutil.copy(INPUTS / name, tmp_path)
    before = sorted(tmp_path.iterdir())

    done = lembur(tmp_path, "intake", name, "--dry-run")

    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if not line.startswith("checked without")]
    assert line.startswith("lembur: ")
    assert done.stdout == ""
    assert sorted(tmp_path.iterdir()) == before
