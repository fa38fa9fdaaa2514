"""The pure parts of the report, from figures made by hand: Monday 7 March 2016, one station, hours 07:30 to 16:00."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console

from console import charts
from console.report import to_json
from console.report.compose import Run, compose, per_day
from console.report.headline import headline
from console.report.hourly import series
from console.report.html import fill_page
from console.report.period import Facts
from console.report.period.span import PeriodChoice, period_of
from console.report.terminal import render_terminal
from console.ui import Times, board_table
from console.ui.board import board_line, progress
from lembur.domain.card import Status
from lembur.domain.errors import SettingsError
from lembur.domain.observation import CardRecords, SpoiledBlank
from lembur.domain.overtime import DatedScenario
from lembur.domain.scenario import Scenario
from lembur.domain.seats import CENTRE, SeatPlan, StationCode, Step, Window
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS
from lembur.ledger import HOURLY_DAYS
from lembur.ledger.audit import Violation
from lembur.ledger.queries import Board, StationView, Stock
from lembur.office import OfficeSetup
from support.zones import JAKARTA

if TYPE_CHECKING:
    from console.report.model import Report

A = StationCode("a")
HOURS = {
    "opens": "07:30",
    "closes": "16:00",
    "break_from": "12:00",
    "break_until": "13:00",
    "friday_break_from": "11:30",
    "friday_break_until": "13:00",
}


def at(hour: int, minute: int = 0, *, day: int = 7) -> int:
    """Milliseconds of a moment in March 2016 in Jakarta; the 7th is a Monday without a holiday."""
    moment = datetime(2016, 3, day, tzinfo=JAKARTA) + timedelta(hours=hour, minutes=minute)
    return round(moment.timestamp() * 1000)


def hour_of(ms: int) -> str:
    """The part of a tally that stands for an hour."""
    return str(ms // HOUR_MS)


def scenario() -> Scenario:
    """A small office with one station of two printers."""
    printing = {"median_s": 90, "p90_s": 180, "spoil_rate": 0.02, "spoil_reasons": {"damaged": 1.0}}
    return Scenario.model_validate(
        {
            "name": "small",
            "title": "A small office",
            "source": "made up",
            "demonstration": True,
            "region": "surakarta-2016",
            "starts": datetime(2016, 3, 7, 7, 30, tzinfo=JAKARTA),
            "ends": datetime(2016, 3, 8, 23, tzinfo=JAKARTA),
            "hours": HOURS,
            "centre": {"lines": 2, "median_s": 400, "p90_s": 600, "verdicts": {"PRINT_READY_RECORD": 1.0}},
            "printing": printing,
            "stations": [{"code": "a", "name": "Room A", "printers": 2, "seats": 1, "blanks": 20, "ribbons": 1}],
        }
    )


STEPS = (Step(0, 0), Step(at(7, 30), 1), Step(at(12), 0), Step(at(13), 1), Step(at(16), 2), Step(at(20), 0))
"""One seat in regular hours, two in overtime until 20:00."""

NONE = np.zeros(0, dtype=np.int64)
NOTHING = CardRecords(0, NONE, NONE, NONE, NONE, NONE, NONE)
"""No card at all."""

STOCK = Stock(blank=9, received=20, used=10, spoiled=1)


def records(*, waiting: int = 0, shelved: int = 0, due_ms: int = at(16)) -> CardRecords:
    """Ten printed cards, two of them late, then cards that wait for a printer or a person, due on Monday."""
    printed = [*[at(8, 30)] * 7, at(17), at(17), at(18)]
    due = [*[at(16)] * 8, due_ms, due_ms, *[at(16)] * (waiting + shelved)]
    due[7] = at(18)
    count = len(due)
    return CardRecords(
        now_ms=at(23, day=8),
        station=np.zeros(count, dtype=np.int64),
        priority=np.ones(count, dtype=np.int64),
        due_ms=np.array(due, dtype=np.int64),
        ready_ms=np.full(count, at(7), dtype=np.int64),
        printed_ms=np.array([*printed, *[NEVER_MS] * (waiting + shelved)], dtype=np.int64),
        shelved=np.array([0] * (10 + waiting) + [1] * shelved, dtype=np.int64),
        spoiled=(SpoiledBlank(0, at(17), "damaged"),),
    )


def facts(*, waiting: int = 0, shelved: int = 0, stock: Stock = STOCK) -> Facts:
    """What a run leaves behind that printed ten cards, the last at 18:00 on Monday."""
    counts = {Status.CARD_PRINTED: 10, Status.PRINT_READY_RECORD: waiting, Status.DUPLICATE_RECORD: shelved}
    views = (StationView(CENTRE, 2, 0, 0, Stock()), StationView(A, 0, 0, waiting, stock))
    return Facts(
        board=Board(at(23, day=8), 850.0, counts, views),
        tally={
            ("enrolled", "a", hour_of(at(10) - 72 * HOUR_MS)): 8,
            ("enrolled", "centre", hour_of(at(9))): 2 + waiting + shelved,
            ("ready", "a", hour_of(at(10) - 72 * HOUR_MS)): 8,
            ("ready", "a", hour_of(at(9))): 2 + waiting,
            ("printed", "a", hour_of(at(8))): 7,
            ("printed", "a", hour_of(at(17))): 3,
            ("spoiled", "a", hour_of(at(17))): 1,
            ("reason", "a", "damaged"): 1,
            ("late", "a", hour_of(at(17))): 2,
            ("busy_ms", "a", hour_of(at(8))): HOUR_MS,
            ("busy_ms", "a", hour_of(at(17))): HOUR_MS // 2,
            ("lost_wakes", "all", "all"): 1,
        },
        orders=[],
        steps={A: STEPS},
        plans={A: [SeatPlan(step.at_ms, 1, step.seats) for step in STEPS]},
        dated=[DatedScenario(Window(0, NEVER_MS), scenario())],
        last_print_ms={A: at(18)},
        records=records(waiting=waiting, shelved=shelved),
        ended_ms=at(23, day=8),
        lag_ms={"p50": 5.0, "p99": float("inf")},
    )


def report(found: Facts, *, violations: tuple[Violation, ...] = ()) -> Report:
    """A report on it."""
    return compose(scenario(), found, Run(seed=1, speed=850.0, wall_s=110.04, violations=violations))


def test_a_day_is_a_day_in_jakarta() -> None:
    """The tally's hours are UTC: 17:00 UTC belongs to the next day in Jakarta, 16:00 does not."""
    tally = {("printed", "a", hour_of(at(23))): 3, ("printed", "b", hour_of(at(0, day=8))): 4, ("late", "a", "0"): 9}

    assert per_day(tally, "printed", Times(JAKARTA)) == {"2016-03-07": 3, "2016-03-08": 4}


