"""The page Plan: a question that follows the sliders, the cheapest plan, its orders, and its letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from console.plan import OLDER_OFFICE, apply_plan, find_letter, load_applied, load_plan, write_letter
from lembur.accounts import Scope
from lembur.domain.errors import LemburError, OrderError
from lembur.domain.seats import orders_in_force
from lembur.domain.time import DAY_MS, day_of
from lembur.office import evening_ms, read_dated_scenarios
from planner.question import Sliders, Terms
from web.answers import send_pdf
from web.language import read_field
from web.pages.render import done, formats_of, office_of, page, status_of
from web.planning import (
    FORM_S,
    PAGE_S,
    StillComputingError,
    answer_sliders,
    describe_plan,
    draw_chart,
    search_plan,
)
from web.session import Posted, Visitor, posted, visitor

if TYPE_CHECKING:
    from lembur.domain.seats import SeatOrder
    from web.office import WebOffice
    from web.planning import FoundPlan

router = APIRouter()

FIELDS: Final = {"seats": "", "hours": "0", "speed": "100", "blanks": "0", "chance": "95", "max_hours": "4"}
PERCENT: Final = 100


@router.get("/plan")
def show_plan(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the sliders, with the answer as ordered now; the page loads it later where it takes long."""
    return _show_answer(request, Posted(visitor, FormData(_first_fields(request))), PAGE_S)


def _show(request: Request, visitor: Visitor, *, code: int = 200, **more: Any) -> Response:
    office = office_of(request)
    printers, forecast = _printers(office), office.live.newest().forecast
    context: dict[str, Any] = {"answer": None, "chart": None, "found": None, "printers": printers}
    context |= {"searching": False, "unanswered": "", "pending": more.keys().isdisjoint({"answer", "unanswered"})}
    given = {**_first_fields(request), **more.pop("given", {})}
    return page(
        request,
        "plan.html",
        visitor,
        code=code,
        path="/plan",
        given=given,
        **_applied_plan(office),
        coverage=forecast.coverage if forecast else None,
        **{**context, **more},
    )


def _first_fields(request: Request) -> dict[str, str]:
    """Return the fields of both forms before a person touches them: tomorrow evening, and nothing changed."""
    office = office_of(request)
    evening = evening_ms(office.ledger.time()[0] + DAY_MS, office.setup.scenario.zone)
    return {**FIELDS, "deadline": formats_of(request).field(evening), "max_seats": str(_printers(office))}


def _printers(office: WebOffice) -> int:
    return sum(office.setup.printers(station) for station in office.setup.stations)


def _applied_plan(office: WebOffice) -> dict[str, str]:
    """Return the name of the plan applied last, for its letter, with a note; '' where there is none."""
    applied = load_applied(office.settings.data, orders_in_force(office.ledger.orders()))
    if not applied:
        return {"applied": "", "older": ""}
    older = applied[-1].is_older_than(read_dated_scenarios(office.ledger, office.setup))
    return {"applied": applied[-1].reason, "older": OLDER_OFFICE if older else ""}


@router.post("/plan")
def answer(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Answer the question of the sliders beside today's course."""
    return _show_answer(request, form, FORM_S)


def _show_answer(request: Request, form: Posted, wait_s: float) -> Response:
    """Show the answer, or in its place that it is still being computed, or why there is none."""
    office, given = office_of(request), form.typed_fields()
    try:
        found = answer_sliders(office.settings, _sliders(office, form), wait_s=wait_s)
    except StillComputingError:
        return _show(request, form.visitor, given=given)
    except LemburError as fault:
        code = 200 if request.method == "GET" else status_of(fault)
        return _show(request, form.visitor, code=code, given=given, unanswered=fault)
    return _show(request, form.visitor, given=given, answer=found, chart=draw_chart(found))


def _sliders(office: WebOffice, form: Posted) -> Sliders:
    return Sliders(
        deadline_ms=_deadline_ms(office, form),
        seats=form.number("seats") if form.text("seats") else None,
        hours=_decimal(form, "hours"),
        centre_speed=max(1.0, _decimal(form, "speed")) / PERCENT,
        more_blanks=form.number("blanks"),
    )


def _decimal(form: Posted, name: str) -> float:
    try:
        found = float(form.text(name).replace(",", ".") or 0)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1000:  # noqa: PLR2004 - more than any field of this page needs
        raise OrderError("'%(text)s' is no number from 0 to 1000", text=form.text(name)[:20])
    return found


def _deadline_ms(office: WebOffice, form: Posted) -> int:
    try:
        return read_field(form.text("deadline"), office.setup.scenario.zone)
    except ValueError:
        raise OrderError("give the deadline as a date with a time") from None


@router.post("/plan/cheapest")
def find_cheapest(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Find the cheapest plan for the deadline, and show what it would change; nothing is ordered yet."""
    office, given = office_of(request), form.typed_fields()
    try:
        form.visitor.require(Scope.PLAN)
        terms = Terms(
            deadline_ms=_deadline_ms(office, form),
            confidence=min(0.999, max(0.5, _decimal(form, "chance") / PERCENT)),
            max_hours=_decimal(form, "max_hours"),
            max_seats=form.number("max_seats"),
        )
        found = search_plan(office.settings, terms)
    except StillComputingError:
        return _show(request, form.visitor, given=given, searching=True)
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault, given=given)
    headline, orders = describe_plan(found, formats_of(request)), _list_orders(office, found)
    return _show(request, form.visitor, given=given, found=found, headline=headline, orders=orders)


def _list_orders(office: WebOffice, found: FoundPlan) -> list[tuple[SeatOrder, int]]:
    """List the orders of a plan with their rupiah, by date and station."""
    zone = office.setup.scenario.zone
    priced = zip(found.orders, found.prices, strict=True)
    return sorted(priced, key=lambda one: (day_of(one[0].from_ms, zone), one[0].station, one[0].from_ms))


@router.post("/plan/apply")
def apply(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Order the plan that the person looked at, once."""
    office, words = office_of(request), formats_of(request).words
    try:
        form.visitor.require(Scope.PLAN)
        found = load_plan(office.settings.data, name=form.text("name"))
        form.visitor.require(Scope.PLAN, *{order.station for order in found.orders})
        apply_plan(office, found, by=form.visitor.name)
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault)
    return done("/plan", words.gettext("The plan is ordered."))


@router.post("/plan/letter")
def write(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Write the order of overtime (SPK Lembur) of the plan that was ordered last."""
    office, english = office_of(request), formats_of(request).language == "en"
    try:
        form.visitor.require(Scope.PLAN)
        number = form.line("number")
        name = form.line("office")
        orders, folder, (now_ms, _) = office.ledger.orders(), office.settings.data, office.ledger.time()
        dated = read_dated_scenarios(office.ledger, office.setup)
        letter = find_letter(dated, orders, folder, number, name, now_ms=now_ms, english=english)
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault)
    return send_pdf("spk-lembur.pdf", lambda path: write_letter(letter, path))
