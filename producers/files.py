"""Files of recorded identities: CSV, JSONL and XLSX, read row by row."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TextIO

from lembur.domain.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

REQUIRED: Final = ("nik", "kelurahan_code", "stream", "recorded_at")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row as it stands in the file, with its number there; `values` holds text by column."""

    number: int
    values: Mapping[str, str]
    fault: str = ""


def read(path: Path) -> Iterator[FileRow]:
    """Read a file by its ending; a file that cannot be read as a whole is an IntakeError that says how to mend it."""
    readers = {".csv": _csv, ".jsonl": _jsonl, ".xlsx": _xlsx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise IntakeError(f"{path}: the name must end in .csv, .jsonl or .xlsx")
    if not path.is_file():
        raise IntakeError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise IntakeError(f"{path}: the file is empty")
    return reader(path)


def _csv(path: Path) -> Iterator[FileRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        number = 1
        try:
            first = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
            _check_columns(path, [name.strip().lower() for name in rows.fieldnames or ()])
            for row in rows:
                values = {(name or "").strip().lower(): value for name, value in row.items() if isinstance(value, str)}
                number = rows.line_num
                yield FileRow(number, values, "" if len(values) == len(row) else "more or fewer fields than columns")
        except UnicodeDecodeError as fault:
            raise IntakeError(f"{path}: not in UTF-8 (byte {fault.start}): save it as 'CSV UTF-8'") from fault
        except csv.Error as fault:
            raise IntakeError(f"{path}: not a CSV file near line {number + 1}: {fault}") from fault


def _jsonl(path: Path) -> Iterator[FileRow]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(_lines(path, file), 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except json.JSONDecodeError as fault:
                yield FileRow(number, {}, f"not JSON: {fault.msg} at character {fault.pos + 1}")
                continue
            if not isinstance(found, dict):
                yield FileRow(number, {}, "not a JSON object")
                continue
            missing = [name for name in REQUIRED if name not in found]
            values = {str(name).lower(): str(value) for name, value in found.items() if value is not None}
            yield FileRow(number, values, f"no {', '.join(missing)}" if missing else "")


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError as fault:
        raise IntakeError(f"{path}: not in UTF-8 (byte {fault.start}): save it as UTF-8") from fault


def _xlsx(path: Path) -> Iterator[FileRow]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()
        titles = [str(cell).strip().lower() for cell in next(rows, [])]
    except (CalamineError, OSError, IndexError) as fault:
        raise IntakeError(f"{path}: not a readable XLSX workbook ({fault})") from fault
    _check_columns(path, titles)
    for number, cells in enumerate(rows, 2):
        values = {title: _text(cell) for title, cell in zip(titles, cells, strict=False)}
        if any(values.values()):
            yield FileRow(number, values, _numeric_nik(dict(zip(titles, cells, strict=False)).get("nik")))


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime) else str(cell).strip()


def _numeric_nik(cell: object) -> str:
    # A spreadsheet keeps 15 digits of a number: the sixteenth of a NIK is lost already, silently.
    if isinstance(cell, int | float):
        return "the NIK is a number in the sheet, or the result of a formula, which keeps 15 digits: format it as text"
    return "" if cell else "the NIK is empty, or a formula without a saved value: paste it as a value"


def _check_columns(path: Path, found: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise IntakeError(f"{path}: no column {', '.join(missing)}; the first row must name {', '.join(REQUIRED)}")
