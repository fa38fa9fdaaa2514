"""Print the rows of a workbook's first sheet as lines of JSON.

Runs as a process of its own, started by its path: a workbook of a few kilobytes can ask for any amount of memory and
time (a packed gigabyte, a cell in the last corner of the sheet). The limits below end this process, and no other.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from datetime import date, datetime

MEMORY_BYTES = 1_000_000_000
CPU_S = 30
"""Limits of this process. A sheet of 200,000 people needs a tenth of them."""


def limit() -> None:
    """Let the kernel end this process at its limits, without a memory dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    with suppress(ValueError):  # macOS knows no such limit; there the time ends it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def value_of(cell: object) -> object:
    """Keep numbers as numbers, so that a NIK written as a number is found. Write moments as text."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return cell if isinstance(cell, int | float | str) else str(cell)


def main(path: str) -> None:
    """Print the sheet."""
    from python_calamine import CalamineWorkbook

    limit()
    for cells in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
        sys.stdout.write(json.dumps([value_of(cell) for cell in cells]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
