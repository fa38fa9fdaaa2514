"""Read files of recorded identities row by row: CSV, JSONL and XLSX, within fixed bounds of memory and time."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from lembur.domain.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REQUIRED: Final = ("nik", "kelurahan_code", "stream", "recorded_at")
MAX_ROWS: Final = 200_000
"""Most rows of one file: half a city. They need about 100 MB while they are checked."""
MAX_BYTES: Final = 100_000_000
"""Largest size of a file."""
MAX_LINE_BYTES: Final = 65_536
WORKBOOK_PROGRAM: Final = Path(__file__).with_name("workbook.py")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a file with its number there. `values` holds text by column, `fault` a reason to refuse the row."""

    number: int
    values: Mapping[str, str]
    fault: str = ""


class JsonObject(list[tuple[str, object]]):
    """The pairs of a JSON object as they stand in the file: a name may occur twice."""


def read_rows(path: Path) -> Iterator[FileRow]:
    """Yield the rows that are not blank. A file that cannot be read to its end is an IntakeError."""
    reader = {".csv": _csv, ".jsonl": _jsonl, ".xlsx": _xlsx}.get(path.suffix.lower())
    if reader is None:
        raise IntakeError(f"{path}: the name must end in .csv, .jsonl or .xlsx")
    try:
        _check_kind(path)
        with path.open("rb") as file:
            yield from _limit(reader(file))
    except OSError as fault:
        raise IntakeError(f"{path}: it cannot be read ({fault.strerror or fault})") from fault
    except IntakeError as fault:
        raise IntakeError(f"{path}: {fault}") from fault


def _limit(rows: Iterator[FileRow]) -> Iterator[FileRow]:
    yield from islice(rows, MAX_ROWS)
    if next(rows, None):
        raise IntakeError(f"it has more than {MAX_ROWS:,} rows: split it")


def _check_kind(path: Path) -> None:
    if path.is_dir():
        raise IntakeError("this is a folder: give the file itself")
    if not path.exists():
        raise IntakeError("there is no such file")
    if not path.is_file():
        raise IntakeError("this is a pipe or a device: save it as a file first")
    size = path.stat().st_size
    if size == 0:
        raise IntakeError("the file is empty")
    if size > MAX_BYTES:
        raise IntakeError(f"it has more than {MAX_BYTES // 1_000_000} MB: split it")


def _lines(file: BinaryIO) -> Iterator[str]:
    start = 0
    for number in count(1):
        line = file.readline(MAX_LINE_BYTES + 1)
        if not line:
            return
        if len(line) > MAX_LINE_BYTES:
            raise IntakeError(f"line {number} has more than {MAX_LINE_BYTES:,} bytes: a row is one short line")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as fault:
            where = f"line {number}, byte {start + fault.start} counted from 0"
            raise IntakeError(f"not in UTF-8 ({where}): save it as 'CSV UTF-8' or in UTF-8") from fault
        yield text
        start += len(line)


def _csv(file: BinaryIO) -> Iterator[FileRow]:
    lines = _lines(file)
    first, skipped = next(lines, ""), 0
    delimiter = ";" if first.count(";") > first.count(",") else ","
    if first.strip().lower() in {"sep=;", "sep=,"}:  # written by spreadsheets, for spreadsheets
        delimiter, first, skipped = first.strip()[-1], next(lines, ""), 1
    rows = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        titles = _titles(next(rows, []))
        for cells in rows:
            if any(cell.strip() for cell in cells):
                fault = "" if len(cells) == len(titles) else f"{len(cells)} fields for {len(titles)} columns"
                yield FileRow(rows.line_num + skipped, dict(zip(titles, cells, strict=False)), fault)
    except csv.Error as fault:
        raise IntakeError(f"not a CSV file near line {rows.line_num + skipped}: {fault}") from fault


def _jsonl(file: BinaryIO) -> Iterator[FileRow]:
    return (_json_row(number, line) for number, line in enumerate(_lines(file), 1) if line.strip())


def _json_row(number: int, line: str) -> FileRow:
    # A number stays as its digits, because a NIK is no amount, and Python refuses to convert thousands of digits.
    try:
        found = json.loads(line, object_pairs_hook=JsonObject, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as fault:
        return FileRow(number, {}, f"not JSON: {fault.msg} at character {fault.pos + 1}")
    except RecursionError:
        return FileRow(number, {}, "not a JSON object of plain values: too many brackets")
    if not isinstance(found, JsonObject):
        return FileRow(number, {}, "not a JSON object")
    pairs = [(name.strip().lower(), str(value)) for name, value in found if value is not None]
    names = Counter(name for name, _ in pairs)
    faults = [f"no {name}" for name in REQUIRED if not names[name]]
    faults += [f"{names[name]} values for {name}" for name in REQUIRED if names[name] > 1]
    return FileRow(number, dict(pairs), ", ".join(faults))


def _xlsx(file: BinaryIO) -> Iterator[FileRow]:
    rows = ((number, json.loads(line)) for number, line in enumerate(_sheet_lines(file), 1))
    titles = _titles([_text(cell) for cell in next(rows, (1, ()))[1]])
    for number, cells in rows:
        values = {title: _text(cell) for title, cell in zip(titles, cells, strict=False)}
        if any(values.values()):
            yield FileRow(number, values, _numeric_nik(cells[titles.index("nik")]))


def _sheet_lines(file: BinaryIO) -> Iterator[str]:
    command = (sys.executable, "-I", str(WORKBOOK_PROGRAM), file.name)
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL) as program:  # noqa: S603 - our own program
        try:
            yield from _lines(cast("BinaryIO", program.stdout))
            program.wait()
        finally:
            program.kill()  # changes nothing if it has ended
    if program.returncode < 0:
        raise IntakeError("the workbook needs too much memory or time: save its sheet as 'CSV UTF-8'")
    if program.returncode:
        raise IntakeError("not a readable XLSX workbook: open it and save it again as .xlsx, or as 'CSV UTF-8'")


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _numeric_nik(cell: object) -> str:
    # A spreadsheet keeps 15 digits of a number: the sixteenth digit of a NIK is already lost.
    if isinstance(cell, int | float):
        return "the NIK is a number in the sheet, or the result of a formula, which keeps 15 digits: format it as text"
    return "" if cell else "the NIK is empty, or a formula without a saved value: paste it as a value"


def _titles(cells: Sequence[str]) -> list[str]:
    titles = [cell.strip().lower() for cell in cells]
    if missing := [name for name in REQUIRED if name not in titles]:
        raise IntakeError(f"no column {', '.join(missing)}; the first row must name {', '.join(REQUIRED)}")
    if repeated := [name for name in REQUIRED if titles.count(name) > 1]:
        raise IntakeError(f"more than one column {', '.join(repeated)}: keep the right one")
    return titles
