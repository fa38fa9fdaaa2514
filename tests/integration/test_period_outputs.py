"""The report of a period: terminal, JSON, page, paper and spreadsheet show the same figures, whatever they are."""

from __future__ import annotations

import subprocess
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from io import StringIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.report import period_to_json, write_pdf, write_xlsx
from console.report.day import print_period
from console.report.html import render_tables
from console.report.period import Blanks, PeriodReport, StationReport, make_tables
from console.report.period.model import Cause, Lateness, NumberedOrder, PromisedFigure, SpoiledCount
from console.report.period.tables import WORDS
from console.report.period.words import INDONESIAN
from console.text import visible
from console.ui import Language, Times
from lembur.domain.observation import LATER, Score
from lembur.domain.seats import SeatOrder, StationCode, Window
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS
from support.programs import program
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

START_MS = round(datetime(2016, 8, 25, tzinfo=JAKARTA).timestamp() * 1000)
FORMULA = '=HYPERLINK("http://example.org","x")'

counts = st.integers(0, 99_999)
hours = st.integers(0, 9_999).map(lambda tenths: tenths / 10)
moments = st.integers(START_MS, START_MS + 5 * DAY_MS).map(lambda at: at // 60_000 * 60_000)
codes = st.sampled_from(["dinas", "jebres", "pasar-kliwon"]).map(StationCode)
typed = st.sampled_from(["Bu Sri", "Pak Budi", FORMULA, "+62", "@here", "<b>x</b>", "a | b"])
blanks = st.builds(Blanks, *(counts for _ in range(9)))
stations = st.builds(
    StationReport,
    *(codes, typed, counts, counts, counts, counts, counts, blanks),
    st.none() | moments,
    *(hours, hours, counts, hours, counts, hours),
)
lateness = st.builds(
    Lateness, codes, counts, counts, st.tuples(*(counts for _ in range(4))), counts, st.none() | hours, hours
)


@st.composite
def promises(draw: st.DrawFn) -> PromisedFigure:
    """Draw a promised figure of any unit."""
    unit = draw(st.sampled_from(["moment", "count", "hours", "rupiah"]))
    values = {"moment": moments | st.just(NEVER_MS), "hours": hours}.get(unit, counts).map(float)
    named = draw(st.sampled_from([("plan", "1a2b3c4d"), ("forecast", "")]))
    figure, why = draw(st.sampled_from(["clear", "late cards"])), draw(st.sampled_from([(), ("within the band",)]))
    band = (draw(values), draw(values), draw(values))
    at_ms, fact = draw(st.none() | moments), draw(st.none() | values)
    return PromisedFigure(*named, draw(moments), figure, at_ms, unit, band, fact, why)


orders = st.builds(
    NumberedOrder,
    st.integers(0, 9),
    st.builds(SeatOrder, codes, st.integers(0, 9), moments, moments, typed, typed),
    st.booleans(),
)
causes = st.builds(Cause, typed, st.sampled_from(["hours", "factor"]), hours, counts)
scores = st.builds(Score, st.just("backlog 4 h"), codes, st.just(LATER), counts, counts, hours, hours)
reports = st.builds(
    PeriodReport,
    scenario=st.just("small"),
    title=typed,
    times=st.just(Times(JAKARTA)),
    window=st.just(Window(START_MS, START_MS + DAY_MS)),
    stations=st.lists(stations, min_size=1, max_size=4).map(tuple),
    blanks=blanks,
    spoiled=st.lists(st.builds(SpoiledCount, codes, typed, counts), max_size=3).map(tuple),
    late_by_class=st.lists(lateness, max_size=3).map(tuple),
    late_by_station=st.lists(lateness, max_size=3).map(tuple),
    late_before=counts,
    overdue_on_shelves=counts,
    promises=st.lists(promises(), max_size=4).map(tuple),
    causes=st.lists(st.builds(Cause, typed, st.sampled_from(["hours", "factor"]), hours, counts), max_size=3).map(
        tuple
    ),
    forecasts=counts,
    scores=st.lists(
        st.builds(Score, st.just("backlog 4 h"), codes, st.just(LATER), counts, counts, hours, hours), max_size=3
    ).map(tuple),
    orders=st.lists(orders, max_size=4).map(tuple),
)


ZERO = Blanks(0, 0, 0, 0, 0, 0, 0, 0)
ROOM = StationReport(StationCode("dinas"), "Dinas", 1, 0, 0, 0, 0, ZERO, None, 0.0, 0.0, 0, 0.0, 0, 0.0)
DAY = Window(START_MS, START_MS + DAY_MS)
QUIET = PeriodReport("small", "", Times(JAKARTA), DAY, (ROOM,), ZERO, (), (), (), 0, 0, (), (), 0, (), ())
"""A day on which nothing happened."""


USES = ("moved", "used", "spoiled", "destroyed", "reserved", "left", "unaccounted")


class Cells(HTMLParser):
    """Collects the text of the cells of a page's tables."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: Sequence[Any]) -> None:  # noqa: ARG002 - HTMLParser gives it
        """Begin a cell."""
        self._inside = tag == "td"
        if self._inside:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - HTMLParser gives it
        """End a cell."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Add text to the cell."""
        if self._inside:
            self.cells[-1] += data


def figures_of(report: PeriodReport, language: Language) -> Iterator[str]:
    """Yield the words of each figure in the order in which a reader meets them."""
    for table in make_tables(report):
        for row in table.rows:
            for cell in row:
                if cell.kind not in WORDS:
                    yield from cell.write(language, report.times).split()


def holds_in_order(words: Sequence[str], wanted: Iterator[str]) -> list[str]:
    """Return the wanted words that are not there in this order."""
    there = iter(words)
    return [word for word in wanted if word not in there]


def json_figures(report: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """Lay the figures of the JSON out by the title of their table."""
    blanks = [one["blanks"] for one in report["stations"]] + [report["blanks"]]
    late = ("cards", "in_time", "late", "waiting", "median_h", "p90_h")
    return {
        "Stations": [
            [one[name] for name in ("printers", "printed", "spoiled", "late", "waiting", "last_print")]
            for one in report["stations"]
        ],
        "Spoiled blanks by reason": [[one["blanks"]] for one in report["spoiled"]] + [[report["blanks"]["spoiled"]]],
        "Blanks reconciled": [
            [one["opening"], one["received"] - one["opening"], *(one[name] for name in USES)] for one in blanks
        ],
        "Late cards by class": [flat(one[name] for name in late) for one in report["late_by_class"]],
        "Late cards by station": [flat(one[name] for name in late) for one in report["late_by_station"]],
        "Seat hours and overtime": [
            [one[f"{name}_seat_hours"] for name in ("open", "busy", "overtime")] + [one["overtime_rupiah"]]
            for one in report["stations"]
        ],
        "Plan against fact": [[one["made"], one["at"], *one["band"], one["fact"]] for one in report["promises"]],
        "Causes of a difference": [[one["amount"], one["of"]] for one in report["causes"]],
        "Forecasts scored": [[one["judged"], one["coverage"], one["pinball"], one["sure"]] for one in report["scores"]],
        "Seat orders": [[one["number"], one["seats"], one["from"], one["until"]] for one in report["orders"]],
    }


def flat(values: Iterator[Any]) -> list[Any]:
    """Put the parts of lists among the other values."""
    return [part for value in values for part in (value if isinstance(value, list | tuple) else [value])]


def read_sheet(sheet: Any, places: Sequence[int]) -> list[list[Any]]:
    """Read the figures of a sheet: a moment as ISO, a text in place of a figure as None."""
    found = []
    for row in sheet.iter_rows(min_row=4):
        values = [row[place].value for place in places]
        zoned = [one.replace(tzinfo=JAKARTA).isoformat() if isinstance(one, datetime) else one for one in values]
        found.append([None if one in {"-", "never"} else one for one in zoned])
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=reports, english=st.booleans())
def test_all_outputs_show_the_same_figures(report: PeriodReport, tmp_path: Path, *, english: bool) -> None:
    """Each output is read back: the paper's words, the sheet's cells, the page's cells, the terminal, the JSON."""
    language, pdf, xlsx = Language(english), tmp_path / "p.pdf", tmp_path / "p.xlsx"
    write_pdf(report, pdf, language, "heading")
    write_xlsx(report, xlsx, Language(english=True), "heading")
    terminal, page = StringIO(), Cells()
    with redirect_stdout(terminal), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "400")
        print_period(report)
    page.feed(render_tables(report))

    paper = subprocess.run([program("pdftotext"), "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    assert holds_in_order(paper.stdout.split(), figures_of(report, language)) == []
    assert holds_in_order(terminal.getvalue().split(), figures_of(report, Language(english=True))) == []
    cells = [cell for table in make_tables(report) for row in table.rows for cell in row]
    assert page.cells == [cell.write(Language(english=True), report.times) for cell in cells]

    book, shown = openpyxl.load_workbook(xlsx), json_figures(period_to_json(report))
    for sheet, table in zip(book.worksheets, make_tables(report), strict=True):
        places = [place for place, words in enumerate(table.words) if not words]
        rows = read_sheet(sheet, places)
        assert rows[: len(shown[table.title])] == shown[table.title] or not table.rows, table.title
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_a_typed_formula_stays_a_text(tmp_path: Path) -> None:
    """A reason that begins with '=' is shown as typed and computes nothing."""
    order = SeatOrder(StationCode("dinas"), 2, START_MS, START_MS + HOUR_MS, FORMULA, FORMULA)
    report = replace(QUIET, title=FORMULA, orders=(NumberedOrder(1, order, cancelled=False),))
    write_xlsx(report, tmp_path / "p.xlsx", Language(english=True), FORMULA)

    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx")["Seat orders"]

    assert [cell.value for cell in sheet[4]][-2:] == [visible(FORMULA)] * 2
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_paper_leaves_no_typed_character_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Letters of the font stand there as typed; others, such as Chinese and emoji, stand there as their escapes."""
    typed_line = "Ny. Ʃarah [/] <b>&amp; **x** 印 👍"
    order = SeatOrder(StationCode("dinas"), 2, START_MS, START_MS + HOUR_MS, typed_line, typed_line)
    report = replace(QUIET, title=typed_line, orders=(NumberedOrder(1, order, cancelled=False),))
    write_pdf(report, tmp_path / "p.pdf", Language(english=True), typed_line)

    words = [program("pdftotext"), str(tmp_path / "p.pdf"), "-"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    written = "Ny.Ʃarah[/]<b>&amp;**x**\\u5370\\U0001f44d"
    assert "".join(text.split()).count(written) == 4
    assert caplog.records == []


def test_every_word_of_the_report_has_an_indonesian_one() -> None:
    """Titles of tables and columns, and the words for no rows."""
    words = {word for table in make_tables(QUIET) for word in (table.title, table.empty, *table.columns)}

    assert words - INDONESIAN.keys() == set()
