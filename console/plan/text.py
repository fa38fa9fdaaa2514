"""A plan in words and in JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import time
from typing import TYPE_CHECKING, Any, Final

from console.text import brief_number, chance, count, echo, plural
from console.ui import Rows, open_terminal
from lembur.domain.time import NEVER_MS, round_up_ms
from planner.outcomes import HORIZON_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.plan.live import LiveProblem
    from console.ui import Times
    from planner.decision import Option, Plan
    from planner.problem import DaySeats

    Asked = Sequence[tuple[str, Plan]]
    """Pairs of a what-if and the plan under it."""

RELAXED: Final = {
    "people": "with an operator at every printer",
    "printers": "with twice the printers, and none that breaks down,",
    "blanks": "with blanks enough",
    "ribbon": "with ribbon enough",
    "centre": "with a centre that answers at once",
}
"""Each limit, with the words for a plan without it."""
DATE_COLUMNS: Final = ("date", "station", "people", "overtime")


def print_plan(found: Plan, supposed: Asked, times: Times, *, live: LiveProblem | None = None) -> None:
    """Print a plan: the answer, its dates, the outcomes, the cut-off, the binding limit, the sensitivity."""
    echo(f"\n{describe_answer(found, times, live=bool(live))}\n")
    if found.best and found.best.cost.rupiah + count_people(found) > 0:
        _print_dates(found, times)
        echo("")
    _print_outcomes(found, times, live=bool(live))
    echo("")
    echo(_describe_cutoff(found, times))
    echo(_binding_limit(found))
    for line in (
        *_late_stock(found, times),
        _describe_cap(found),
        _describe_transfer(found, times),
        _describe_operators(found, times),
        _describe_breaks(found),
    ):
        if line:
            echo(line)
    echo(f"the chance with a little more, in {found.prices.now.chance.worlds} worlds:")
    for change in found.prices.changed:
        points = 100 * (change.chance.share - found.prices.now.chance.share)
        echo(f"  {change.what}: {f'{points:+.1f} points' if points else 'the same'}")
    for broken in found.best.cost.broken if found.best else ():
        echo(f"more than the rules allow one person: {broken}")
    if supposed:
        _print_supposed(found, supposed, times)
    if live:
        echo("")
        for line in live.describe(times):
            echo(line)


def _print_dates(found: Plan, times: Times) -> None:
    """Print the roster by date and station: people in working time, and overtime."""
    titles = ("date", "station", "people in working time", "overtime")
    open_terminal().print(Rows(titles, list(_dates(found, times)), words={*titles}))


def _dates(found: Plan, times: Times) -> Iterator[tuple[str, str, str, str]]:
    from planner.problem import office_days

    rows = [
        (one.begins_ms, station, seats)
        for station, row in zip(found.problem.stations, found.best.roster.seats if found.best else (), strict=False)
        for one, seats in zip(office_days(found.problem, station), row, strict=True)
        if seats.overtime or seats.regular > station.seats
    ]
    for begins_ms, station, seats in sorted(rows, key=lambda row: row[0]):
        more = seats.regular - station.seats
        people = f"{seats.regular}, {more} more than usual" if more else "-"
        yield times.brief(begins_ms)[:-6], str(station.code), people, _overtime(seats)


def _overtime(seats: DaySeats) -> str:
    """Describe the overtime of a date, such as '2 x 4 h, 1 x 2 h'."""
    counts = Counter(seats.overtime)
    return ", ".join(f"{people} x {halves / 2:g} h" for halves, people in sorted(counts.items(), reverse=True)) or "-"


def count_people(found: Plan) -> int:
    """Return the largest number of people needed in working time on one date, beyond the regular ones."""
    if not found.best:
        return 0
    base = sum(station.seats for station in found.problem.stations)
    dates = zip(*found.best.roster.seats, strict=True)
    return max((sum(seats.regular for seats in date) - base for date in dates), default=0)


def _print_outcomes(found: Plan, times: Times, *, live: bool) -> None:
    """Print the outcomes without new orders, of the plan, and of all that may be ordered; and why a queue stays."""
    options = {"as things stand" if live else "regular hours": found.regular}
    if found.best:
        options["this plan"] = found.best
    options["the most allowed"] = found.most
    titles = ("outcome", "chance", "clear P50", "clear P90", "late", "seat h", "Rp added" if live else "rupiah")
    rows = [(name, *_cells(option, times)) for name, option in options.items()]
    open_terminal().print(Rows(titles, rows, words={"outcome"}, bold=1 if found.best else None))
    if found.committed_rupiah:
        echo(f"ordered already, until the deadline: Rp {count(found.committed_rupiah)}")
    reasons: dict[str, list[str]] = {}
    for name, option in options.items():
        for staying in option.completion.list_staying(found.problem, option.roster):
            reasons.setdefault(staying.describe(times.zone), []).append(name)
    for reason, names in reasons.items():
        echo(f"{' and '.join(names)}: {reason}")


def _print_supposed(found: Plan, supposed: Asked, times: Times) -> None:
    """Print the cheapest plan under each what-if, and the outcome without new orders."""
    titles = ("what if", "people", "seat h", "chance", "rupiah", "P90 without", "late")
    rows = [_supposed_cells(what, plan, times) for what, plan in (("as it is", found), *supposed)]
    echo("")
    open_terminal().print(Rows(titles, rows, words={"what if"}))
    echo("each with its cheapest plan; people: more than usual in working time; P90 and late: without new orders")
    if any(plan.best is None for plan in (found, *(plan for _, plan in supposed))):
        echo("none: nothing within the limits suffices")


def _supposed_cells(what: str, plan: Plan, times: Times) -> tuple[str, ...]:
    best, regular = plan.best, plan.regular
    return (
        what,
        count(count_people(plan)) if best else "-",
        brief_number(best.cost.seat_hours) if best else "none",
        chance((plan.confirmed or best.chance).share) if best else "-",
        count(best.cost.rupiah) if best else "-",
        _finish(regular.completion.finish_quantile_ms(0.9), times),
        count(regular.completion.late_quantile(0.5)),
    )


def describe_answer(found: Plan, times: Times, *, live: bool) -> str:
    """Describe the answer in one sentence: what to order, or what would suffice."""
    deadline = times.full(found.problem.deadline_ms)
    if found.best is not None:
        warning = "" if found.holds else f"below the {100 * found.problem.confidence:g}% asked for: "
        return warning + _describe_plan(found, deadline, live=live)
    needed = _describe_needed(found, times)
    if not found.opens:
        return f"the office does not open before {deadline}, so nothing is printed until then; {needed}"
    return f"nothing within these limits ({_describe_limits(found)}) clears the queue by {deadline}; {needed}"


def _describe_limits(found: Plan) -> str:
    """Write the most that may be ordered: never more seats than printers, and no more hours than the rule of pay."""
    from planner.problem import most_seats

    return f"{plural(most_seats(found.problem), 'seat')} and {_overtime_a_day(found.allowed_h)}"


def _overtime_a_day(hours: float) -> str:
    return f"{hours:g} h of overtime a day" if hours else "no overtime"


def _describe_plan(found: Plan, deadline: str, *, live: bool) -> str:
    best = found.best
    if best is None:
        return ""
    confirmed = chance(best.chance.share)
    if best.roster == found.regular.roster:
        as_it_is = "what is ordered and regular hours" if live else "regular hours"
        if not found.holds:
            return f"nothing within these limits is better than {as_it_is}: clear by {deadline} ({confirmed})"
        more = "nothing more" if live and found.problem.ordered else "nothing"
        return f"{more} is needed: {as_it_is} clear the queue by {deadline} ({confirmed})"
    people = count_people(found)
    parts = (
        [f"{brief_number(best.cost.seat_hours)} seat hours of overtime for Rp {count(best.cost.rupiah)}"]
        if (best.cost.rupiah or best.cost.seat_hours)
        else ["no overtime"]
    )
    if people:
        parts.append(f"{plural(people, 'more operator')} in working time")
    return f"{', '.join(parts)}: clear by {deadline} with a chance of {confirmed}"


def _describe_cutoff(found: Plan, times: Times) -> str:
    """Describe the cards that must be printed by the deadline, and the cards that come too late for it."""
    problem = found.problem
    by_cutoff: dict[int, list[str]] = {}
    for station, cutoff in zip(problem.stations, problem.cutoffs_ms, strict=True):
        by_cutoff.setdefault(cutoff, []).append(str(station.code))
    moments = " and ".join(
        times.full(cutoff) + (f" ({', '.join(codes)})" if len(by_cutoff) > 1 else "")
        for cutoff, codes in sorted(by_cutoff.items())
    )
    late = round(problem.expected_after_cutoffs())
    after = f"; {plural(late, 'card')} may come later and can wait" if late > 0 else ""
    return f"counted: cards ready before {moments}{after}"


def _describe_cap(found: Plan) -> str:
    """Name the rule of pay that allows less overtime on a day than was asked for."""
    rule = found.capped_by
    if rule is None:
        return ""
    return f"overtime: {rule.cap_day_h:g} h on a working day at most, not {found.problem.max_hours:g} h ({rule.source})"


def _late_stock(found: Plan, times: Times) -> Iterator[str]:
    """Name the stations that can print nothing before a delivery, by its date."""
    problem = found.problem
    stations, now, coming = problem.stations, problem.now_ms, problem.arrivals.expected_cards(problem.deadline_ms)
    by_delivery: dict[int, list[str]] = {}
    for station, cards in zip(stations, coming, strict=True):
        first = next((at for at in station.stock.at_ms.tolist() if station.stock.at(at) > 0), NEVER_MS)
        if len(station.waiting) + cards > 0 and first > now:
            by_delivery.setdefault(first, []).append(str(station.code))
    for first, codes in sorted(by_delivery.items()):
        where = "at all stations" if len(codes) == len(stations) > 1 else f"at {', '.join(codes)}"
        when = f"nothing before {times.brief(first)}" if first < NEVER_MS else "none, and no delivery is known,"
        yield f"blanks: {when} {where}"


def _describe_transfer(found: Plan, times: Times) -> str:
    """Recommend the moves of blanks that help, with the outcomes without and with them."""
    transfer, problem = found.transfer, found.problem
    if not transfer:
        return ""
    moves = ", ".join(f"{count(one.blanks)} from {one.lender} to {one.taker}" for one in transfer.moves)
    before, after = (
        times.brief(round_up_ms(at)) if at < NEVER_MS else f"not within {HORIZON_DAYS} days"
        for at in (one.finish_quantile_ms(0.5) for one in (transfer.before, transfer.after))
    )
    in_time = chance((transfer.after.finish_ms <= problem.deadline_ms).mean())
    when = f" when they are there, {times.brief(transfer.at_ms)}" if transfer.at_ms > problem.now_ms else " now"
    clear = f"clear {after}" if after == before else f"clear {after} instead of {before}"
    moved = f"recommended: move blanks{when}: {moves}; {clear} (P50), in time with a chance of {in_time}"
    return moved + _describe_what_if(found)


def _describe_what_if(found: Plan) -> str:
    """Write the moves of blanks as an option of the command, which shows the overtime that is left."""
    moves = found.transfer.moves if found.transfer else ()
    changes = (f"move {one.blanks} blanks from {one.lender} to {one.taker}" for one in moves)
    return f'\n  to see the overtime that is left then: --what-if "{", ".join(changes)}"'


def _describe_operators(found: Plan, times: Times) -> str:
    """Describe the people needed in working time beyond the regular ones. Their work is no overtime."""
    from planner.problem import office_days

    if not found.best:
        return ""
    more: dict[int, int] = {}
    for station, row in zip(found.problem.stations, found.best.roster.seats, strict=True):
        for one, seats in zip(office_days(found.problem, station), row, strict=True):
            at = found.problem.working.at_ms(one.day, time())
            more[at] = more.get(at, 0) + seats.regular - station.seats
    days = ", ".join(f"{people} on {times.day(at, brief=True)}" for at, people in sorted(more.items()) if people)
    return f"operators in working time beyond the regular ones, paid as always: {days}" if days else ""


def _describe_breaks(found: Plan) -> str:
    """Explain why the seat hours are fewer than the hours of a day off: no seat is open in its break."""
    from planner.problem import office_days

    problem, row_of = found.problem, found.best.roster.seats if found.best else ()
    with_break = any(
        seats.overtime and not one.shifts and station.working.breaks(one.day, one.day)
        for station, row in zip(problem.stations, row_of, strict=False)
        for one, seats in zip(office_days(problem, station), row, strict=True)
    )
    return "on a day off the hours include the break, which is not counted in the seat hours" if with_break else ""


def _describe_needed(found: Plan, times: Times) -> str:
    needed, ways = found.needed, []
    if needed and needed.longer_h is not None:
        ways.append(f"{_overtime_a_day(needed.longer_h)} with all seats")
    if needed and needed.more_seats is not None:
        hours = _overtime_a_day(found.allowed_h)
        ways.append(f"{needed.more_seats} seats (with printers where they are needed) and {hours}")
    if needed and needed.earliest_ms < NEVER_MS:
        ways.append(f"time until {times.full(needed.earliest_ms)}")
    if needed and needed.moved_blanks is not None:
        ways.append(f"{plural(needed.moved_blanks, 'blank')} moved between stations")
    if not ways:
        return f"not even with more hours, more seats or a later deadline; {_binding_limit(found)}"
    return f"what would: {', or '.join(ways)}"


def _binding_limit(found: Plan) -> str:
    """Name the binding limit in words."""
    if not found.opens:
        return "in the way: the calendar"
    if found.limits.binding is not None:
        most, now = found.limits.changed[0], found.limits.now
        more = f"{RELAXED[most.what]} {plural(round(most.in_time - now.in_time), 'more card')} would be printed in time"
        return f"in the way: {found.limits.binding}; {more}"
    if found.limits.now.chance.share < 1.0:
        return "in the way: no single one of people, printers, blanks, ribbon and centre"
    return "in the way: nothing: every card is printed in time"


def _finish(at_ms: int, times: Times) -> str:
    """Write a finish for a table, to the next full minute. A queue is followed for sixty days, and no longer."""
    return times.short(round_up_ms(at_ms)) if at_ms < NEVER_MS else f"> {HORIZON_DAYS} days"


def _cells(option: Option, times: Times) -> tuple[str, ...]:
    return (
        chance(option.chance.share),
        *(_finish(option.completion.finish_quantile_ms(share), times) for share in (0.5, 0.9)),
        count(option.completion.late_quantile(0.5)),
        brief_number(option.cost.seat_hours),
        count(option.cost.rupiah),
    )


def to_json(found: Plan, supposed: Asked, times: Times, *, live: bool) -> dict[str, Any]:
    """Convert a plan to JSON."""
    return {
        "headline": describe_answer(found, times, live=live),
        "now_ms": found.problem.now_ms,
        "caution": found.problem.timing.doubt.caution,
        "deadline_ms": found.problem.deadline_ms,
        "cutoff_ms": max(found.problem.cutoffs_ms),
        "confidence": found.problem.confidence,
        "confirmed": found.confirmed.share if found.confirmed else None,
        "best": _option_json(found.best) if found.best else None,
        "dates": [dict(zip(DATE_COLUMNS, row, strict=True)) for row in _dates(found, times)],
        "regular": _option_json(found.regular),
        "most": _option_json(found.most),
        "staying": [asdict(one) for one in found.regular.completion.list_staying(found.problem, found.regular.roster)],
        "needed": asdict(found.needed) if found.needed else None,
        "committed_rupiah": found.committed_rupiah,
        "transfer": [asdict(one) for one in found.transfer.moves] if found.transfer else [],
        "binding": found.limits.binding,
        "limits": {one.what: one.chance.share for one in found.limits.changed},
        "prices": {one.what: one.chance.share for one in found.prices.changed},
        "what_if": [{"what": what, **_brief_json(plan)} for what, plan in supposed],
    }


def _brief_json(plan: Plan) -> dict[str, Any]:
    return {"best": _option_json(plan.best) if plan.best else None, "regular": _option_json(plan.regular)}


def _option_json(option: Option) -> dict[str, Any]:
    return {
        "chance": option.chance.share,
        "interval": option.chance.interval(),
        "finish_p50_ms": option.completion.finish_quantile_ms(0.5),
        "finish_p90_ms": option.completion.finish_quantile_ms(0.9),
        "late_p50": option.completion.late_quantile(0.5),
        "seat_hours": option.cost.seat_hours,
        "rupiah": option.cost.rupiah,
        "caps_broken": list(option.cost.broken),
    }
