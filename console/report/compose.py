"""Compose the report of a run from facts: pure, one function for each part of the record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.report.hourly import Series, series
from console.report.model import CentreReport, Report
from console.report.period import compose_period
from console.ui import Times, times_of
from lembur.domain.card import CAME_OUT, Status
from lembur.domain.seats import CENTRE, StationCode, Window
from lembur.domain.time import DAY_MS, HOUR_MS, moment_ms
from lembur.ledger import HOURLY_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from console.report.period import Facts
    from lembur.domain.scenario import Scenario
    from lembur.ledger.audit import Violation
    from lembur.ledger.queries import Board, StationView, Tally


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
        printed=_sum_of(board.counts, CAME_OUT),
        printed_per_day=per_day(tally, "printed", times),
        cleared_ms=cleared,
        period=compose_period(scenario, facts, Window(started_ms, facts.ended_ms), seats_until_ms=cleared),
        centre=_centre(scenario, facts, views[CENTRE]),
        orders=tuple(facts.orders),
        lag_ms={name: None if lag == float("inf") else lag for name, lag in facts.lag_ms.items()},
        violations=tuple(run.violations),
        series=_series(facts, views, span),
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
    start_ms = max(span.start_ms, facts.ended_ms - HOURLY_DAYS * DAY_MS)
    return series(facts.tally, received, facts.steps, start_ms=start_ms, end_ms=max(start_ms, span.end_ms))


def _enrolled_before(tally: Tally, ms: int) -> int:
    return sum(n for (what, _, hour), n in tally.items() if what == "enrolled" and int(hour) < ms // HOUR_MS)


def cleared_ms(board: Board, last_print_ms: Mapping[StationCode, int]) -> int | None:
    """Return when the last card was printed; None while a card waits for the centre or a printer."""
    return None if board.open_cards else max(last_print_ms.values(), default=None)


def total(tally: Tally, what: str, where: str | None = None) -> int:
    """Add the counts of all hours, at one station or at all."""
    return sum(n for (kind, at, _), n in tally.items() if kind == what and where in {None, at})


def per_day(tally: Tally, what: str, times: Times) -> dict[str, int]:
    """Add the counts by day of the office. The tally has hours in UTC."""
    found: Counter[str] = Counter()
    for (kind, _, hour), n in tally.items():
        if kind == what:
            found[times.local(int(hour) * HOUR_MS).date().isoformat()] += n
    return dict(sorted(found.items()))


def by_where(tally: Tally, what: str) -> dict[str, int]:
    """Add the counts by their second part (of an answer: the verdict), the largest first."""
    return _most_first((where, n) for (kind, where, _), n in tally.items() if kind == what)


def _most_first(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for name, n in counted:
        found[name] += n
    return dict(found.most_common())


def _sum_of(counts: Mapping[Status, int], statuses: Iterable[Status]) -> int:
    return sum(counts.get(status, 0) for status in statuses)
