"""The visits to kelurahan in the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from console.text import count, echo
from console.ui import DateForm, Rows, open_terminal, write_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.ui import Times
    from producers import Recording, Visit, VisitPlan

    Supposed = Sequence[tuple[str, VisitPlan]]
    """Pairs of a what-if and the plan under it."""

VISITS: Final = ("date", "from", "until", "kelurahan", "records")
RECORDINGS: Final = ("kelurahan", "kecamatan", "obliged", "recorded", "missing", "visited on")
ENDS: Final = ("what if", "all visited", "all recorded P50", "P90")
FEW: Final = 5
"""Kelurahan without figures that are named."""
CITY: Final = "the whole city (mobile unit)"


def print_visits(found: VisitPlan, supposed: Supposed, times: Times) -> None:
    """Print the sentence, the schedule, the kelurahan and the what-ifs."""
    terminal = open_terminal()
    echo(f"\n{describe_visits(found)}\n")
    terminal.print(Rows(VISITS, [_visit_cells(one, times) for one in found.visits], words={"kelurahan"}))
    echo("")
    if found.complete:
        rows = [_recording_cells(one, found) for one in found.recordings]
        terminal.print(Rows(RECORDINGS, rows, words={"kecamatan", "visited on"}))
    else:
        without = [one.kelurahan.name for one in found.recordings if one.missing is None]
        names = ", ".join(without[:FEW]) + (", ..." if without[FEW:] else "")
        lack = f"{len(without)} of {len(found.recordings)} kelurahan ({names})"
        echo(f"recorded against obliged: the region file does not have both figures for {lack}: docs/visits.md")
    if supposed:
        ends = [(what, *_ends(plan)) for what, plan in (("as it is", found), *supposed)]
        echo("")
        terminal.print(Rows(ENDS, ends, words={*ENDS}))
    echo("\nassumed: each place brings the same number of records, people come by chance around it,")
    echo("and every first issue at the counter is one of the missing people")


def describe_visits(found: VisitPlan) -> str:
    """Describe the plan in one sentence."""
    visited, *complete = _ends(found)
    first = f"{count(len(found.recordings))} kelurahan visited by {visited}"
    missing = [one.missing for one in found.recordings if one.missing is not None]
    if not found.complete:
        return first
    return f"{first}; {count(sum(missing))} missing people recorded by {complete[0]} (P50), {complete[1]} (P90)"


def visits_to_json(found: VisitPlan, supposed: Supposed) -> dict[str, Any]:
    """Convert a plan and its what-ifs to JSON."""
    return {
        "headline": describe_visits(found),
        **_ends_json(found),
        "visits": [
            {
                "date": f"{one.day}",
                "opens_ms": one.opens_ms,
                "closes_ms": one.closes_ms,
                "places": [{"code": place.code, "name": place.name, "records": n} for place, n in one.places],
                "records": one.records,
            }
            for one in found.visits
        ],
        "kelurahan": [
            {"code": one.kelurahan.code, "name": one.kelurahan.name, "kecamatan": one.kelurahan.kecamatan}
            | {"obliged": one.obliged, "recorded": one.recorded, "missing": one.missing}
            for one in found.recordings
        ],
        "what_if": [{"what": what, **_ends_json(plan)} for what, plan in supposed],
    }


def _ends_json(found: VisitPlan) -> dict[str, Any]:
    p50, p90 = found.complete or (None, None)
    ends = {"visited": found.visited, "recorded_p50": p50, "recorded_p90": p90}
    return {name: f"{day}" if day else None for name, day in ends.items()}


def _ends(found: VisitPlan) -> tuple[str, ...]:
    complete = found.complete or (None, None)
    return (write_date(found.visited), *map(write_date, complete))


def _visit_cells(visit: Visit, times: Times) -> tuple[str, ...]:
    hours = (times.clock(visit.opens_ms), times.clock(visit.closes_ms))
    places = ", ".join(f"{place.name} ({place.kecamatan})" for place, _ in visit.places) or CITY
    return (times.day(visit.opens_ms, brief=True), *hours, places, count(visit.records))


def _recording_cells(one: Recording, found: VisitPlan) -> tuple[str, ...]:
    mine = (visit.day for visit in found.visits if one.kelurahan in {place for place, _ in visit.places})
    days = ", ".join(write_date(day, DateForm.SHORT) for day in mine)
    figures = (count(value) if value is not None else "-" for value in (one.obliged, one.recorded, one.missing))
    return (one.kelurahan.name, one.kelurahan.kecamatan, *figures, days)
