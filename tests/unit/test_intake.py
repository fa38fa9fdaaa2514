"""Files of recorded identities: what comes in, what is refused and why, and that a file can be given twice."""

from __future__ import annotations

import csv
import json
import os
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from console.commands.intake import summarize
from lembur.domain.errors import IntakeError, LedgerError
from lembur.domain.scenario import load
from lembur.domain.time import moment_ms
from producers import files
from producers.intake import Applicant, Intake
from support.door import Door

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.domain.card import Outcome

INPUTS = Path(__file__).parents[1] / "data" / "intake"
NOW_MS = 1_472_083_200_000
SOLO = load("solo-2016")
REAL = SOLO.model_copy(update={"demonstration": False})
TITLES = ("nik", "name", "kelurahan_code", "stream", "recorded_at", "verified_at")
GOOD = ("3372041705900001", "SITI", "33.72.04.1001", "first_issue", "2016-08-24T09:30:00", "")


def intake(door: Door, *, dry_run: bool = False) -> Intake:
    """An intake at a moment of the case."""
    return Intake(None if dry_run else door, REAL, now_ms=NOW_MS)


def demonstration(door: Door) -> Intake:
    """An intake of a demonstration, which takes invented people too."""
    return replace(intake(door), scenario=SOLO)


def given(folder: Path, name: str) -> Path:
    """Copy a file that once went wrong, for lists are written beside it."""
    return Path(shutil.copy(INPUTS / name, folder))


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
    assert "nothing was changed" in summarize(second)
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
        ({"verified_at": "yes"}, "verified_at must be like 2016-08-25, or empty"),
        ({"verified_at": "9999-12-31T23:59:59"}, "verified_at is in the future"),
        ({"verified_at": "2016-08-23T23:59:59"}, "verified_at is before recorded_at"),
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


@pytest.mark.parametrize(
    ("stream", "verified_at", "expected"),
    [
        ("first_issue", "", None),
        ("first_issue", "2016-08-24", "2016-08-24T09:30:00+07:00"),
        ("first_issue", "2016-08-24T12:00:00", "2016-08-24T12:00:00+07:00"),
        ("replacement", "2016-08-24", None),
    ],
)
def test_the_date_of_a_verdict_is_never_before_the_recording(
    tmp_path: Path, stream: str, verified_at: str, expected: str | None
) -> None:
    """A date alone is its midnight, but not earlier than the recording. A replacement needs no verdict."""
    path = written(tmp_path / "a.csv", [row(1, stream=stream, verified_at=verified_at)])
    applicants: list[Applicant] = []

    def enrol(rows: Sequence[Applicant]) -> list[Outcome]:
        applicants.extend(rows)
        return Door()(rows)

    report = replace(intake(Door()), enrol=enrol).take(path)

    expected_ms = moment_ms(datetime.fromisoformat(expected)) if expected else None
    assert [one.verified_ms for one in applicants] == [expected_ms]
    assert report.verified == intake(Door(), dry_run=True).take(path).verified == int(expected is not None)
    assert intake(Door()).take(path).verified == report.verified


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
    assert "could be enrolled" in summarize(report)


def test_a_nik_of_another_kecamatan_is_a_warning(tmp_path: Path) -> None:
    """People move; the row goes in."""
    report = intake(Door()).take(written(tmp_path / "a.csv", [row(1, kelurahan_code="33.72.01.1001")]))

    assert (report.enrolled, report.warned) == (1, 1)


