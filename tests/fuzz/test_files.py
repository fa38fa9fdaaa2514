"""Broken files of every kind: an intake ends with a whole report or with one sentence, and never in between.

`make check` tries some hundred files, `make fuzz` ten thousand.
"""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lembur.domain.errors import IntakeError
from lembur.domain.scenario import load
from producers import Intake
from support.door import Door

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(3600)]

INPUTS: Final = Path(__file__).parents[1] / "data" / "intake"
SOLO: Final = load("solo-2016")
NOW_MS: Final = 1_472_083_200_000
TITLES: Final = ("nik", "name", "kelurahan_code", "stream", "recorded_at")
TOKENS: Final = (
    *(b",", b";", b'"', b"'", b"\n", b"\r\n", b"\r", b"\t", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc9", b"sep=;\n"),
    *(b"{", b"}", b"[", b"]", b":", b"\\", b"\\ud800", b"null", b"NaN", b"1e999", b"-0", b"nik", b"NIK", b"stream"),
    *(b"<", b">", b"&a;", b"<c>", b'r="A1"', b'r="ZZZ99999999"', b't="s"', b"<v>", b"99999999999", b"=1+1"),
    *(b"0001-01-01T00:00:00", b"9999-12-31T23:59:59", b"2016-W34-4", b"first_issue", b"33.72.01.1001", b"\xe2\x80\xa8"),
)
"""Pieces that one of the readers, or the code behind them, treats in its own way."""


def people(count: int) -> list[dict[str, str]]:
    """Rows that are all good."""
    rest = ("33.72.04.1001", "first_issue", "2016-08-24T09:30:00")
    return [
        dict(zip(TITLES, (f"337204170590{number:04d}", f"WARGA {number}", *rest), strict=True))
        for number in range(1, count + 1)
    ]


def workbook(rows: list[dict[str, str]]) -> bytes:
    """Write a workbook as Excel's users send it."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for cells in (TITLES, *(row.values() for row in rows)):
        sheet.append(list(cells))
    book.save(file)
    return file.getvalue()


def corpus(suffix: str) -> list[bytes]:
    """Good files, and files that once went wrong."""
    rows = people(12)
    good = {
        ".csv": "\n".join(",".join(values) for values in (TITLES, *(row.values() for row in rows))).encode(),
        ".jsonl": "\n".join(json.dumps(row) for row in rows).encode(),
        ".xlsx": workbook(rows),
    }
    return [good[suffix], *(path.read_bytes() for path in sorted(INPUTS.glob(f"*{suffix}")))]


def mutated(content: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Change a few places of a file: flip, cut, double, insert, splice, end early."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((1, 2, 8, 64, 512)))
        other = dice.choice(others)
        start = dice.randrange(len(other))
        match dice.randrange(6):
            case 0:
                data[at:end] = bytes(dice.randrange(256) for _ in range(end - at))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * dice.choice((1, 2, 50))
            case 3:
                data[at:at] = dice.choice(TOKENS) * dice.choice((1, 1, 2, 300))
            case 4:
                data[at:end] = other[start : start + dice.choice((1, 16, 256))]
            case _:
                del data[max(at, len(data) // 2) :]
    return bytes(data)


def mutated_workbook(content: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Change the packed file, or one of the parts in it."""
    if dice.random() < 0.3:
        return mutated(content, dice, others)
    file = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        chosen = dice.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutated(part, dice, [part]) if name == chosen else part)
    return file.getvalue()


def check(folder: Path, suffix: str, content: bytes) -> str:
    """Take a file in twice; return how it ended. Anything but a whole report or one sentence is a fault."""
    for old in folder.iterdir():
        old.unlink()
    path, door = folder / f"a{suffix}", Door()
    path.write_bytes(content)
    listed = path.with_name(path.name + ".refused.csv")
    intake = Intake(door, SOLO, now_ms=NOW_MS)
    try:
        report = intake.take(path)
    except IntakeError as fault:
        sentence = str(fault)
        assert sentence.startswith(f"{path}: ")
        assert sentence.endswith("; nothing was enrolled")
        assert sentence.isprintable()
        assert (door.lots, list(folder.iterdir())) == ([], [path])
        return "refused"
    assert report.rows == report.enrolled + report.refused
    assert report.enrolled == len(door.known)
    assert {one.name for one in folder.iterdir()} == {path.name, *([listed.name] if report.refused else [])}
    if suffix == ".csv":
        assert all(digits.encode() in content for digits in door.known)
    again = intake.take(path)
    assert (again.rows, again.known, again.refused) == (report.rows, report.enrolled, report.refused)
    return "read"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_a_broken_file_ends_in_a_report_or_a_sentence(tmp_path: Path, suffix: str, fuzz_files: int) -> None:
    """Mutated files, each by its number: the same number makes the same file."""
    seeds, ends = corpus(suffix), {"read": 0, "refused": 0}
    mutate: Callable[..., bytes] = mutated_workbook if suffix == ".xlsx" else mutated
    for number in range(fuzz_files // 3 + 1):
        dice = random.Random(f"{suffix}{number}")  # noqa: S311 - chance here chooses faults
        content = mutate(dice.choice(seeds), dice, seeds)
        try:
            ends[check(tmp_path, suffix, content)] += 1
        except Exception as fault:
            raise AssertionError(f"file {number} of {suffix}: {fault!r}: {content[:300]!r}") from fault

    print(f"{suffix}: {ends}")  # noqa: T201 - shown by `make fuzz`
    assert min(ends.values()) > 0


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=20)), max_size=30), headed=st.booleans())
def test_any_bytes_end_in_a_report_or_a_sentence(
    tmp_path: Path, suffix: str, pieces: list[bytes], *, headed: bool
) -> None:
    """Hypothesis looks for the smallest file that ends otherwise."""
    head = b",".join(title.encode() for title in TITLES) + b"\n" if headed else b""

    check(tmp_path, suffix, head + b"".join(pieces))
