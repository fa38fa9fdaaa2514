"""Plans, reports and visits by REST: what takes long is answered as 202 first, and by the same request later."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from console.plan import apply_plan, load_plan
from lembur.accounts import Scope
from lembur.domain.time import NEVER_MS, moment_ms
from planner.question import SliderAnswer, Sliders, Terms
from web.api.access import Actor, Caller, Reader
from web.api.forms import DAY
from web.api.models import Done, NewQuestion, NewSearch, OutcomeOut, PlanApplication, PlanOrderOut, PlanOut, QuestionOut
from web.api.reading import moment
from web.planning import (
    FoundPlan,
    Period,
    answer_sliders,
    ask_report_json,
    describe_plan,
    plan_visits,
    search_plan,
)

router = APIRouter()

Day = Annotated[str | None, Query(pattern=DAY, description="The last day if absent.")]
Until = Annotated[
    str | None,
    Query(pattern=DAY, description="The last of several days; one day if absent."),
]
Shift = Annotated[int | None, Query(ge=1, le=9, description="A shift of that day; the whole day if absent.")]


@router.post("/plan/question")
def ask_question(by: Reader, body: NewQuestion) -> QuestionOut:
    """Ask what another number of seats or hours, a faster centre or more blanks would bring."""
    sliders = Sliders(
        deadline_ms=moment_ms(body.deadline),
        seats=body.seats,
        hours=body.hours,
        centre_speed=body.centre_speed,
        more_blanks=body.more_blanks,
    )
    found = answer_sliders(by.office.settings, sliders)
    return QuestionOut(
        as_of=moment(by.office, found.now_ms),
        caution=by.formats.sentence(found.caution) if found.caution else None,
        as_ordered=_outcome(by, found.today),
        changed=_outcome(by, found.changed),
    )


def _outcome(by: Caller, answer: SliderAnswer) -> OutcomeOut:
    p50, p90 = (
        None if at >= NEVER_MS else moment(by.office, at) for at in (answer.finish_p50_ms, answer.finish_p90_ms)
    )
    return OutcomeOut(
        clear_p50=p50,
        clear_p90=p90,
        chance=answer.chance,
        late=answer.late,
        rupiah=answer.rupiah,
        seat_hours=answer.seat_hours,
        reasons=[by.formats.sentence(one.describe(by.formats.zone)) for one in answer.staying],
    )


@router.post("/plan/search")
def search(by: Reader, body: NewSearch) -> PlanOut:
    """Search the cheapest plan for a deadline; nothing is ordered by it."""
    by.require(Scope.PLAN)
    terms = Terms(
        deadline_ms=moment_ms(body.deadline),
        confidence=body.confidence,
        max_hours=body.max_hours,
        max_seats=body.max_seats,
    )
    return _plan(by, search_plan(by.office.settings, terms))


def _plan(by: Caller, found: FoundPlan) -> PlanOut:
    orders = [
        PlanOrderOut(
            station=one.station,
            seats=one.seats,
            begins=moment(by.office, one.from_ms),
            ends=moment(by.office, one.until_ms),
            rupiah=rupiah,
        )
        for one, rupiah in zip(found.orders, found.prices, strict=True)
    ]
    return PlanOut(
        name=found.name,
        as_of=moment(by.office, found.now_ms),
        caution=by.formats.sentence(found.caution) if found.caution else None,
        headline=describe_plan(found, by.formats),
        chance=found.chance,
        rupiah=found.rupiah,
        seat_hours=found.seat_hours,
        orders=orders,
    )


@router.post("/plan/apply", status_code=201)
def order_plan(by: Actor, body: PlanApplication) -> Done:
    """Order the plan that was found last, by its name."""
    by.require(Scope.PLAN)
    if by.repeated:
        return Done()
    found = load_plan(by.office.settings.data, name=body.name)
    by.require(Scope.PLAN, *{order.station for order in found.orders})
    apply_plan(by.office, found, by=by.person.name)
    return Done()


@router.get("/report")
def read_report(by: Reader, day: Day = None, until: Until = None, shift: Shift = None) -> dict[str, Any]:
    """Read the report of a shift, a day or several days, with the plan against the fact."""
    return ask_report_json(by.office.settings, Period(day, until, shift))


@router.get("/visits")
def read_visits(by: Reader) -> dict[str, Any]:
    """Read the visits to kelurahan from today on, and when all people are recorded."""
    return plan_visits(by.office.settings)
