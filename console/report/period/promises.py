"""Plan against fact: the figures that plans and forecasts promised, what came, and the causes of the difference."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from console.report.hourly import series
from console.report.period.model import Cause, PromisedFigure
from lembur.domain import world
from lembur.domain.observation import Observed
from lembur.domain.overtime import DatedScenario, overtime_by_date
from lembur.domain.seats import ALL, Step, Window, orders_in_force, seat_ms, wanted_steps
from lembur.domain.time import HOUR_MS, NEVER_MS
from planner.problem import estimate_rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from console.plan import PlanPromise, SavedPlan
    from console.report.hourly import Series
    from console.report.period.facts import Facts
    from lembur.domain.observation import CardHistory, Forecast, Quantiles
    from lembur.domain.scenario import Scenario
    from lembur.domain.seats import SeatOrder, StationCode

MOST_HORIZONS: Final = 3
"""Backlogs of one forecast that a report shows: the furthest ahead within the period."""


def find_promises(facts: Facts, window: Window, causes: Sequence[Cause]) -> tuple[PromisedFigure, ...]:
    """List each figure of the plans and of the forecast that cover the period, with its fact and its reason."""
    past = facts.records.history()
    figures = [
        figure
        for plan in facts.applied
        if any(order.from_ms < window.end_ms and order.until_ms > window.start_ms for order in plan.orders)
        for figure in _of_plan(facts, plan, past)
    ]
    if (forecast := _forecast_of(facts.forecasts, window)) is not None:
        figures += _of_forecast(forecast, past, min(window.end_ms, facts.ended_ms))
    return tuple(replace(one, why=one.why or explain(one, causes)) for one in figures)


def explain(one: PromisedFigure, causes: Sequence[Cause]) -> tuple[str, ...]:
    """Name the causes that push in the direction in which a fact left its band."""
    low, _, high = one.band
    if one.fact is None:
        return ("not known yet",)
    if low <= one.fact <= high:
        return ("within the band" if low < high else "as promised",)
    found = tuple(cause.name for cause in causes if (cause.slows if one.fact > high else cause.speeds))
    return found or ("no single cause stands out",)


def _of_plan(facts: Facts, plan: SavedPlan, past: CardHistory) -> Iterator[PromisedFigure]:
    """Yield the figures of an applied plan. They are facts when its deadline has passed."""
    promise = plan.promise
    if promise is None:
        return
    given = [order for order in facts.orders if order.reason == plan.reason]
    over_ms = max(order.until_ms for order in plan.orders)
    over = facts.ended_ms >= over_ms
    hours, rupiah = _overtime_of_orders(facts, given, _with_pay(facts.dated, plan))
    changed = _changes(facts, given, Window(plan.made_ms, over_ms))
    counted = (past.ready_ms < _cutoffs_ms(facts, promise)[past.station]) & (past.printed_ms > plan.made_ms)
    done = over and bool((past.printed_ms[counted] < NEVER_MS).all())
    finish = float(past.printed_ms[counted].max(initial=plan.made_ms)) if done else None
    late = float((past.printed_ms > past.due_ms)[counted].sum()) if done else None
    for figure, unit, band, fact, why in (
        ("clear", "moment", promise.clear_ms, finish, ()),
        ("late cards", "count", promise.late, late, ()),
        ("overtime seat hours", "hours", (promise.seat_hours,) * 3, hours if over else None, changed),
        ("overtime pay", "rupiah", (promise.rupiah,) * 3, rupiah if over else None, changed),
    ):
        differs = fact is not None and fact != band[1]
        named = ("plan", plan.name, plan.made_ms, figure, None, unit)
        yield PromisedFigure(*named, _three(band), fact, why if differs else ())


def _three(band: Sequence[float]) -> Quantiles:
    low, middle, high = map(float, band)
    return low, middle, high


def _cutoffs_ms(facts: Facts, promise: PlanPromise) -> NDArray[np.int64]:
    """Return the cut-off of each station. No card counts at a station that came after the plan."""
    later = len(facts.dated[-1].scenario.stations) - len(promise.cutoffs_ms)
    return np.array((*promise.cutoffs_ms, *(0,) * later), dtype=np.int64)


def _with_pay(dated: Sequence[DatedScenario], plan: SavedPlan) -> list[DatedScenario]:
    """Return the scenarios of the office, with the pay of the plan where it names one."""
    pay = {"overtime_pay": plan.pay(dated[-1].scenario)} if plan.policy else {}
    return [DatedScenario(of, scenario.model_copy(update=pay)) for of, scenario in dated]


def _overtime_of_orders(
    facts: Facts, given: Sequence[SeatOrder], dated: Sequence[DatedScenario]
) -> tuple[float, float]:
    """Return the overtime that a plan's orders added to all others, and its pay, as far as they stayed in force."""
    everything = orders_in_force(facts.orders)
    others = [order for order in everything if order.reason not in {one.reason for one in given}]
    window = Window(0, max((order.until_ms for order in everything), default=0) + 1)
    hours = rupiah = 0.0
    for code in facts.plans:
        for orders, sign in ((everything, 1), (others, -1)):
            found = overtime_by_date(dated, code, _planned_steps(dated, code, orders, window.end_ms), window)
            hours, rupiah = hours + sign * found[0], rupiah + sign * found[1]
    return round(hours, 2), float(round(rupiah))


