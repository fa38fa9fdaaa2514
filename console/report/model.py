"""What a run came to: every figure and one sentence, worked out from what was read from the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from console.report.hourly import Series, series
from lembur.domain.calendar import Calendar
from lembur.domain.card import SHELVES, Status
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Step, Window, seat_ms
from lembur.domain.time import DAY_MS, HOUR_MS, JAKARTA, day_of
from lembur.ledger.queries import UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lembur.domain.scenario import Hours, Scenario
    from lembur.ledger.audit import Violation
    from lembur.ledger.queries import Board, Stock, Tally

PRINTED: Final = (Status.CARD_PRINTED, Status.CARD_SHIPPED, Status.CARD_ISSUED)

WEEK_MS: Final = 6 * DAY_MS
"""So long a weekday says which day is meant."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a report is made of, read from the ledger in one go."""

    board: Board
    tally: Tally
    orders: Sequence[SeatOrder]
    steps: Mapping[StationCode, Sequence[Step]]
    last_print_ms: Mapping[StationCode, int]
    due_before_start: Mapping[Status, int]
    due_before_end: Mapping[Status, int]
    ended_ms: int
    lag_ms: Mapping[str, float]
    retries: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """How the run went that the report is about: what the ledger cannot know."""

    seed: int
    speed: float
    wall_s: float
    violations: Sequence[Violation] = ()


@dataclass(frozen=True, slots=True)
class Blanks:
    """Where the blanks went; `unaccounted` is zero, or something is wrong."""

    received: int
    used: int
    spoiled: int
    reserved: int
    destroyed: int
    left: int
    moved: int
    unaccounted: int


@dataclass(frozen=True, slots=True)
class StationReport:
    """One print station over the run; hours are seat hours from the start until the queue was clear."""

    code: StationCode
    name: str
    printers: int
    printed: int
    spoiled: int
    late: int
    waiting: int
    blanks: Blanks
    last_print_ms: int | None
    open_seat_hours: float
    overtime_seat_hours: float
    busy_seat_hours: float


@dataclass(frozen=True, slots=True)
class CentreReport:
    """The centre over the run: its lines, what it answered, how often it failed, and who still waits for it."""

    lines: int
    answered: dict[str, int]
    retries: dict[str, int]
    waiting: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to; all moments are virtual milliseconds UTC.

    `late` counts cards printed after they were due and cards that still wait for a machine past their due time; those
    that wait for a person are told apart, in `overdue_on_shelves`: no overtime prints them. `late_at_start` of the late
    were due before the run began.
    """

    scenario: str
    title: str
    seed: int
    speed: float
    started_ms: int
    ended_ms: int
    wall_s: float
    backlog: int
    enrolled: int
    refused: int
    by_status: dict[Status, int]
    printed: int
    printed_per_day: dict[str, int]
    late: int
    late_at_start: int
    overdue_on_shelves: int
    cleared_ms: int | None
    blanks: Blanks
    spoil_reasons: dict[str, int]
    stations: tuple[StationReport, ...]
    centre: CentreReport
    orders: tuple[SeatOrder, ...]
    lag_ms: dict[str, float | None]
    violations: tuple[Violation, ...]
    series: Series

    @property
    def overtime_seat_hours(self) -> float:
        """Seats open outside regular hours, all stations together."""
        return round(sum(station.overtime_seat_hours for station in self.stations), 2)

    @property
    def shelved(self) -> int:
        """Cards that wait for a person."""
        return _of(self.by_status, SHELVES)

    @property
    def waiting(self) -> int:
        """Cards that still wait for a machine."""
        return self.enrolled - self.printed - self.shelved


def compose(scenario: Scenario, facts: Facts, run: Run) -> Report:
    """Make the report of what was read, pure."""
    started_ms = round(scenario.starts.timestamp() * 1000)
    board, tally = facts.board, facts.tally
    cleared = cleared_ms(board, facts.last_print_ms)
    until_ms = facts.ended_ms if cleared is None else cleared
    there = {view.code: view for view in board.stations}
    stations = tuple(
        StationReport(
            code=(code := StationCode(place.code)),
            name=place.name,
            printers=place.printers,
            printed=total(tally, "printed", code),
            spoiled=there[code].stock.spoiled,
            late=total(tally, "late", code),
            waiting=there[code].waiting,
            blanks=blanks([there[code].stock]),
            last_print_ms=facts.last_print_ms.get(code),
            open_seat_hours=seat_hours(facts.steps[code], started_ms, until_ms),
            overtime_seat_hours=overtime_hours(facts.steps[code], scenario.hours, started_ms, until_ms),
            busy_seat_hours=round(total(tally, "busy_ms", code) / HOUR_MS, 2),
        )
        for place in scenario.stations
    )
    return Report(
        scenario=scenario.name,
        title=scenario.title,
        seed=run.seed,
        speed=run.speed,
        started_ms=started_ms,
        ended_ms=facts.ended_ms,
        wall_s=round(run.wall_s, 1),
        backlog=sum(n for (what, _, hour), n in tally.items() if what == "enrolled" and _before(hour, started_ms)),
        enrolled=board.enrolled,
        refused=total(tally, "refused"),
        by_status={status: board.counts.get(status, 0) for status in Status},
        printed=_of(board.counts, PRINTED),
        printed_per_day=per_day(tally, "printed"),
        late=total(tally, "late") + _of(facts.due_before_end, UNDER_WAY),
        late_at_start=_of(facts.due_before_start, (*PRINTED, *UNDER_WAY)),
        overdue_on_shelves=_of(facts.due_before_end, SHELVES),
        cleared_ms=cleared,
        blanks=blanks([there[station.code].stock for station in stations]),
        spoil_reasons=by_part(tally, "reason"),
        stations=stations,
        centre=CentreReport(
            scenario.centre.lines,
            by_where(tally, "answered"),
            _most_first(facts.retries.items()),
            there[CENTRE].waiting,
        ),
        orders=tuple(facts.orders),
        lag_ms={name: None if lag == float("inf") else lag for name, lag in facts.lag_ms.items()},
        violations=tuple(run.violations),
        series=series(
            tally,
            {station.code: there[station.code].stock.received for station in stations},
            facts.steps,
            start_ms=started_ms,
            end_ms=until_ms,
        ),
    )


def cleared_ms(board: Board, last_print_ms: Mapping[StationCode, int]) -> int | None:
    """When the last card was printed, if no card waits for the centre or a printer any more."""
    return None if board.open_cards else max(last_print_ms.values(), default=None)


def total(tally: Tally, what: str, where: str | None = None) -> int:
    """Count something over all hours, at one station or at all."""
    return sum(n for (kind, place, _), n in tally.items() if kind == what and where in {None, place})


def per_day(tally: Tally, what: str) -> dict[str, int]:
    """Count something by day in Jakarta, of the tally's hours in UTC."""
    found: Counter[str] = Counter()
    for (kind, _, hour), n in tally.items():
        if kind == what:
            found[day_of(int(hour) * HOUR_MS).isoformat()] += n
    return dict(sorted(found.items()))