def test_overtime_ends_when_the_queue_is_clear() -> None:
    """Seats that stay open after the last print are not counted: nobody sits there for this queue."""
    found = report(facts())

    assert found.cleared_ms == at(18)
    assert found.overtime_seat_hours == 4.0
    assert found.stations[0].open_seat_hours == 7.5 + 4.0


@pytest.mark.parametrize(
    ("p50_ms", "told"),
    [
        (5.0, ""),
        (80.0, ""),
        (100.0, "at least 1 minute late by the office's clock; the figures are those of the rule"),
        (float("inf"), "at least 850 minutes late"),
    ],
)
def test_a_run_that_cannot_keep_its_speed_reports_it(p50_ms: float, told: str) -> None:
    """More than two percent of an hour late: the board of that moment was not the office's."""
    found = report(replace(facts(), lag_ms={"p50": p50_ms, "p99": float("inf")}))
    shown = StringIO()
    Console(file=shown, width=200).print(render_terminal(found))

    assert told in shown.getvalue()
    assert ("behind" in shown.getvalue()) == bool(told)
    assert ("does not keep 850 times real time" in fill_page(found, {})) == bool(told)


def test_a_queue_that_waits_is_not_clear() -> None:
    """While a card waits for a machine there is no moment of clearing, and what is past its due time is late."""
    found = report(facts(waiting=3))

    assert found.cleared_ms is None
    assert (found.waiting, found.late) == (3, 2 + 3)