def test_an_interrupted_intake_keeps_what_it_enrolled_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C between lots loses nothing and doubles nothing."""
    door, path = Door(), written(tmp_path / "a.csv", [row(n) for n in range(1, 1101)])

    def stop(rows: int) -> None:
        raise KeyboardInterrupt(rows)

    with pytest.raises(KeyboardInterrupt):
        replace(intake(door), progress=stop).take(path)
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


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _: None, "there is no such file"),
        (lambda path: path.mkdir(), "this is a folder: give the file itself"),
        (os.mkfifo, "this is a pipe or a device: save it as a file first"),
    ],
    ids=["missing", "folder", "fifo"],
)
def test_what_is_no_file_is_named(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    """A missing file, a folder and a pipe each have their sentence; a pipe is not waited for."""
    path = tmp_path / "a.csv"
    make(path)

    with pytest.raises(IntakeError, match=f"{reason}; nothing was enrolled"):
        intake(Door()).take(path)


def test_a_bad_byte_near_the_end_enrols_nobody(tmp_path: Path) -> None:
    """The sentence names the line and the byte itself; mended, the same file goes in whole."""
    path = given(tmp_path, "late-bad-byte.csv")
    content, door = path.read_bytes(), Door()
    bad = content.index(b"\xc9")
    line = content[:bad].count(b"\n") + 1

    with pytest.raises(IntakeError, match=f"line {line}, byte {bad} counted from 0.*nothing was enrolled"):
        demonstration(door).take(path)

    assert door.lots == []
    assert list(tmp_path.iterdir()) == [path]

    path.write_bytes(content.replace(b"\xc9", "É".encode()))
    report = demonstration(door).take(path)
    assert (report.rows, report.enrolled, report.refused) == (content.count(b"\n") - 1, sum(door.lots), 1)


@pytest.mark.parametrize("name", ["two-nik-columns.csv", "two-nik-columns.xlsx"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    """Nobody can know which of them is the person."""
    door = Door()

    with pytest.raises(IntakeError, match="more than one column nik: keep the right one; nothing was enrolled"):
        demonstration(door).take(given(tmp_path, name))

    assert door.lots == []


def test_two_values_of_one_name_in_json_are_refused(tmp_path: Path) -> None:
    """Also when they differ in their capitals only; the other rows go in."""
    path = tmp_path / "a.jsonl"
    good, other = dict(zip(TITLES, row(1), strict=True)), dict(zip(TITLES, row(2), strict=True))
    path.write_text(f'{{"NIK": "{row(3)[0]}", {json.dumps(other)[1:]}\n{json.dumps(good)}\n')

    report = intake(Door()).take(path)

    assert (report.enrolled, refused(path)) == (1, [("1", "2 values for nik")])


@pytest.mark.parametrize(
    ("name", "enrolled", "faults"),
    [
        ("upper-keys.jsonl", 1, []),
        ("sep-line.csv", 1, []),
        ("trailing-rows.csv", 1, []),
        ("one-person.csv", 1, []),
        ("huge-number.jsonl", 2, [("2", "a NIK has 16 digits, this one has 4301")]),
        ("deep.jsonl", 2, [("2", "not a JSON object of plain values: too many brackets")]),
    ],
)
def test_files_as_they_come(tmp_path: Path, name: str, enrolled: int, faults: list[tuple[str, str]]) -> None:
    """Files that spreadsheets and scripts write: what is a person goes in, the rest is listed with its row."""
    path = given(tmp_path, name)

    report = demonstration(Door()).take(path)

    assert (report.enrolled, report.refused) == (enrolled, len(faults))
    assert not faults or refused(path) == faults


def test_rows_after_a_sep_line_have_the_numbers_of_their_lines(tmp_path: Path) -> None:
    """The line for the spreadsheet counts, as an editor counts it."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["sep=;", ";".join(TITLES), ";".join(row(1)), ";".join(row(2, stream="x"))]))

    intake(Door()).take(path)

    assert [number for number, _ in refused(path)] == ["4"]


@pytest.mark.parametrize("blocked", ["a.csv.refused.csv", "a.csv.refused.part"])
def test_a_list_that_cannot_be_written_is_found_before_anybody_is_enrolled(tmp_path: Path, blocked: str) -> None:
    """Reasons must not be lost: the file is given again from another folder."""
    path, door = written(tmp_path / "a.csv", [row(1), row(2, stream="x")]), Door()
    (tmp_path / blocked / "in the way").mkdir(parents=True)

    with pytest.raises(IntakeError, match=r"list of refused rows cannot be written.*nothing was enrolled"):
        intake(door).take(path)

    assert door.lots == []


def test_without_refused_rows_the_folder_need_not_be_writable(tmp_path: Path) -> None:
    """A name too long for its list stands for a folder in which nothing can be written."""
    path = written(tmp_path / f"{'a' * 250}.csv", [row(1)])

    assert intake(Door()).take(path).enrolled == 1


