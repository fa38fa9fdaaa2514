"""`lembur intake` as people type it: one sentence for a file that cannot be read, and a check without an office."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from lembur.domain.card import Status, card_id
from lembur.domain.time import moment_ms
from lembur.ledger import queries
from support.cli import Desk
from support.runs import lembur
from support.web_console import open_morning

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


def test_a_card_that_the_centre_verified_before_waits_for_a_printer_only(
    valkey_url: str, office: str, tmp_path: Path
) -> None:
    """It keeps its day of recording, its history begins with the verdict, and all adds up. The file may come again."""
    ledger, desk, file = open_morning(valkey_url, office), Desk(valkey_url, office, tmp_path), tmp_path / "a.csv"
    niks = [f"33720145059{number:02d}000" for number in (61, 62, 63)]
    columns = "33.72.04.1001,{stream},2016-08-19T09:00:00,{verified}"
    rows = [
        columns.format(stream=stream, verified=verified)
        for stream, verified in (("first_issue", "2016-08-22"), ("first_issue", ""), ("replacement", "2016-08-22"))
    ]
    people = [f"{nik},{row}" for nik, row in zip(niks, rows, strict=True)]
    file.write_text("\n".join(("nik,kelurahan_code,stream,recorded_at,verified_at", *people)))

    summary = "3 rows: 3 enrolled (1 verified already), 0 known already, 0 refused, 3 with a warning\n"
    assert desk.do("intake", str(file)).endswith(summary)
    assert desk.do("intake", str(file)).endswith("3 rows: all are enrolled already, nothing was changed\n")

    verified, captured, replacement = (queries.read_card(ledger, card_id(number)) for number in (1, 2, 3))
    assert captured.status == Status.BIO_CAPTURED
    assert verified.status == replacement.status == Status.PRINT_READY_RECORD
    recorded_ms, verdict_ms = (
        moment_ms(datetime.fromisoformat(f"2016-08-{day}+07:00")) for day in ("19T09:00", "22T00:00")
    )
    assert verified.recorded_ms == captured.recorded_ms == replacement.recorded_ms == recorded_ms
    assert verified.due_ms == captured.due_ms
    assert [(one.what, one.at_ms) for one in verified.history] == [(Status.PRINT_READY_RECORD, verdict_ms)]
    assert replacement.history[0].at_ms == recorded_ms
    assert "all blanks" in desk.do("reconcile")