def test_a_card_on_a_shelf_is_not_late_but_told() -> None:
    """What waits for a person is no lateness of the printers; it is counted apart."""
    found = report(facts(shelved=2))

    assert (found.late, found.overdue_on_shelves, found.shelved) == (2, 2, 2)
    assert found.cleared_ms == at(18)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (report(facts()), "8 + 2 cards: all printed by Monday 18:00, 2 late, 0 blanks unaccounted for"),
        (
            report(facts(shelved=1)),
            "8 + 3 cards: 10 printed by Monday 18:00, 1 on a shelf for a person, 2 late, 0 blanks unaccounted for",
        ),
        (
            report(facts(waiting=1_000)),
            "8 + 1,002 cards: 10 printed by Tuesday 23:00, 1,000 still waiting, 1,002 late, 0 blanks unaccounted for",
        ),
        (
            report(facts(stock=replace(STOCK, blank=8)), violations=(Violation("blanks add up", "a"),)),
            "8 + 2 cards: all printed by Monday 18:00, 2 late, 1 blank unaccounted for, 1 invariant broken",
        ),
        (
            report(replace(facts(), records=records(due_ms=at(7)))),
            "8 + 2 cards: all printed by Monday 18:00, 2 late (all of them before the start), 0 blanks unaccounted for",
        ),
    ],
)
def test_the_headline_says_what_it_came_to(found: Report, said: str) -> None:
    """One sentence: how many cards, clear by when or what is left, late, blanks, and anything broken."""
    assert headline(found) == said


def test_the_hours_add_up_to_the_figures() -> None:
    """Cumulated, the rows behind the plots end where the figures stand, whatever came before the start."""
    found = report(facts()).series

    assert found.recorded_before + sum(found.recorded) == 10
    assert found.ready_before + sum(found.ready) == 10
    assert sum(found.printed) == 10
    assert found.stations[A].blanks_before == 20
    assert found.stations[A].blanks[-1] == 9
    assert found.hours_ms[0] == at(7)
    assert found.hours_ms[-1] == at(17)


def test_the_charts_begin_where_hours_are_kept() -> None:
    """Of an office that runs for months they show the last weeks; what was before is added up."""
    found = facts()
    long = report(replace(found, ended_ms=at(23, day=8) + 60 * DAY_MS)).series

    assert long.start_ms == at(23, day=8) + (60 - HOURLY_DAYS) * DAY_MS
    assert (long.recorded_before, sum(long.recorded)) == (10, 0)
    assert long.stations[A].blanks_before == long.stations[A].blanks[-1]


def test_a_shift_of_long_ago_is_known_as_a_day_only() -> None:
    """The sentence names the remedy; the whole day is reported as ever, and so is a shift of the last weeks."""
    office = scenario().model_copy(update={"ends": scenario().ends + timedelta(days=90)})
    now_ms = at(12) + (HOURLY_DAYS + 1) * DAY_MS

    with pytest.raises(SettingsError, match=r"has no report of shift 1.*ask for the whole day"):
        period_of(office, now_ms, now_ms, PeriodChoice("2016-03-07", shift=1))

    assert period_of(office, now_ms, now_ms, PeriodChoice("2016-03-07")).start_ms == at(0)
    assert period_of(office, now_ms, now_ms, PeriodChoice("2016-03-08", shift=1)).start_ms == at(0, day=8)


def test_a_period_of_several_days_goes_from_the_first_to_the_last() -> None:
    """Both days are in it; a last day before the first and a shift of several days are refused with the remedy."""
    office = scenario().model_copy(update={"ends": scenario().ends + timedelta(days=90)})
    now_ms = at(12) + 60 * DAY_MS

    def choose(day: str, until: str | None = None, shift: int | None = None) -> Window:
        return period_of(office, now_ms, now_ms, PeriodChoice(day, until, shift))

    assert choose("2016-03-08", "2016-03-31") == Window(at(0, day=8), at(0, day=8) + 24 * DAY_MS)
    assert choose("2016-03-08", "today").end_ms == now_ms
    assert choose("2016-03-08", "2016-03-08") == choose("2016-03-08")
    with pytest.raises(SettingsError, match=r"the last day 2016-03-07 is before the first, 2016-03-08: give"):
        choose("2016-03-08", "2016-03-07")
    with pytest.raises(SettingsError, match=r"shift 1 is a part of one day: leave"):
        choose("2016-03-08", "2016-03-09", shift=1)
    with pytest.raises(SettingsError, match=r"a day must be like .*, not 'march'"):
        choose("2016-03-08", "march")


