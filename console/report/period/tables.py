"""The tables of a period: the same cells for the terminal, the page, the paper and the spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from console.report.period.lateness import LATE_DAYS
from console.report.period.words import translate
from console.text import visible
from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.report.period.model import (
        Blanks,
        Cause,
        Lateness,
        NumberedOrder,
        PeriodReport,
        PromisedFigure,
        StationReport,
    )
    from console.ui import Language, Times
    from lembur.domain.observation import Score

Value = float | str | tuple[str, ...] | None
WORDS: Final = frozenset({"text", "word", "phrase", "list"})
"""Kinds of cells that hold words; all others hold a figure."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and its kind.

    `text` was typed by people, `word` is one of ours, `phrase` and `list` are several. Figures are `count`, `hours`,
    `rupiah`, `share`, `factor` and `moment`.
    """

    value: Value
    kind: str = "count"

    def write(self, language: Language, times: Times) -> str:
        """Write the cell in a language."""
        value = self.value
        if value is None:
            return "-"
        if isinstance(value, tuple):
            return (" " if self.kind == "phrase" else "; ").join(visible(translate(part, language)) for part in value)
        if isinstance(value, str):
            return visible(value if self.kind == "text" else translate(value, language))
        if self.kind == "moment":
            return translate("never", language) if value >= NEVER_MS else language.moment(times.local(value))
        if self.kind == "share":
            return f"{language.number(100 * value)}%"
        return language.number(value, {"hours": 1, "factor": 2}.get(self.kind, 0))


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Rows under titles; `total` marks the last row as a sum. `empty` stands in the place of rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False
    empty: str = "none"

    @property
    def words(self) -> tuple[bool, ...]:
        """True for each column of words, which stand to the left."""
        return tuple(all(row[place].kind in WORDS for row in self.rows) for place in range(len(self.columns)))


def make_tables(report: PeriodReport) -> tuple[ReportTable, ...]:
    """Lay the record out as tables."""
    return (
        _stations(report),
        _spoilage(report),
        _blanks(report),
        _lateness("Late cards by class", "class", report.late_by_class, "word"),
        _lateness("Late cards by station", "station", report.late_by_station, "text"),
        _overtime(report),
        ReportTable("Plan against fact", PROMISES, tuple(map(_promise, report.promises)), empty="nothing was promised"),
        ReportTable(
            "Causes of a difference",
            ("cause", "measured", "unit", "out of"),
            tuple(map(_cause, report.causes)),
        ),
        ReportTable("Forecasts scored", SCORES, tuple(map(_score, report.scores)), empty="no forecast can be judged"),
        ReportTable("Seat orders", ORDERS, tuple(map(_order, report.orders))),
    )


UNITS: Final = {"hours": "seat hours", "factor": "times the expected"}
"""The units of a cause."""
PROMISES: Final = ("promised by", "made", "figure", "at", "P10", "P50", "P90", "fact", "why")
SCORES: Final = ("forecast of", "where", "made", "judged", "in P10-P90", "pinball loss", "sure, right")
ORDERS: Final = ("no.", "station", "seats", "from", "until", "by", "reason")
STATIONS: Final = ("station", "name", "printers", "printed", "spoiled", "late", "waiting", "last print")
BLANKS: Final = (
    *("station", "start", "received", "moved", "used", "spoiled", "destroyed", "in printers"),
    *("left", "unaccounted"),
)
OVERTIME: Final = ("station", "seat hours open", "busy", "of these overtime", "rupiah")


def _stations(report: PeriodReport) -> ReportTable:
    there = report.stations
    rows = [_station(one) for one in there]
    sums = [sum(part) for part in zip(*(_counts(one) for one in there), strict=True)]
    last = max((one.last_print_ms for one in there if one.last_print_ms), default=None)
    total = (Cell("all", "word"), Cell("", "text"), *map(Cell, sums), Cell(last, "moment"))
    return ReportTable("Stations", STATIONS, (*rows, total), total=True)


def _station(one: StationReport) -> tuple[Cell, ...]:
    return (Cell(one.code, "text"), Cell(one.name, "text"), *map(Cell, _counts(one)), Cell(one.last_print_ms, "moment"))


def _counts(one: StationReport) -> tuple[int, ...]:
    return one.printers, one.printed, one.spoiled, one.late, one.waiting


def _spoilage(report: PeriodReport) -> ReportTable:
    rows = tuple(
        (Cell(one.station, "text"), Cell(one.reason.replace("_", " "), "word"), Cell(one.blanks))
        for one in report.spoiled
    )
    total = (Cell("all", "word"), Cell("", "text"), Cell(report.blanks.spoiled))
    return ReportTable("Spoiled blanks by reason", ("station", "reason", "blanks"), (*rows, total), total=True)


def _blanks(report: PeriodReport) -> ReportTable:
    rows = tuple((Cell(one.code, "text"), *map(Cell, _uses(one.blanks))) for one in report.stations)
    total = (Cell("all", "word"), *map(Cell, _uses(report.blanks)))
    return ReportTable("Blanks reconciled", BLANKS, (*rows, total), total=True)


def _uses(blanks: Blanks) -> tuple[int, ...]:
    came = (blanks.opening, blanks.delivered, blanks.moved)
    gone = (blanks.used, blanks.spoiled, blanks.destroyed, blanks.reserved, blanks.left)
    return (*came, *gone, blanks.unaccounted)


def _lateness(title: str, group: str, found: Sequence[Lateness], kind: str) -> ReportTable:
    starts = (0, *LATE_DAYS)
    edges = (*(f"{low}-{high} days" for low, high in pairwise(starts)), f"{LATE_DAYS[-1]}+ days")
    columns = (group, "cards", "in time", *edges, "waiting", "median h", "P90 h")
    rows = tuple(
        (
            Cell(one.group, kind),
            *map(Cell, (one.cards, one.in_time, *one.late, one.waiting)),
            Cell(one.median_h, "hours"),
            Cell(one.p90_h, "hours"),
        )
        for one in found
    )
    return ReportTable(title, columns, rows)


def _overtime(report: PeriodReport) -> ReportTable:
    rows = [
        (one.open_seat_hours, one.busy_seat_hours, one.overtime_seat_hours, one.overtime_rupiah)
        for one in report.stations
    ]
    sums = [sum(part) for part in zip(*rows, strict=True)]
    names = [*(Cell(one.code, "text") for one in report.stations), Cell("all", "word")]
    cells = [
        (name, *(Cell(hours, "hours") for hours in row[:-1]), Cell(row[-1], "rupiah"))
        for name, row in zip(names, [*rows, sums], strict=True)
    ]
    return ReportTable("Seat hours and overtime", OVERTIME, tuple(cells), total=True)


def _cause(one: Cause) -> tuple[Cell, ...]:
    return Cell(one.name, "word"), Cell(one.amount, one.unit), Cell(UNITS[one.unit], "word"), Cell(one.of)


def _promise(one: PromisedFigure) -> tuple[Cell, ...]:
    source = Cell((one.source, one.name) if one.name else (one.source,), "phrase")
    figures = (Cell(value, one.unit) for value in (*one.band, one.fact))
    when = (Cell(one.made_ms, "moment"), Cell(one.figure, "word"), Cell(one.at_ms, "moment"))
    return (source, *when, *figures, Cell(one.why, "list"))


def _score(one: Score) -> tuple[Cell, ...]:
    what = Cell(tuple(one.what.split(" ", 1)), "phrase")
    where, judged = Cell(one.where, "word"), Cell(one.judged)
    made = Cell(one.made, "word")
    return what, where, made, judged, Cell(one.coverage, "share"), Cell(one.pinball, "factor"), Cell(one.sure)


def _order(one: NumberedOrder) -> tuple[Cell, ...]:
    order = one.order
    seats = Cell(order.seats) if not order.cancels else Cell(("cancels", str(order.cancels)), "phrase")
    reason = Cell(f"{order.reason} (cancelled)" if one.cancelled else order.reason, "text")
    moments = (Cell(order.from_ms, "moment"), Cell(order.until_ms, "moment"))
    return (Cell(one.number or None), Cell(order.station, "text"), seats, *moments, Cell(order.by, "text"), reason)