def _planned_steps(
    dated: Sequence[DatedScenario], code: StationCode, orders: Sequence[SeatOrder], until_ms: int
) -> list[Step]:
    """Return the seats of a station that shifts and orders ask for, each time by the scenario in force."""
    found = list[Step]()
    for of, scenario in dated:
        if any(station.code == code for station in scenario.stations):
            plan = world.station_plan(scenario, code, until_ms=until_ms, orders=orders)
            inside = [step for step in wanted_steps(plan) if step.at_ms < of.end_ms]
            found += [Step(max(step.at_ms, of.start_ms), step.seats) for step in _since(inside, of.start_ms)]
    return found


def _since(steps: Sequence[Step], at_ms: int) -> Sequence[Step]:
    """Return the steps from the one in force at a moment on."""
    return steps[max(0, bisect_right(steps, at_ms, key=lambda step: step.at_ms) - 1) :]


def _changes(facts: Facts, given: Sequence[SeatOrder], window: Window) -> tuple[str, ...]:
    """Name the changes that people made to a plan's orders, or to the office, before its end."""
    numbers = {number for number, order in enumerate(facts.orders, 1) if order in given}
    cancelled = any(order.cancels in numbers for order in facts.orders)
    changed = any(window.start_ms < of.start_ms < window.end_ms for of, _ in facts.dated)
    reasons = ("orders cancelled" if cancelled else "", "the office was changed" if changed else "")
    return tuple(filter(None, reasons)) or ("other orders at the same time",)


def _forecast_of(forecasts: Sequence[Forecast], window: Window) -> Forecast | None:
    """Return the last forecast made before the period, or else the first made in it."""
    before = [one for one in forecasts if one.made_ms <= window.start_ms]
    inside = [one for one in forecasts if window.start_ms < one.made_ms < window.end_ms]
    return before[-1] if before else next(iter(inside), None)


def _of_forecast(forecast: Forecast, past: CardHistory, end_ms: int) -> Iterator[PromisedFigure]:
    made, office = forecast.made_ms, forecast.stations[ALL]
    moments = {hours: made + hours * HOUR_MS for hours in office.backlog if hours}
    inside = [hours for hours, at_ms in moments.items() if at_ms <= end_ms]
    for hours in inside[-MOST_HORIZONS:]:
        at_ms, band = moments[hours], office.backlog[hours]
        there = float(past.waiting(at_ms).sum())
        yield PromisedFigure("forecast", "", made, "cards waiting", at_ms, "count", band, there, ())
    cleared, late = past.cleared_ms(made), past.late(made)
    for figure, unit, band, came in (
        ("clear", "moment", office.clear_ms, cleared if cleared < NEVER_MS else None),
        ("late cards", "count", office.late, late),
    ):
        fact = None if came is None else float(came)
        yield PromisedFigure("forecast", "", made, figure, None, unit, band, fact, ())


def find_causes(scenario: Scenario, facts: Facts, window: Window) -> tuple[Cause, ...]:
    """Measure the possible causes of a difference: repairs, people, blanks, prints, the centre, arrivals."""
    found = _hourly(facts, window)
    seats = Window(window.start_ms, min(window.end_ms, facts.ended_ms))
    ordered = {code: _ordered_ms(facts, code, seats) for code in facts.steps}
    total_h = sum(ordered.values()) / HOUR_MS
    repairs = sum(max(0, ordered[code] - seat_ms(facts.steps[code], seats)) for code in facts.steps) / HOUR_MS
    without, idle = _standing(facts, found, seats)
    rates = estimate_rates(scenario, Observed.between(facts.tally, window.start_ms, min(window.end_ms, facts.ended_ms)))
    return (
        Cause("printers under repair", "hours", round(repairs, 1), round(total_h, 1)),
        Cause("stations without blanks", "hours", round(without, 1), round(total_h, 1)),
        Cause("open seats without work while cards waited", "hours", round(idle, 1), round(total_h, 1)),
        Cause("time of a print", "factor", round(rates.print_time, 2), rates.prints),
        Cause("time of an answer of the centre", "factor", round(rates.answer_time, 2), rates.answers),
        Cause("people who came", "factor", round(rates.arrivals, 2), rates.people),
    )


def _ordered_ms(facts: Facts, code: StationCode, window: Window) -> int:
    return seat_ms(wanted_steps(facts.plans[code]), window)


def _hourly(facts: Facts, window: Window) -> Series:
    received = {view.code: view.stock.received for view in facts.board.stations if view.code in facts.steps}
    end_ms = min(window.end_ms, facts.ended_ms)
    return series(facts.tally, received, facts.steps, start_ms=window.start_ms, end_ms=max(end_ms, window.start_ms + 1))


def _standing(facts: Facts, found: Series, window: Window) -> tuple[float, float]:
    """Return the open seat hours without work while cards waited: without blanks, and with blanks."""
    past = facts.records.history()
    without = idle = 0.0
    for place, code in enumerate(facts.steps):
        own, hours = past.of(place), found.stations[code]
        for row, at_ms in enumerate(found.hours_ms):
            part = Window(max(at_ms, window.start_ms), min(at_ms + HOUR_MS, window.end_ms))
            if part.start_ms >= part.end_ms or not (own.waiting(part.start_ms) & own.waiting(part.end_ms)).any():
                continue
            length = (part.end_ms - part.start_ms) / HOUR_MS
            still = max(0.0, seat_ms(facts.steps[code], part) / HOUR_MS - hours.busy[row] * length)
            if hours.blanks[row] > 0:
                idle += still
            else:
                without += still
    return without, idle
