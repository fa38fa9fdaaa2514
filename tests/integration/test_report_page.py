"""The report as files, drawn with matplotlib: one station, four cards, printed on Monday 7 March 2016."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from console.report import html, plots, write_report
from console.report.hourly import series
from console.report.model import CentreReport, Report
from console.report.period import Blanks, PeriodReport, StationReport
from console.report.period.model import NumberedOrder, SpoiledCount
from console.ui import Times
from lembur.domain.card import Status
from lembur.domain.seats import SeatOrder, StationCode, Step, Window
from lembur.domain.time import HOUR_MS
from lembur.ledger.audit import Violation
from support.zones import JAKARTA

if TYPE_CHECKING:
    from pathlib import Path

A = StationCode("a")
START_MS = round(datetime(2016, 3, 7, 7, 30, tzinfo=JAKARTA).timestamp() * 1000)
END_MS = START_MS + 3 * HOUR_MS
BLANKS = Blanks(received=9, used=4, spoiled=0, reserved=0, destroyed=0, left=5, moved=0, unaccounted=0)


@pytest.fixture
def report() -> Report:
    """A report with something in every part."""
    hour = str(START_MS // HOUR_MS + 1)
    tally = {(what, "a", hour): 4 for what in ("enrolled", "ready", "printed")}
    steps = {A: [Step(0, 0), Step(START_MS, 1)]}
    station = StationReport(A, "Room A", 1, 4, 0, 0, 0, BLANKS, END_MS, 3.0, 0.0, 0, 0.0, 0, 1.0)
    order = SeatOrder(A, 1, START_MS, END_MS, "Bu Sri", "a busy day")
    period = PeriodReport(
        scenario="small",
        title="A small office",
        times=Times(JAKARTA),
        window=Window(START_MS, END_MS),
        stations=(station,),
        blanks=BLANKS,
        spoiled=(SpoiledCount(A, "damaged", 1),),
        late_by_class=(),
        late_by_station=(),
        late_before=0,
        overdue_on_shelves=0,
        promises=(),
        causes=(),
        forecasts=0,
        scores=(),
        orders=(NumberedOrder(1, order, cancelled=False),),
    )
    return Report(
        scenario="small",
        title="A small office",
        times=Times(JAKARTA),
        seed=1,
        speed=0,
        started_ms=START_MS,
        ended_ms=END_MS,
        wall_s=1.0,
        backlog=0,
        enrolled=4,
        refused=0,
        by_status={Status.CARD_PRINTED: 4},
        printed=4,
        printed_per_day={"2016-03-07": 4},
        cleared_ms=END_MS,
        period=period,
        centre=CentreReport(2, {"PRINT_READY_RECORD": 4}, {"refused": 1}, 0),
        orders=(order,),
        lag_ms={"p50": 1.0, "p99": None},
        violations=(),
        series=series(tally, {A: 9}, steps, start_ms=START_MS, end_ms=END_MS),
    )


def test_the_files_are_written_whole(report: Report, tmp_path: Path) -> None:
    """Both files are there and no draft is left; the page holds every plot and asks for nothing from elsewhere."""
    figures, page = write_report(report, tmp_path / "new")

    assert sorted(path.name for path in figures.parent.iterdir()) == ["report.html", "report.json"]
    text = page.read_text("utf-8")
    assert "0 + 4 cards: all printed by Monday 10:30" in text
    assert text.count("<svg") == len(plots.PLOTS)
    assert not [word for word in ("<script", "src=", "<link", "@import", "url(http") if word in text]


def test_every_colour_of_the_plots_can_turn_dark(report: Report) -> None:
    """No colour but black for defaults is left in the drawings: all are variables the page sets twice."""
    assert {name for name, _ in plots.theme()} == set(html.DARK)

    for drawing in plots.draw_svgs(report).values():
        assert not [colour for _, colour in plots.theme() if colour in drawing]


def test_a_text_of_the_office_cannot_become_part_of_the_page(report: Report) -> None:
    """Titles and reasons are written by people: they are shown, never run."""
    text = html.render_page(replace(report, title="<img src=x onerror=alert(1)>"))

    assert "<img" not in text


def test_a_run_that_does_not_add_up_says_so(report: Report) -> None:
    """Every broken invariant is named on the page, in place of the tick."""
    text = html.render_page(replace(report, violations=(Violation("blanks add up", "a: difference 1"),)))

    assert "blanks add up: a: difference 1" in text
    assert "✓" not in text
