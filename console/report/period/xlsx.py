"""The report of a period as a spreadsheet: a sheet for each table, figures as numbers, text as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.report.period.tables import WORDS, make_tables
from console.report.period.words import translate
from console.text import visible
from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from console.report.period.model import PeriodReport
    from console.report.period.tables import Cell, ReportTable
    from console.ui import Language, Times

FORMATS: Final = {
    "count": "#,##0",
    "hours": "#,##0.0",
    "rupiah": "#,##0",
    "share": "0%",
    "factor": "0.00",
    "moment": "yyyy-mm-dd hh:mm",
}
WIDEST: Final = 60
FIRST_LINE: Final = 3
"""The heading, an empty line and the titles stand above it."""
LONGEST_NAME: Final = 31
"""Letters of the name of a sheet."""


def write_xlsx(report: PeriodReport, path: Path, language: Language, heading: str) -> None:
    """Write the spreadsheet; a text that begins with '=' stays a text."""
    # Imported here: a spreadsheet is rare.
    from xlsxwriter import Workbook

    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        formats = {kind: book.add_format({"num_format": form, "align": "right"}) for kind, form in FORMATS.items()}
        formats |= {"title": book.add_format({"bold": True}), "text": book.add_format({"align": "left"})}
        for table in make_tables(report):
            sheet = book.add_worksheet(translate(table.title, language)[:LONGEST_NAME])
            sheet.write_string(0, 0, visible(heading), formats["title"])
            _Writer(sheet, formats, language, report.times).write(table)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes one table on a sheet, below its heading."""

    sheet: Worksheet
    formats: dict[str, Format]
    language: Language
    times: Times

    def write(self, table: ReportTable) -> None:
        """Write titles and rows, each column as wide as its longest cell."""
        titles = [translate(title, self.language) for title in table.columns]
        self.sheet.freeze_panes(FIRST_LINE, 1)
        for column, title in enumerate(titles):
            self.sheet.write_string(FIRST_LINE - 1, column, title, self.formats["title"])
            cells = [row[column] for row in table.rows]
            for line, cell in enumerate(cells, FIRST_LINE):
                self._write_cell(line, column, cell)
            widest = max(map(len, [title, *(cell.write(self.language, self.times) for cell in cells)]))
            self.sheet.set_column(column, column, min(WIDEST, widest + 2))
        if not table.rows:
            self.sheet.write_string(FIRST_LINE, 0, translate(table.empty, self.language), self.formats["text"])

    def _write_cell(self, line: int, column: int, cell: Cell) -> None:
        value, form = cell.value, self.formats["text" if cell.kind in WORDS else cell.kind]
        if isinstance(value, str | tuple) or value is None or (cell.kind == "moment" and value >= NEVER_MS):
            self.sheet.write_string(line, column, cell.write(self.language, self.times), form)
        elif cell.kind == "moment":
            self.sheet.write_datetime(line, column, self.times.local(value).replace(tzinfo=None), form)
        else:
            self.sheet.write_number(line, column, value, form)