def by_part(tally: Tally, what: str) -> dict[str, int]:
    """Count something by its last part (a reason), most first."""
    return _most_first((part, n) for (kind, _, part), n in tally.items() if kind == what)


def by_where(tally: Tally, what: str) -> dict[str, int]:
    """Count something by its place (of the centre's answers: the verdict), most first."""
    return _most_first((where, n) for (kind, where, _), n in tally.items() if kind == what)


def _most_first(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for name, n in counted:
        found[name] += n
    return dict(found.most_common())


def _of(counts: Mapping[Status, int], statuses: Iterable[Status]) -> int:
    return sum(counts.get(status, 0) for status in statuses)


def _before(hour: str, ms: int) -> bool:
    return int(hour) < ms // HOUR_MS


def seat_hours(steps: Sequence[Step], start_ms: int, end_ms: int) -> float:
    """Tell how long seats were open, in seat hours."""
    return round(seat_ms(steps, Window(start_ms, end_ms)) / HOUR_MS, 2)


def overtime_hours(steps: Sequence[Step], hours: Hours, start_ms: int, end_ms: int) -> float:
    """Tell how long seats were open outside the regular shifts, in seat hours."""
    shifts = Calendar(hours).shifts(day_of(start_ms), day_of(end_ms))
    inside = [Window(max(shift.start_ms, start_ms), min(shift.end_ms, end_ms)) for shift in shifts]
    regular = sum(seat_ms(steps, window) for window in inside if window.start_ms < window.end_ms)
    return round((seat_ms(steps, Window(start_ms, end_ms)) - regular) / HOUR_MS, 2)


def blanks(stocks: Sequence[Stock]) -> Blanks:
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


def headline(report: Report) -> str:
    """Say in one sentence what the run came to."""
    cards = f"{report.backlog:,} + {report.enrolled - report.backlog:,} cards"
    lost = f"{report.blanks.unaccounted:,} blank{'' if report.blanks.unaccounted == 1 else 's'} unaccounted for"
    count = len(report.violations)
    broken = [f"{count:,} invariant{'' if count == 1 else 's'} broken"] if count else []
    return ", ".join([f"{cards}: {_outcome(report)}", _lateness(report), lost, *broken])


def _outcome(report: Report) -> str:
    if not report.enrolled:
        return "nothing to print"
    if report.cleared_ms is None:
        return f"{report.printed:,} printed by {said_time(report, report.ended_ms)}, {report.waiting:,} still waiting"
    by = f"by {said_time(report, report.cleared_ms)}"
    if report.shelved:
        return f"{report.printed:,} printed {by}, {report.shelved:,} on a shelf for a person"
    return f"all printed {by}"


def _lateness(report: Report) -> str:
    if not report.late:
        return "none late"
    if not report.late_at_start:
        return f"{report.late:,} late"
    before = "all" if report.late_at_start == report.late else f"{report.late_at_start:,}"
    return f"{report.late:,} late ({before} of them before the start)"


def jakarta(ms: int) -> datetime:
    """Tell a moment as people in Solo read it."""
    return datetime.fromtimestamp(ms / 1000, JAKARTA)


def said_time(report: Report, ms: int) -> str:
    """Say a moment of a run by weekday and time; once the weekday comes again, with the date."""
    within = ms - report.started_ms < WEEK_MS
    return f"{jakarta(ms):%A %H:%M}" if within else f"{jakarta(ms):%A %-d %B %H:%M}"


def iso(ms: int | None) -> str | None:
    """Write a moment by ISO 8601 with the zone of Jakarta."""
    return None if ms is None else jakarta(ms).isoformat(timespec="seconds")
