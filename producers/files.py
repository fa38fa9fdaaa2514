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

from lembur.domain.errors import IntakeError, Sentence
from lembur.files import find_separator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REQUIRED: Final = ("nik", "kelurahan_code", "stream", "recorded_at")
READ: Final = (*REQUIRED, "verified_at")
"""The columns that are read. Others are ignored."""
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
        raise IntakeError("%(file)s: the name must end in .csv, .jsonl or .xlsx", file=path)
    try:
        _check_kind(path)
        with path.open("rb") as file:
            yield from _limit(reader(file))
    except OSError as fault:
        raise IntakeError(
            "%(file)s: it cannot be read (%(reason)s)", file=path, reason=fault.strerror or fault
        ) from fault
    except IntakeError as fault:
        raise IntakeError("%(file)s: %(fault)s", file=path, fault=fault) from fault


def _limit(rows: Iterator[FileRow]) -> Iterator[FileRow]:
    yield from islice(rows, MAX_ROWS)
    if next(rows, None):
        raise IntakeError("it has more than %(most)s rows: split it", most=MAX_ROWS)


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
        raise IntakeError("it has more than %(most)s MB: split it", most=MAX_BYTES // 1_000_000)


def _lines(file: BinaryIO) -> Iterator[str]:
    start = 0
    for number in count(1):
        line = file.readline(MAX_LINE_BYTES + 1)
        if not line:
            return
        if len(line) > MAX_LINE_BYTES:
            raise IntakeError(
                "line %(number)s has more than %(most)s bytes: a row is one short line",
                number=number,
                most=MAX_LINE_BYTES,
            )
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as fault:
            where = Sentence(
                "line %(line)s, byte %(byte)s counted from 0", line=str(number), byte=str(start + fault.start)
            )
            raise IntakeError("not in UTF-8 (%(where)s): save it as 'CSV UTF-8' or in UTF-8", where=where) from fault
        yield text
        start += len(line)


def _csv(file: BinaryIO) -> Iterator[FileRow]:
    lines = _lines(file)
    first, skipped = next(lines, ""), 0
    delimiter = find_separator(first)
    if first.strip().lower() in {"sep=;", "sep=,"}:  # written by spreadsheets, for spreadsheets
        delimiter, first, skipped = first.strip()[-1], next(lines, ""), 1
    rows = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        titles = _titles(next(rows, []))
        for cells in rows:
            if any(cell.strip() for cell in cells):
                fault = Sentence("%(fields)s fields for %(columns)s columns", fields=len(cells), columns=len(titles))
                right = len(cells) == len(titles)
                yield FileRow(rows.line_num + skipped, dict(zip(titles, cells, strict=False)), "" if right else fault)
    except csv.Error as fault:
        raise IntakeError(
            "not a CSV file near line %(line)s: %(fault)s", line=rows.line_num + skipped, fault=fault
        ) from fault


def _jsonl(file: BinaryIO) -> Iterator[FileRow]:
    return (_json_row(number, line) for number, line in enumerate(_lines(file), 1) if line.strip())


def _json_row(number: int, line: str) -> FileRow:
    # A number stays as its digits, because a NIK is no amount, and Python refuses to convert thousands of digits.
    try:
        found = json.loads(line, object_pairs_hook=JsonObject, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as fault:
        return FileRow(number, {}, Sentence("not JSON, from character %(number)s on", number=str(fault.pos + 1)))
    except RecursionError:
        return FileRow(number, {}, Sentence("not a JSON object of plain values: too many brackets"))
    if not isinstance(found, JsonObject):
        return FileRow(number, {}, Sentence("not a JSON object"))
    pairs = [(name.strip().lower(), str(value)) for name, value in found if value is not None]
    names = Counter(name for name, _ in pairs)
    faults = [Sentence("no %(column)s", column=name) for name in REQUIRED if not names[name]]
    faults += [
        Sentence("%(number)s values for %(column)s", number=names[name], column=name)
        for name in READ
        if names[name] > 1
    ]
    return FileRow(number, dict(pairs), Sentence("%(faults)s", faults=tuple(faults)) if faults else "")


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
        return Sentence(
            "the NIK is a number in the sheet, or the result of a formula, which keeps 15 digits: format it as text"
        )
    return "" if cell else Sentence("the NIK is empty, or a formula without a saved value: paste it as a value")


def _titles(cells: Sequence[str]) -> list[str]:
    titles = [cell.strip().lower() for cell in cells]
    if missing := [name for name in REQUIRED if name not in titles]:
        raise IntakeError(
            "no column %(missing)s; the first row must name %(columns)s",
            missing=", ".join(missing),
            columns=", ".join(REQUIRED),
        )
    if repeated := [name for name in READ if titles.count(name) > 1]:
        raise IntakeError("more than one column %(columns)s: keep the right one", columns=", ".join(repeated))
    return titles
