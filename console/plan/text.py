"""A plan in words and in JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from console.text import echo
from console.ui import Rows, open_terminal
from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.ui import Times
    from planner.decision import Plan, Row

    Asked = Sequence[tuple[str, Plan]]
    """Pairs of a what-if and the plan under it."""

RELAXED: Final = {
    "people": "with an operator at every printer",
    "printers": "with twice the printers, and none that breaks down,",
    "blanks": "with blanks enough",
    "ribbon": "with ribbon enough",
    "centre": "with a centre that answers at once",
}
"""Each limit, described as if it were lifted."""


def print_plan(found: Plan, supposed: Asked, times: Times, *, live: str = "") -> None:
    """Print a plan: the answer, the staircase, the course without it, the binding limit, the sensitivity."""
    echo(f"\n{describe_answer(found, times, live=bool(live))}\n")
    if found.rows:
        _print_staircase(found, times)
        echo("")
    echo(_describe_regular(found, times, live=bool(live)))
    echo(_in_the_way(found))
    echo(f"a little more, in {found.prices.now.chance.worlds} worlds:")
    for change in found.prices.changed:
        now, then = found.prices.now.chance.share, change.chance.share
        echo(
            f"  {change.what}: {'still ' if now == then else ''}{then:.0%}"
            + (f", not {now:.0%}" if now != then else "")
        )
    for broken in found.best.cost.broken if found.best else ():
        echo(f"more than the rules allow: {broken}")
    if supposed:
        _print_supposed(found, supposed, times)
    if live:
        echo(f"\n{live}")


def _print_staircase(found: Plan, times: Times) -> None:
    titles = ("seats", "hours", "chance", "clear P50", "clear P90", "late", "seat h", "rupiah")
    chosen = found.best.roster if found.best else None
    bold = next((place for place, row in enumerate(found.rows) if row.roster == chosen), None)
    open_terminal().print(Rows(titles, [_cells(row, times) for row in found.rows], bold=bold))


def _print_supposed(found: Plan, supposed: Asked, times: Times) -> None:
    titles = ("what if", "plan", "chance", "rupiah", "without: clear P50", "P90", "late")
    rows = [_supposed_cells(what, plan, times) for what, plan in (("as it is", found), *supposed)]
    echo("")
    open_terminal().print(Rows(titles, rows, words={"what if"}))


def _supposed_cells(what: str, plan: Plan, times: Times) -> tuple[str, ...]:
    best, regular = plan.best, plan.regular
    return (
        what,
        f"{best.roster.seats} x {best.roster.hours:g} h" if best else "none",
        f"{(plan.confirmed or best.chance).share:.0%}" if best else "-",
        f"{best.cost.rupiah:,}" if best else "-",
        *(times.short(regular.completion.finish_quantile_ms(share)) for share in (0.5, 0.9)),
        f"{_late(regular):,}",
    )


def describe_answer(found: Plan, times: Times, *, live: bool) -> str:
    """Describe the answer in one sentence: what to order, or what would suffice."""
    deadline = times.full(found.problem.deadline_ms)
    if found.best is not None:
        best, chance = found.best, found.confirmed or found.best.chance
        if not best.roster.hours and best.roster.seats == found.regular.roster.seats:
            as_it_is = "what is ordered and regular hours" if live else "regular hours"
            more = "nothing more" if live and found.problem.ordered else "nothing"
            return f"{more} is needed: {as_it_is} clear the queue by {deadline} ({chance.share:.0%})"
        hours = f"{best.roster.hours:g} h of overtime a day" if best.roster.hours else "in regular hours"
        return (
            f"{best.roster.seats} seats, {hours}: clear by {deadline} "
            f"with a chance of {chance.share:.0%}, for Rp {best.cost.rupiah:,}"
        )
    needed = _describe_needed(found, times)
    if not found.opens:
        return f"the office does not open before {deadline}, so nothing is printed until then; {needed}"
    return f"nothing within these limits clears the queue by {deadline}; {needed}"


def _describe_regular(found: Plan, times: Times, *, live: bool) -> str:
    """Describe the course without any new order."""
    row = found.regular
    soon, late = (times.short(row.completion.finish_quantile_ms(share)) for share in (0.5, 0.9))
    when = f"clear {soon} (P50), {late} (P90)" if soon != late else f"clear {soon}"
    what = "as things stand" if live else f"without overtime, {row.roster.seats} seats"
    return f"{what}: {when}, {_late(row):,} cards late, in time with a chance of {row.chance.share:.0%}"


def _describe_needed(found: Plan, times: Times) -> str:
    needed, ways = found.needed, []
    if needed and needed.longer:
        ways.append(f"{needed.longer.seats} seats for {needed.longer.hours:g} h a day")
    if needed and needed.more:
        ways.append(f"{needed.more.seats} seats (with printers) for {needed.more.hours:g} h a day")
    if needed and needed.earliest_ms < NEVER_MS:
        ways.append(f"time until {times.full(needed.earliest_ms)}")
    if not ways:
        return f"not even with more hours, more seats or a later deadline; {_in_the_way(found)}"
    return f"what would: {', or '.join(ways)}"


def _in_the_way(found: Plan) -> str:
    """Name the binding limit in words."""
    if not found.opens:
        return "in the way: the calendar"
    if found.limits.binding is not None:
        most, now = found.limits.changed[0], found.limits.now
        more = f"{RELAXED[most.what]} {most.in_time - now.in_time:,.0f} more cards would be printed in time"
        return f"in the way: {found.limits.binding}; {more}"
    if found.limits.now.chance.share < 1.0:
        return "in the way: no single one of people, printers, blanks, ribbon and centre"
    return "in the way: nothing: every card is printed in time"


def _cells(row: Row, times: Times) -> tuple[str, ...]:
    low, high = row.chance.interval()
    return (
        str(row.roster.seats),
        f"{row.roster.hours:g}",
        f"{row.chance.share:.0%} ({low:.0%}-{high:.0%})",
        *(times.short(row.completion.finish_quantile_ms(share)) for share in (0.5, 0.9)),
        f"{_late(row):,}",
        f"{row.cost.seat_hours:,.0f}",
        f"{row.cost.rupiah:,}",
    )


def _late(row: Row) -> int:
    return int(sorted(row.completion.late)[len(row.completion.late) // 2])


def to_json(found: Plan, supposed: Asked, times: Times) -> dict[str, Any]:
    """Convert a plan to JSON."""
    return {
        "headline": describe_answer(found, times, live=bool(found.problem.ordered)),
        "deadline_ms": found.problem.deadline_ms,
        "confidence": found.problem.confidence,
        "best": asdict(found.best.roster) if found.best else None,
        "staircase": [_row_json(row) for row in found.rows],
        "regular": _row_json(found.regular),
        "binding": found.limits.binding,
        "limits": {one.what: one.chance.share for one in found.limits.changed},
        "prices": {one.what: one.chance.share for one in found.prices.changed},
        "what_if": [{"what": what, **_brief_json(plan)} for what, plan in supposed],
    }


def _brief_json(plan: Plan) -> dict[str, Any]:
    return {"best": _row_json(plan.best) if plan.best else None, "regular": _row_json(plan.regular)}


def _row_json(row: Row) -> dict[str, Any]:
    return {
        **asdict(row.roster),
        "chance": row.chance.share,
        "interval": row.chance.interval(),
        "finish_p50_ms": row.completion.finish_quantile_ms(0.5),
        "finish_p90_ms": row.completion.finish_quantile_ms(0.9),
        "late_p50": _late(row),
        "seat_hours": row.cost.seat_hours,
        "rupiah": row.cost.rupiah,
        "caps_broken": list(row.cost.broken),
    }
