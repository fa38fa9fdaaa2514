"""A plan of an open office: find it, keep it, and order it once. The command line and the pages share this."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from console.plan.live import read_live_problem
from console.plan.saved import PlanPromise, SavedPlan, save_applied, save_plan
from console.plan.text import describe_answer
from lembur.domain.errors import OrderError, Sentence
from lembur.domain.observation import QUANTILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.ui import Times
    from lembur.actions import OfficeLink
    from lembur.domain.overtime import DatedScenario
    from lembur.domain.seats import SeatOrder
    from planner.decision import Plan
    from planner.problem import Terms


def find_live_plan(office: OfficeLink, terms: Terms) -> tuple[Plan, SavedPlan]:
    """Find the cheapest overtime for an office as it stands, and keep it as the plan made last."""
    from console.ui import times_of
    from lembur.office import read_setup
    from planner.decision import make_plan

    setup = read_setup(office.ledger)
    scenario = setup.scenario
    live = read_live_problem(office.ledger, setup, terms)
    with ThreadPoolExecutor() as threads:
        found = make_plan(live.problem, threads=threads)
    saved = plan_to_save(found, times_of(scenario), office.settings.office, scenario.name, setup.seed)
    save_plan(saved, office.settings.data)
    return found, saved


def plan_to_save(  # the plan, and what it is for
    found: Plan, times: Times, office: str, scenario: str, seed: int, *, policy: str = ""
) -> SavedPlan:
    """Return a plan as it is kept: with its office (or ''), its scenario, and a policy of pay if one is named."""
    from planner.problem import orders

    return SavedPlan(
        office=office,
        scenario=scenario,
        seed=seed,
        made_ms=found.problem.now_ms,
        headline=describe_answer(found, times, live=bool(office)),
        orders=tuple(orders(found.problem, found.best.roster)) if found.best else (),
        promise=_promise(found),
        policy=policy,
    )


def _promise(found: Plan) -> PlanPromise | None:
    """Return the figures of a plan that a report will compare with the outcome."""
    if found.best is None:
        return None
    done, (low, middle, high) = found.best.completion, QUANTILES
    return PlanPromise(
        deadline_ms=found.problem.deadline_ms,
        cutoffs_ms=found.problem.cutoffs_ms,
        chance=(found.confirmed or found.best.chance).share,
        clear_ms=(done.finish_quantile_ms(low), done.finish_quantile_ms(middle), done.finish_quantile_ms(high)),
        late=(done.late_quantile(low), done.late_quantile(middle), done.late_quantile(high)),
        seat_hours=found.best.cost.seat_hours,
        rupiah=found.best.cost.rupiah,
    )


def apply_plan(office: OfficeLink, found: SavedPlan, *, by: str) -> list[SeatOrder]:
    """Order a plan for the office that it was made for, once."""
    from console.ui import times_of
    from lembur.office import order_seats, read_dated_scenarios, read_setup

    setup = read_setup(office.ledger)
    _check_office(found, office.settings.office, setup.scenario.name, setup.seed)
    _check_changes(found, read_dated_scenarios(office.ledger, setup), times_of(setup.scenario))
    orders = _orders_to_give(found, times_of(setup.scenario), office.ledger.time()[0], by)
    office.wake(order_seats(office.ledger, *orders, reference=found.name))
    save_applied(found, office.settings.data)
    return orders


def _check_office(found: SavedPlan, office: str, scenario: str, seed: int) -> None:
    """Refuse a plan that was made for another office, scenario or seed."""
    if not found.office:
        raise OrderError(
            "the plan made last is for the scenario %(scenario)s: 'lembur plan --live' plans an office",
            scenario=found.scenario,
        )
    if (found.office, found.scenario, found.seed) != (office, scenario, seed):
        raise OrderError(
            "the plan is for %(other)s; this is %(this)s: make a plan here with 'lembur plan --live --by ...'",
            other=_name_office(found.office, found.scenario, found.seed),
            this=_name_office(office, scenario, seed),
        )


def _check_changes(found: SavedPlan, dated: Sequence[DatedScenario], times: Times) -> None:
    """Refuse a plan that was made before the office was changed: it has other hours or another pay."""
    if found.is_older_than(dated):
        raise OrderError(
            "the office was changed at %(changed)s, after the plan was made: make a new one with "
            "'lembur plan --live --by ...'",
            changed=times.local(dated[-1].window.start_ms),
        )


def _name_office(office: str, scenario: str, seed: int) -> Sentence:
    return Sentence(
        "office %(office)s, scenario %(scenario)s, seed %(seed)s", office=office, scenario=scenario, seed=str(seed)
    )


def _orders_to_give(found: SavedPlan, times: Times, now_ms: int, by: str) -> list[SeatOrder]:
    """Return the orders of a plan, signed; refuse a plan whose first evening has passed."""
    past = [order for order in found.orders if order.until_ms <= now_ms]
    if past:
        raise OrderError(
            "the plan is past: it is %(now)s in the office, and %(station)s should have been open until "
            "%(end)s; make a new one",
            now=times.local(now_ms),
            station=past[0].station,
            end=times.local(past[0].until_ms),
        )
    return [replace(order, by=by, reason=found.reason) for order in found.orders]