def test_blanks_of_a_delivery_were_not_there_before() -> None:
    """What was received during the run raises the line in its own hour."""
    tally = {("received", "a", hour_of(at(9))): 50, ("destroyed", "a", hour_of(at(10))): 5}

    found = series(tally, {A: 80}, {A: STEPS}, start_ms=at(8), end_ms=at(11)).stations[A]

    assert (found.blanks_before, found.blanks) == (30, (30, 80, 75))


def test_the_first_hour_counts_from_the_start() -> None:
    """Half an hour of one busy seat from 07:30 to 08:00 is one seat busy, not half a seat."""
    tally = {("busy_ms", "a", hour_of(at(7))): HOUR_MS // 2}

    assert series(tally, {A: 0}, {A: STEPS}, start_ms=at(7, 30), end_ms=at(9)).busy == (1.0, 0.0)


def test_the_json_names_moments_with_their_zone() -> None:
    """Programs get ISO 8601 with Jakarta's zone, null where there is nothing, and no infinity."""
    told = json.loads(json.dumps(to_json(report(facts(waiting=1))), allow_nan=False))

    assert told["started"] == "2016-03-07T07:30:00+07:00"
    assert told["cleared_at"] is None
    assert told["lag_ms"] == {"p50": 5.0, "p99": None}
    assert told["printed_per_day"] == {"2016-03-07": 10}
    assert told["cards"]["by_status"] == {"CARD_PRINTED": 10, "PRINT_READY_RECORD": 1}
    assert told["stations"][0]["last_print"] == "2016-03-07T18:00:00+07:00"
    assert told["invariants"] == {"ok": True, "violations": []}


def test_an_empty_run_can_be_reported() -> None:
    """Nothing enrolled and nothing printed is a report too."""
    nothing = replace(
        facts(stock=Stock(blank=20, received=20)),
        board=Board(
            at(8),
            0.0,
            {},
            (StationView(CENTRE, 2, 0, 0, Stock()), StationView(A, 0, 0, 0, Stock(blank=20, received=20))),
        ),
        tally={},
        last_print_ms={},
        records=replace(NOTHING, now_ms=at(23, day=8)),
    )

    found = report(nothing)

    assert headline(found) == "0 + 0 cards: nothing to print, none late, 0 blanks unaccounted for"


def test_nights_are_narrow_on_the_axis() -> None:
    """Working hours keep their width, the night between is one narrow band, and time never runs backward."""
    days = charts.Days(((8, 16), (32, 40)))

    placed = [days.place(hour * HOUR_MS) for hour in range(6, 43)]

    assert placed == sorted(placed)
    assert days.place(16 * HOUR_MS) == 8
    assert days.place(32 * HOUR_MS) == pytest.approx(8 + charts.NIGHT_WIDTH_H)


def test_the_screen_counts_what_is_done() -> None:
    """Done is what no machine has to touch any more: printed, or on a shelf for a person."""
    board = facts(waiting=3, shelved=1).board

    assert progress(board) == (11, 14)


def test_a_log_gets_one_plain_line() -> None:
    """Where there is no terminal, the board is one line with the clock in Jakarta."""
    said = board_line(facts(waiting=3).board, Times(JAKARTA))

    assert said == "Tue 8 Mar 23:00  10 of 13 cards done, 0 of 0 seats busy, 3 wait for a printer, 9 blanks left"


def test_the_board_can_be_drawn() -> None:
    """The table is made from a board and what is played, nothing else."""
    assert board_table(facts().board, OfficeSetup(scenario(), 1, 1))
