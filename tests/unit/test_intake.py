"""Files of recorded identities: what comes in, what is refused and why, and that a file can be given twice."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lembur.domain.card import Outcome
from lembur.domain.errors import IntakeError
from lembur.domain.scenario import load
from producers.intake import Applicant, Intake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW_MS = 1_472_083_200_000
SOLO = load("solo-2016")
TITLES = ("nik", "name", "kelurahan_code", "stream", "recorded_at")
GOOD = ("3372041705900001", "SITI", "33.72.04.1001", "first_issue", "2016-08-24T09:30:00")


class Door:
    """Stands for the ledger: knows whom it has seen."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.known: set[str] = set()
        self.lots: list[int] = []

    def __call__(self, rows: Sequence[Applicant]) -> list[Outcome]:
        """Enrol who is new."""
        found = [Outcome.KNOWN if row.nik.digits in self.known else Outcome.ENROLLED for row in rows]
        self.known.update(row.nik.digits for row in rows)
        self.lots.append(len(rows))
        return found


def intake(door: Door, *, dry_run: bool = False) -> Intake:
    """An intake at a moment of the case."""
    return Intake(door, b"k" * 32, NOW_MS, SOLO.model_copy(update={"demonstration": False}), dry_run=dry_run)


def row(number: int, **other: str) -> tuple[str, ...]:
    """A good row with another serial, and what is given instead."""
    values = dict(zip(TITLES, GOOD, strict=True)) | {"nik": f"337204170590{number:04d}"} | other
    return tuple(values[title] for title in TITLES)


