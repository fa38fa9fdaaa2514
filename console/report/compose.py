"""Compose the report of a run from what was read: pure, one function for each part of the record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from console.report.hourly import Series, series
from console.report.model import Blanks, CentreReport, Report, StationReport
from console.ui import Times, times_of
from lembur.domain.calendar import Calendar
from lembur.domain.card import SHELVES, Status
from lembur.domain.overtime import overtime_of
from lembur.domain.seats import CENTRE, SeatOrder, SeatPlan, StationCode, Step, Window, seat_ms
from lembur.domain.time import HOUR_MS, moment_ms
from lembur.ledger.queries import UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lembur.domain.scenario import Scenario, Station
    from lembur.ledger.audit import Violation
    from lembur.ledger.queries import Board, StationView, Stock, Tally

PRINTED: Final = (Status.CARD_PRINTED, Status.CARD_SHIPPED, Status.CARD_ISSUED)


@dataclass(frozen=True, slots=True)
class Facts:
    """The parts of a report that come from the ledger."""

    board: Board
    tally: Tally
    orders: Sequence[SeatOrder]
    steps: Mapping[StationCode, Sequence[Step]]
    plans: Mapping[StationCode, Sequence[SeatPlan]]
    last_print_ms: Mapping[StationCode, int]
    due_before_start: Mapping[Status, int]
    due_before_end: Mapping[Status, int]
    ended_ms: int
    lag_ms: Mapping[str, float]
    retries: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """The parts of a report that the ledger does not know."""

    seed: int
    speed: float
    wall_s: float
    violations: Sequence[Violation] = ()


def compose(scenario: Scenario, facts: Facts, run: Run) -> Report:
    """Compose the whole report."""
    started_ms, times = moment_ms(scenario.starts), times_of(scenario)
    board, tally = facts.board, facts.tally
    cleared = cleared_ms(board, facts.last_print_ms)
    span = Window(started_ms, facts.ended_ms if cleared is None else cleared)
    views = {view.code: view for view in board.stations}
    stations = tuple(
        _station(scenario, station, views[StationCode(station.code)], facts, span) for station in scenario.stations
    )
    return Report(
        scenario=scenario.name,
        title=scenario.title,
        times=times,
        seed=run.seed,
        speed=run.speed,
        started_ms=started_ms,
        ended_ms=facts.ended_ms,
        wall_s=round(run.wall_s, 1),
        backlog=_enrolled_before(tally, started_ms),
        enrolled=board.enrolled,
        refused=total(tally, "refused"),
        by_status={status: board.counts.get(status, 0) for status in Status},
        printed=_sum_of(board.counts, PRINTED),
        printed_per_day=per_day(tally, "printed", times),
        late=total(tally, "late") + _sum_of(facts.due_before_end, UNDER_WAY),
        late_at_start=_sum_of(facts.due_before_start, (*PRINTED, *UNDER_WAY)),
        overdue_on_shelves=_sum_of(facts.due_before_end, SHELVES),
        cleared_ms=cleared,
        blanks=add_blanks([views[station.code].stock for station in stations]),
        spoil_reasons=by_part(tally, "reason"),
        stations=stations,
        centre=_centre(scenario, facts, views[CENTRE]),
        orders=tuple(facts.orders),
        lag_ms={name: None if lag == float("inf") else lag for name, lag in facts.lag_ms.items()},
        violations=tuple(run.violations),
        series=_series(facts, views, span),
    )


def _station(scenario: Scenario, station: Station, view: StationView, facts: Facts, span: Window) -> StationReport:
    steps = facts.steps[view.code]
    wanted, calendar = (
        [Step(one.at_ms, one.wanted) for one in facts.plans[view.code]],
        Calendar.of_station(scenario, station),
    )
    worked = overtime_of(wanted, calendar, span)
    ordered = overtime_of(wanted, calendar, Window(span.start_ms, max(span.end_ms, wanted[-1].at_ms)))
    return StationReport(
        code=view.code,
        name=station.name,
        printers=station.printers,
        printed=total(facts.tally, "printed", view.code),
        spoiled=view.stock.spoiled,
        late=total(facts.tally, "late", view.code),
        waiting=view.waiting,
        blanks=add_blanks([view.stock]),
        last_print_ms=facts.last_print_ms.get(view.code),
        open_seat_hours=seat_hours(steps, span.start_ms, span.end_ms),
        overtime_seat_hours=round(worked.seat_hours, 2),
        overtime_rupiah=round(worked.rupiah(scenario.overtime_pay)),
        ordered_seat_hours=round(ordered.seat_hours, 2),
        ordered_rupiah=round(ordered.rupiah(scenario.overtime_pay)),
        busy_seat_hours=round(total(facts.tally, "busy_ms", view.code) / HOUR_MS, 2),
    )


def _centre(scenario: Scenario, facts: Facts, view: StationView) -> CentreReport:
    return CentreReport(
        lines=scenario.centre.lines,
        answered=by_where(facts.tally, "answered"),
        retries=_most_first(facts.retries.items()),
        waiting=view.waiting,
    )


def _series(facts: Facts, views: Mapping[StationCode, StationView], span: Window) -> Series:
    received = {code: views[code].stock.received for code in facts.steps}
    return series(facts.tally, received, facts.steps, start_ms=span.start_ms, end_ms=span.end_ms)


def _enrolled_before(tally: Tally, ms: int) -> int:
    return sum(n for (what, _, hour), n in tally.items() if what == "enrolled" and int(hour) < ms // HOUR_MS)


def cleared_ms(board: Board, last_print_ms: Mapping[StationCode, int]) -> int | None:
    """Return when the last card was printed; None while a card waits for the centre or a printer."""
    return None if board.open_cards else max(last_print_ms.values(), default=None)


def total(tally: Tally, what: str, where: str | None = None) -> int:
    """Count something over all hours, at one station or at all."""
    return sum(n for (kind, at, _), n in tally.items() if kind == what and where in {None, at})


def per_day(tally: Tally, what: str, times: Times) -> dict[str, int]:
    """Count something by day of the office; the tally has hours in UTC."""
    found: Counter[str] = Counter()
    for (kind, _, hour), n in tally.items():
        if kind == what:
            found[times.local(int(hour) * HOUR_MS).date().isoformat()] += n
    return dict(sorted(found.items()))


def by_part(tally: Tally, what: str) -> dict[str, int]:
    """Count something by its last part (a reason), most first."""
    return _most_first((part, n) for (kind, _, part), n in tally.items() if kind == what)


def by_where(tally: Tally, what: str) -> dict[str, int]:
    """Count something by its second part (of an answer: the verdict), most first."""
    return _most_first((where, n) for (kind, where, _), n in tally.items() if kind == what)


def _most_first(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for name, n in counted:
        found[name] += n
    return dict(found.most_common())


def _sum_of(counts: Mapping[Status, int], statuses: Iterable[Status]) -> int:
    return sum(counts.get(status, 0) for status in statuses)


def seat_hours(steps: Sequence[Step], start_ms: int, end_ms: int) -> float:
    """Return for how many seat hours seats were open."""
    return round(seat_ms(steps, Window(start_ms, end_ms)) / HOUR_MS, 2)


def add_blanks(stocks: Sequence[Stock]) -> Blanks:
    """Add up the stocks of stations."""
    return Blanks(
        received=sum(stock.received for stock in stocks),
        used=sum(stock.used for stock in stocks),
        spoiled=sum(stock.spoiled for stock in stocks),
        reserved=sum(stock.reserved for stock in stocks),
        destroyed=sum(stock.destroyed for stock in stocks),
        left=sum(stock.blank for stock in stocks),
        moved=sum(stock.moved for stock in stocks),
        unaccounted=sum(stock.difference for stock in stocks),
    )
