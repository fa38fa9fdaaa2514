"""Compose the report of a period from facts: pure, one function for each part of the record."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from console.report.period.facts import Span
from console.report.period.lateness import by_class, by_station, count_late_before, count_overdue
from console.report.period.model import Blanks, NumberedOrder, PeriodReport, SpoiledCount, StationReport
from console.report.period.promises import find_causes, find_promises
from console.ui import times_of
from lembur.domain import world
from lembur.domain.overtime import overtime_by_date
from lembur.domain.seats import StationCode, Window, seat_ms, wanted_steps
from lembur.domain.time import HOUR_MS, NEVER_MS, moment_ms, next_midnight_ms
from planner.outcomes import scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.report.period.facts import Facts
    from lembur.domain.observation import CardRecords
    from lembur.domain.scenario import Scenario, Station
    from lembur.ledger.queries import Stock, Tally


def compose_period(
    scenario: Scenario, facts: Facts, window: Window, *, seats_until_ms: int | None = None
) -> PeriodReport:
    """Compose the report of a period. Seat hours count until its end, or until an earlier moment."""
    cards = Window(window.start_ms, NEVER_MS if window.end_ms >= facts.ended_ms else window.end_ms)
    seats = Window(window.start_ms, max(window.start_ms, seats_until_ms or window.end_ms))
    span = Span(cards, seats, window.end_ms)
    stations = tuple(_station(scenario, place, facts, span) for place in range(len(scenario.stations)))
    made = [one for one in facts.forecasts if window.start_ms <= one.made_ms < window.end_ms]
    causes = find_causes(scenario, facts, window)
    codes = [station.code for station in scenario.stations]
    first_day_ends_ms = next_midnight_ms(moment_ms(scenario.starts), scenario.zone)
    return PeriodReport(
        scenario=scenario.name,
        title=scenario.title,
        times=times_of(scenario),
        window=window,
        stations=stations,
        blanks=add_blanks([station.blanks for station in stations]),
        spoiled=_spoilage(facts.records, codes, cards),
        late_by_class=by_class(facts.records, span),
        late_by_station=by_station(facts.records, codes, span),
        late_before=count_late_before(facts.records, span),
        overdue_on_shelves=count_overdue(facts.records, window.end_ms),
        promises=find_promises(facts, window, causes),
        causes=causes,
        forecasts=len(made),
        scores=tuple(scores(made, facts.records.history(), codes, first_day_ends_ms=first_day_ends_ms)),
        orders=tuple(_orders(scenario, facts, window)),
    )


def _station(scenario: Scenario, place: int, facts: Facts, span: Span) -> StationReport:
    station = scenario.stations[place]
    code, records, counted, seats = StationCode(station.code), facts.records, span.cards, span.seats
    here = records.station == place
    printed = here & records.printed_in(counted)
    waiting = here & (records.shelved == 0) & (records.ready_ms <= span.end_ms) & (records.printed_ms >= counted.end_ms)
    wanted = wanted_steps(facts.plans[code])
    ahead = Window(seats.start_ms, max(seats.end_ms, wanted[-1].at_ms))
    worked, ordered = (overtime_by_date(facts.dated, code, wanted, of) for of in (seats, ahead))
    return StationReport(
        code=code,
        name=station.name,
        printers=station.printers,
        printed=int(printed.sum()),
        spoiled=sum(one.station == place for one in records.spoiled_in(counted)),
        late=int((printed & (records.printed_ms > records.due_ms)).sum()),
        waiting=int(waiting.sum()),
        blanks=_blanks(facts, station, place, counted),
        last_print_ms=int(records.printed_ms[printed].max()) if printed.any() else None,
        open_seat_hours=round(seat_ms(facts.steps[code], seats) / HOUR_MS, 2),
        overtime_seat_hours=round(worked[0], 2),
        overtime_rupiah=round(worked[1]),
        ordered_seat_hours=round(ordered[0], 2),
        ordered_rupiah=round(ordered[1]),
        busy_seat_hours=round(count_in(facts.tally, "busy_ms", code, counted) / HOUR_MS, 2),
    )


def count_in(tally: Tally, what: str, where: str, window: Window) -> int:
    """Add the counts of one station in the hours that begin in a window. Its first hour counts whole."""
    first = window.start_ms // HOUR_MS
    return sum(
        n
        for (kind, at, hour), n in tally.items()
        if kind == what and at == where and first <= int(hour) and int(hour) * HOUR_MS < window.end_ms
    )


def _blanks(facts: Facts, station: Station, place: int, counted: Window) -> Blanks:
    """Reconcile a station's blanks: count forward from the opening to its beginning, back from now to its end."""
    stock: Stock = next(view.stock for view in facts.board.stations if view.code == station.code)
    code, before, after = station.code, Window(0, counted.start_ms), Window(counted.end_ms, NEVER_MS)

    def count(what: str, window: Window) -> int:
        return count_in(facts.tally, what, code, window)

    def change(window: Window) -> int:
        added = count("received", window) + count("moved", window)
        return added - count("destroyed", window) - sum(_prints(facts.records, place, window))

    first = stock.received - count("received", Window(0, NEVER_MS))
    opening = first + change(before)
    ends_now = counted.end_ms >= NEVER_MS
    left = stock.blank if ends_now else stock.blank + stock.reserved - change(after)
    reserved = stock.reserved if ends_now else 0
    used, spoiled = _prints(facts.records, place, counted)
    return Blanks(
        received=opening + count("received", counted),
        used=used,
        spoiled=spoiled,
        reserved=reserved,
        destroyed=count("destroyed", counted),
        left=left,
        moved=count("moved", counted),
        unaccounted=opening + change(counted) - left - reserved,
        opening=opening,
    )


def _prints(records: CardRecords, place: int, window: Window) -> tuple[int, int]:
    """Count the good and the spoiled prints of a station in a window."""
    good = int((records.printed_in(window) & (records.station == place)).sum())
    return good, sum(one.station == place for one in records.spoiled_in(window))


def add_blanks(rows: Sequence[Blanks]) -> Blanks:
    """Add up the blanks of stations."""
    return Blanks(*(sum(getattr(row, name) for row in rows) for name in Blanks.__slots__))


def _spoilage(records: CardRecords, codes: Sequence[str], window: Window) -> tuple[SpoiledCount, ...]:
    counted = Counter((one.station, one.reason) for one in records.spoiled_in(window))
    rows = sorted(counted.items(), key=lambda row: (row[0][0], -row[1], row[0][1]))
    return tuple(SpoiledCount(StationCode(codes[place]), reason, n) for (place, reason), n in rows)


def _orders(scenario: Scenario, facts: Facts, window: Window) -> list[NumberedOrder]:
    """List the orders that touch the period, the scenario's overtime first."""
    cancelled = {order.cancels for order in facts.orders}
    rows = [(0, order) for order in world.overtime_orders(scenario)] + list(enumerate(facts.orders, 1))
    return [
        NumberedOrder(number, order, cancelled=bool(number) and number in cancelled)
        for number, order in rows
        if order.from_ms <= window.end_ms and order.until_ms > window.start_ms
    ]