def test_a_ledger_that_goes_away_half_way_is_reported_with_the_rows_done(tmp_path: Path) -> None:
    """The sentence counts them, the list of refused rows is there, and the same file goes on from there."""
    path = written(tmp_path / "a.csv", [row(n) for n in range(1, 1101)] + [row(2000, stream="x")])
    door, away = Door(), LedgerError("the ledger did not answer")

    def failing(rows: Sequence[Applicant]) -> list[Outcome]:
        if door.lots:
            raise away
        return door(rows)

    with pytest.raises(IntakeError, match=r"500 of 1,100 good rows were enrolled or known.*did not answer; give the"):
        replace(intake(door), enrol=failing).take(path)

    assert refused(path) == [("1102", "stream must be first_issue or replacement")]
    assert intake(door).take(path).enrolled == 600


@pytest.mark.parametrize("recorded_at", ["0001-01-01T00:00:00", "0216-08-24T09:30:00", "1999-12-31T23:59:59"])
def test_a_year_that_cannot_be_is_refused(tmp_path: Path, recorded_at: str) -> None:
    """A card recorded in the year 216 would go before all others."""
    report = intake(Door()).take(written(tmp_path / "a.csv", [row(1, recorded_at=recorded_at)]))

    assert (report.enrolled, report.refused) == (0, 1)


@pytest.mark.parametrize(
    ("suffix", "line", "reason"),
    [
        (".csv", ",".join(TITLES) + "\n" + "x" * 70_000, "line 2 has more than 65,536 bytes"),
        (".csv", ",".join(TITLES) + '\n"' + "x\n" * 70_000, "not a CSV file near line"),
        (".jsonl", "[" * 70_000, "line 1 has more than 65,536 bytes"),
    ],
    ids=["line", "quote", "brackets"],
)
def test_a_file_beyond_all_bounds_is_refused(tmp_path: Path, suffix: str, line: str, reason: str) -> None:
    """A file may have any size and shape; reading it takes a bounded time and memory."""
    path = tmp_path / f"a{suffix}"
    path.write_text(line)

    with pytest.raises(IntakeError, match=reason):
        intake(Door()).take(path)


def test_a_file_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row more than the bound, and nothing is enrolled; at the bound all are."""
    monkeypatch.setattr(files, "MAX_ROWS", 600)
    path, door = written(tmp_path / "a.csv", [row(n) for n in range(1, 602)]), Door()

    with pytest.raises(IntakeError, match="more than 600 rows: split it"):
        intake(door).take(path)

    assert door.lots == []
    assert intake(door).take(written(path, [row(n) for n in range(1, 601)])).enrolled == 600


def test_a_file_of_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    """Without reading it."""
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.truncate(100_000_001)

    with pytest.raises(IntakeError, match="more than 100 MB: split it"):
        intake(Door()).take(path)


def test_a_workbook_that_unpacks_to_millions_of_parts_ends_in_a_sentence(tmp_path: Path) -> None:
    """A zip bomb takes neither this process nor the machine with it."""
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(tmp_path / "small.xlsx")
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with ZipFile(tmp_path / "small.xlsx") as small, ZipFile(path, "w", ZIP_DEFLATED) as bomb:
        for name in small.namelist():
            if name != "xl/styles.xml":
                bomb.writestr(name, small.read(name))
        styles = "<xf/>" * 10_000_000
        bomb.writestr("xl/styles.xml", f'<styleSheet xmlns="{namespace}"><cellXfs>{styles}</cellXfs></styleSheet>')

    with pytest.raises(IntakeError, match="nothing was enrolled"):
        intake(Door()).take(path)


def test_a_cell_in_the_last_corner_of_a_sheet_takes_no_memory(tmp_path: Path) -> None:
    """A reader that makes room for every cell up to there asks for half a terabyte."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(TITLES)
    sheet["XFD1048576"] = "x"
    path = tmp_path / "a.xlsx"
    book.save(path)

    with pytest.raises(IntakeError, match="too much memory or time: save its sheet as 'CSV UTF-8'"):
        intake(Door()).take(path)


def test_broken_quoting_is_told_with_its_line(tmp_path: Path) -> None:
    """A quote that never ends swallows the rest of a file; it is refused."""
    path = tmp_path / "a.csv"
    path.write_text(",".join(TITLES) + "\n" + ",".join(row(1)) + '\n"never, ends\n')

    with pytest.raises(IntakeError, match="not a CSV file near line 3"):
        intake(Door()).take(path)