def written(path: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write a CSV file."""
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows([TITLES, *rows])
    return path


def refused(path: Path) -> list[tuple[str, str]]:
    """Read the rows that were given back: number and reason."""
    with path.with_name(path.name + ".refused.csv").open(encoding="utf-8") as file:
        return [(found["row"], found["reason"]) for found in csv.DictReader(file)]


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8"), (",", "utf-8-sig")])
def test_good_rows_are_enrolled_and_a_second_time_changes_nothing(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """Whatever the delimiter, with or without a byte order mark."""
    door, path = (
        Door(),
        written(tmp_path / "a.csv", [row(n) for n in range(1, 1201)], delimiter=delimiter, encoding=encoding),
    )

    first, second = intake(door).take(path), intake(door).take(path)

    assert (first.rows, first.enrolled, first.refused) == (1200, 1200, 0)
    assert door.lots == [500, 500, 200] * 2
    assert (second.enrolled, second.known) == (0, 1200)
    assert "nothing was changed" in second.summary
    assert not path.with_name("a.csv.refused.csv").exists()


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"nik": "33720417059000011"}, "16 digits, this one has 17"),
        ({"nik": "3372043002900001"}, "no birth date 30.02"),
        ({"nik": "3372041705900000"}, "serial 0000"),
        ({"kelurahan_code": "33.72.09.1001"}, "unknown kelurahan_code"),
        ({"stream": "renewal"}, "stream must be first_issue or replacement"),
        ({"recorded_at": "yesterday"}, "recorded_at must be like"),
        ({"recorded_at": "2016-08-25T08:00:00"}, "in the future"),
    ],
)
def test_a_bad_row_comes_back_with_its_reason_and_the_others_go_in(
    tmp_path: Path, other: dict[str, str], reason: str
) -> None:
    """The refused file names the row and the rule, and never the number or the name."""
    door, path = Door(), written(tmp_path / "a.csv", [row(1), row(2, **other), row(3)])

    report = intake(door).take(path)

    assert (report.enrolled, report.refused) == (2, 1)
    [(number, said)] = refused(path)
    assert number == "3"
    assert reason in said
    given_back = path.with_name("a.csv.refused.csv").read_text()
    assert "SITI" not in given_back
    assert other.get("nik", row(2)[0]) not in given_back


def test_the_same_nik_twice_in_a_file_is_refused_the_second_time(tmp_path: Path) -> None:
    """Also across lots; the reason names the first row."""
    door, path = Door(), written(tmp_path / "a.csv", [row(n) for n in range(1, 600)] + [row(7)])

    report = intake(door).take(path)

    assert (report.enrolled, report.refused) == (599, 1)
    assert refused(path) == [("601", "same NIK as row 8")]


def test_a_mended_file_takes_its_refusals_away(tmp_path: Path) -> None:
    """No stale list of refusals stays behind."""
    path = written(tmp_path / "a.csv", [row(1, stream="x")])
    intake(Door()).take(path)
    written(path, [row(1)])

    intake(Door()).take(path)

    assert not path.with_name("a.csv.refused.csv").exists()


def test_a_dry_run_enrols_nobody(tmp_path: Path) -> None:
    """It only tells what would be."""
    door, path = Door(), written(tmp_path / "a.csv", [row(1), row(2, stream="x")])

    report = intake(door, dry_run=True).take(path)

    assert (report.enrolled, report.refused, door.lots) == (1, 1, [])
    assert "could be enrolled" in report.summary


def test_a_nik_of_another_kecamatan_is_a_warning(tmp_path: Path) -> None:
    """People move; the row goes in."""
    report = intake(Door()).take(written(tmp_path / "a.csv", [row(1, kelurahan_code="33.72.01.1001")]))

    assert (report.enrolled, report.warned) == (1, 1)


def test_an_interrupted_intake_keeps_what_it_enrolled_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C between lots loses nothing and doubles nothing."""
    door, path = Door(), written(tmp_path / "a.csv", [row(n) for n in range(1, 1101)])
    first = intake(door)

    def stop(rows: int) -> None:
        raise KeyboardInterrupt(rows)

    first.progress = stop
    with pytest.raises(KeyboardInterrupt):
        first.take(path)
    again = intake(door).take(path)

    assert (again.known, again.enrolled) == (500, 600)


def test_jsonl_rows_are_read_one_by_one(tmp_path: Path) -> None:
    """Broken lines are refused with their number; the others go in."""
    path = tmp_path / "a.jsonl"
    good = json.dumps(dict(zip(TITLES, row(1), strict=True)))
    path.write_text(f"{good}\n{{broken\n[1]\n\n{json.dumps({'nik': '1'})}\n")

    report = intake(Door()).take(path)

    assert (report.enrolled, report.refused) == (1, 3)
    reasons = [reason for _, reason in refused(path)]
    assert [number for number, _ in refused(path)] == ["2", "3", "5"]
    assert "not JSON" in reasons[0]
    assert reasons[1] == "not a JSON object"
    assert "no kelurahan_code" in reasons[2]


def test_a_workbook_with_formulas_and_numbers_is_refused_row_by_row(tmp_path: Path) -> None:
    """A spreadsheet keeps 15 digits of a number, and nothing of a formula it has not computed."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(TITLES)
    sheet.append(row(1))
    sheet.append(("=A2&1", *row(2)[1:]))
    sheet.append((3372041705900003, *row(3)[1:]))
    path = tmp_path / "a.xlsx"
    book.save(path)

    report = intake(Door()).take(path)

    assert (report.enrolled, report.refused) == (1, 2)
    assert [number for number, _ in refused(path)] == ["3", "4"]
    assert "formula" in refused(path)[0][1]
    assert "15 digits" in refused(path)[1][1]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"nik,name\n1,2\n", "no column kelurahan_code, stream, recorded_at"),
        ("a.csv", (",".join(TITLES) + "\n1,José,2,3,4\n").encode("latin-1"), "not in UTF-8"),
        ("a.jsonl", b"\xff\xfe", "not in UTF-8"),
        ("a.xlsx", b"no workbook", "not a readable XLSX workbook"),
        ("a.txt", b"x", "must end in .csv, .jsonl or .xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_says_how_to_mend_it(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """One sentence with the file's name; nobody is enrolled."""
    path = tmp_path / name
    path.write_bytes(content)
    door = Door()

    with pytest.raises(IntakeError, match=reason) as fault:
        intake(door).take(path)

    assert str(path) in str(fault.value)
    assert door.lots == []


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(IntakeError, match="no such file"):
        intake(Door()).take(tmp_path / "a.csv")


def test_broken_quoting_is_told_with_its_line(tmp_path: Path) -> None:
    """A quote that never ends swallows the rest of a file; it is refused."""
    path = tmp_path / "a.csv"
    path.write_text(",".join(TITLES) + "\n" + ",".join(row(1)) + '\n"never, ends\n')

    with pytest.raises(IntakeError, match="not a CSV file near line 3"):
        intake(Door()).take(path)
