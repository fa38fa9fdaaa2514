"""`lembur plan`: how many seats, how many hours, with what chance, at what cost; and its way into seat orders."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import way
from lembur.domain.calendar import JAKARTA, WEEKDAYS, at_ms, brief, day_of, moment_ms, shown
from lembur.domain.errors import OrderError, SettingsError

if TYPE_CHECKING:
    from lembur.domain.capacity import SeatOrder
    from planner.plan import Plan, Row

WRITTEN = "plan.json"
DAYS_AHEAD = 7
APPLY = "apply"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(  # what a question is made of
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario, or 'apply' to carry out the plan made last.")
    ] = "solo-2016",
    *,
    by: Annotated[str | None, typer.Option("--by", help="'Friday 21:00', or 2016-08-26T21:00.")] = None,
    confidence: Annotated[float, typer.Option("--confidence", help="With what chance, between 0 and 1.")] = 0.95,
    max_hours: Annotated[float, typer.Option("--max-hours", help="Overtime hours a day that may be ordered.")] = 4.0,
    max_seats: Annotated[int, typer.Option("--max-seats", help="Seats that may be open at once.")] = 12,
    policy: Annotated[str, typer.Option("--policy", help="Pay: workers, or civil-i to civil-iv.")] = "civil-ii",
    ordered_by: Annotated[str, typer.Option("--ordered-by", help="Who orders it, for 'apply'.")] = "plan",
    as_json: way.JsonOption = False,
    redis: way.RedisOption = None,
    data: way.DataOption = None,
) -> None:
    """Find the cheapest overtime that clears the queue by a deadline."""
    if scenario == APPLY:
        _apply(redis, data, ordered_by)
        return
    if by is None:
        raise SettingsError("say by when: --by 'Friday 21:00'")
    found = _answer(scenario, by, confidence=confidence, max_hours=max_hours, max_seats=max_seats, code=policy)
    _write(found)
    if as_json:
        way.say_json(_to_json(found))
    else:
        _tell(found)
    if found.best is None:
        raise typer.Exit(1)


def _answer(source: str, by: str, *, confidence: float, max_hours: float, max_seats: int, code: str) -> Plan:
    from rich.console import Console

    from lembur.domain.scenario import load
    from planner.cost import policy
    from planner.opening import opening
    from planner.plan import plan as answer

    found = load(source)
    now_ms = moment_ms(found.starts)
    question = opening(
        found,
        deadline_ms=deadline_ms(by, now_ms),
        max_seats=max_seats,
        max_hours=max_hours,
        confidence=confidence,
    )
    rules = policy(code, day_of(now_ms))
    with ThreadPoolExecutor() as threads, Console(stderr=True).status("compiling, the first time only") as status:
        return answer(
            question,
            rules=rules,
            threads=threads,
            progress=lambda looked: status.update(f"looking at rosters: {looked}") if looked else None,
        )


def deadline_ms(text: str, now_ms: int) -> int:
    """Read a deadline: a weekday with a time means the next one, an ISO moment itself (without a zone: Jakarta)."""
    day, _, at = text.strip().partition(" ")
    try:
        if at:
            wanted = [name for name in WEEKDAYS if day.lower().startswith(name)]
            days = (day_of(now_ms) + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
            moments = (at_ms(one, time.fromisoformat(at)) for one in days if WEEKDAYS[one.weekday()] in wanted)
            return next(moment for moment in moments if moment > now_ms)
        given = datetime.fromisoformat(text)
    except (ValueError, StopIteration) as fault:
        raise SettingsError(f"--by must be like 'Friday 21:00' or 2016-08-26T21:00, not '{text}'") from fault
    return moment_ms(given if given.tzinfo else given.replace(tzinfo=JAKARTA))


def _tell(found: Plan) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"\n[bold]{_headline(found)}[/bold]\n")
    table = Table(box=None, padding=(0, 1, 0, 0))
    for title in ("seats", "hours", "chance", "clear P50", "clear P90", "late", "seat h", "rupiah"):
        table.add_column(title, justify="right", no_wrap=True)
    regular = [found.regular] if all(row.overtime != found.regular.overtime for row in found.rows) else []
    for row in (*found.rows, *regular):
        chosen = found.best is not None and row.overtime == found.best.overtime
        table.add_row(*_cells(row), style="bold green" if chosen else None)
    console.print(table)
    console.print(f"\n{_in_the_way(found)}")
    for change in found.prices.changed:
        console.print(f"{change.what}: {change.chance.share:.0%} instead of {found.prices.now.chance.share:.0%}")


def _headline(found: Plan) -> str:
    deadline = shown(found.question.deadline_ms)
    if found.best is not None:
        best, chance = found.best, found.confirmed or found.best.chance
        if not best.overtime.hours and best.overtime.seats == found.regular.overtime.seats:
            return f"nothing is needed: regular hours clear the queue by {deadline} ({chance.share:.0%})"
        return (
            f"{best.overtime.seats} seats, {best.overtime.hours:g} h of overtime a day: clear by {deadline} "
            f"with a chance of {chance.share:.0%}, for Rp {best.cost.rupiah:,}"
        )
    if not found.opens:
        return f"the office does not open before {deadline}, so nothing is printed until then; {_would(found)}"
    return f"nothing within these limits clears the queue by {deadline}; {_would(found)}"


def _would(found: Plan) -> str:
    from lembur.domain.rates import NEVER_MS

    needed, ways = found.needed, []
    if needed and needed.longer:
        ways.append(f"{needed.longer.seats} seats for {needed.longer.hours:g} h a day")
    if needed and needed.more:
        ways.append(f"{needed.more.seats} seats (with printers) for {needed.more.hours:g} h a day")
    if needed and needed.earliest_ms < NEVER_MS:
        ways.append(f"time until {shown(needed.earliest_ms)}")
    if not ways:
        return f"more hours, seats or time would not either; {_in_the_way(found)}"
    return f"what would: {', or '.join(ways)}"


def _in_the_way(found: Plan) -> str:
    """Name the binding limit in words."""
    if not found.opens:
        return "in the way: the calendar"
    if found.limits.binding is not None:
        return f"in the way: {found.limits.binding}"
    if found.limits.now.chance.share < 1.0:
        return "in the way: no single one of people, printers, blanks, ribbon and centre"
    return "in the way: nothing: every card is printed in time"


def _cells(row: Row) -> tuple[str, ...]:
    low, high = row.chance.interval()
    late = sorted(row.course.late)[len(row.course.late) // 2]
    return (
        str(row.overtime.seats),
        f"{row.overtime.hours:g}",
        f"{row.chance.share:.0%} ({low:.0%}-{high:.0%})",
        _finish(row, 0.5),
        _finish(row, 0.9),
        f"{late:,}",
        f"{row.cost.seat_hours:,.0f}",
        f"{row.cost.rupiah:,}",
    )


def _finish(row: Row, share: float) -> str:
    from lembur.domain.rates import NEVER_MS

    finish_ms = row.course.finish_quantile_ms(share)
    return "never" if finish_ms >= NEVER_MS else f"{datetime.fromtimestamp(finish_ms / 1000, JAKARTA):%a %d %H:%M}"


def _to_json(found: Plan) -> dict[str, Any]:
    return {
        "headline": _headline(found),
        "deadline_ms": found.question.deadline_ms,
        "confidence": found.question.confidence,
        "best": asdict(found.best.overtime) if found.best else None,
        "staircase": [_row_json(row) for row in found.rows],
        "regular": _row_json(found.regular),
        "binding": found.limits.binding,
        "limits": {one.what: one.chance.share for one in found.limits.changed},
        "prices": {one.what: one.chance.share for one in found.prices.changed},
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        **asdict(row.overtime),
        "chance": row.chance.share,
        "interval": row.chance.interval(),
        "finish_p50_ms": row.course.finish_quantile_ms(0.5),
        "finish_p90_ms": row.course.finish_quantile_ms(0.9),
        "late_p50": int(sorted(row.course.late)[len(row.course.late) // 2]),
        "seat_hours": row.cost.seat_hours,
        "rupiah": row.cost.rupiah,
        "caps_broken": list(row.cost.broken),
    }


def _write(found: Plan) -> None:
    from planner.roster import orders

    way.DATA.mkdir(exist_ok=True)
    written = [asdict(order) for order in orders(found.question, found.best.overtime)] if found.best else []
    (way.DATA / WRITTEN).write_text(json.dumps(written, indent=2))


def planned() -> list[SeatOrder]:
    """The orders of the plan made last."""
    from lembur.domain.capacity import SeatOrder

    path = way.DATA / WRITTEN
    written = json.loads(path.read_text()) if path.exists() else []
    if not written:
        raise OrderError("there is no plan to carry out: make one with 'lembur plan --by ...' that finds one")
    return [SeatOrder(**row) for row in written]


def _apply(redis: str | None, data: way.DataOption, ordered_by: str) -> None:
    from lembur.playing import order_seats

    orders = planned()
    settings = way.find_settings(redis, data)
    ledger = way.open_ledger(settings)
    now_ms, _ = ledger.time()
    coming = [replace(order, by=ordered_by) for order in orders if order.until_ms > now_ms]
    if not coming:
        raise OrderError(f"the plan is over: it is {shown(now_ms)} in the office; make a new one")
    for order in coming:
        way.wake(settings, order_seats(ledger, order))
        typer.echo(f"{order.station}: {order.seats} seats from {brief(order.from_ms)} until {brief(order.until_ms)}")
