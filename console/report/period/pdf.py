"""The report of a period as PDF: the tables one after the other, on A4 across."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.report.period.tables import make_tables
from console.report.period.words import translate
from console.text import visible
from console.ui import FONT, new_paper

if TYPE_CHECKING:
    from pathlib import Path

    from fpdf import FPDF

    from console.report.period.model import PeriodReport
    from console.report.period.tables import ReportTable
    from console.ui import Language, Times

WORDS_MM: Final = 60
"""Largest width of a column of words; a longer cell has several lines."""
LINE_MM: Final = 4.6
PADDING_MM: Final = 4.0
MOST_ROWS: Final = 12
"""Rows of a table that stay together on one page."""
LEAST_SHARE: Final = 0.6
"""Smallest width of a table, as a share of the page."""
LINES_GREY: Final = 170


def write_pdf(report: PeriodReport, path: Path, language: Language, heading: str) -> None:
    """Write the pages."""
    pdf = new_paper(landscape=True)
    pdf.set_font(FONT, "B", 14)
    pdf.multi_cell(0, 8, visible(heading), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, "", 9)
    pdf.multi_cell(0, 5, visible(report.title), align="L", new_x="LMARGIN", new_y="NEXT")
    for table in make_tables(report):
        _add_table(pdf, table, language, report.times)
    pdf.output(str(path))


def _add_table(pdf: FPDF, table: ReportTable, language: Language, times: Times) -> None:
    if pdf.will_page_break((min(MOST_ROWS, len(table.rows)) + 3) * LINE_MM):
        pdf.add_page()
    pdf.ln(4)
    pdf.set_font(FONT, "B", 10)
    pdf.cell(0, 7, translate(table.title, language), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, "", 8)
    titles = [translate(title, language) for title in table.columns]
    rows = [[cell.write(language, times) for cell in row] for row in table.rows]
    if not rows:
        pdf.cell(0, LINE_MM, translate(table.empty, language), new_x="LMARGIN", new_y="NEXT")
        return
    widths = _widths(pdf, table, titles, rows)
    pdf.set_draw_color(LINES_GREY)
    pdf.set_line_width(0.1)
    with pdf.table(
        [titles],
        col_widths=tuple(widths),
        width=min(sum(widths), pdf.epw),  # The last digit of a sum of fractions may be larger.
        align="LEFT",
        borders_layout="HORIZONTAL_LINES",
        line_height=LINE_MM,
        text_align=tuple("LEFT" if words else "RIGHT" for words in table.words),
        v_align="TOP",
    ) as lines:
        for number, row in enumerate(rows, 1):
            if table.total and number == len(rows):
                pdf.set_font(style="B")
            lines.row(row)
    pdf.set_font(style="")


def _widths(pdf: FPDF, table: ReportTable, titles: list[str], rows: list[list[str]]) -> list[float]:
    """Return the width of each column. Figures stay whole; words may take several lines, titles where they must.

    All is measured in bold, as titles and totals are written.
    """
    pdf.set_font(style="B")
    widths = _fit(pdf, table, [[title] for title in titles], rows)
    if sum(widths) > pdf.epw:
        widths = _fit(pdf, table, [title.split() for title in titles], rows)
    pdf.set_font(style="")
    scale = min(pdf.epw, max(LEAST_SHARE * pdf.epw, sum(widths))) / sum(widths)
    return [width * scale for width in widths]


def _fit(pdf: FPDF, table: ReportTable, titles: list[list[str]], rows: list[list[str]]) -> list[float]:
    """Return the width of each column for the parts of its title that stay whole, and for its cells."""
    widths = []
    for words, title, *cells in zip(table.words, titles, *rows, strict=True):
        longest = max(map(pdf.get_string_width, cells))
        heading = max(map(pdf.get_string_width, title))
        widths.append(max(heading, min(longest, WORDS_MM if words else longest)) + PADDING_MM)
    return widths
