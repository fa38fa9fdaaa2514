"""Hypothetical changes of a problem: short phrases, such as 'blanks 500' or 'centre down 2h'."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.errors import Sentence
from lembur.domain.scenario import Spell
from lembur.domain.time import DAY_MS, HOUR_MS
from planner.arrays import Steps
from planner.decision.sensitivity import with_blanks
from planner.decision.transfer import BlankLoan, with_moves
from planner.problem import Problem, ProblemError, ScenarioArrivals, StationInput, scale_arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.domain.scenario import Scenario

    Form = tuple[tuple[str, ...], Callable[[Problem, Sequence[str]], Problem]]

FORMS: Final = (
    "'{0} seats 3', 'printers {1} -1', 'blanks 500' (or 'blanks {0} 500'), 'ribbons {0} 2', "
    "'move 300 blanks from {0} to {1}', 'centre down 2h', 'arrivals x1.5'; separate several with commas"
)
"""The forms by example, for the first and the last station of an office."""
STATIONS: Final = {"<station>": "", "<lender>": "from:", "<taker>": "to:"}
"""Fields for a station, and the word before it."""
PATTERNS: Final = {
    "<number>": re.compile(r"[+-]?\d{1,9}"),
    "<span>": re.compile(r"\d{1,4}(\.\d+)?[mhd]"),
    "<factor>": re.compile(r"x?\d{1,4}(\.\d+)?x?"),
}
WAY: Final = re.compile(r"\b(from|to) ")
"""Words that belong to the station behind them, so that no order of words turns a move round."""
UNITS_MS: Final = {"m": HOUR_MS // 60, "h": HOUR_MS, "d": DAY_MS}


def apply_what_if(problem: Problem, text: str) -> Problem:
    """Change a problem as the text asks. The words of a form may stand in any order."""
    for part in text.split(","):
        problem = _apply(problem, WAY.sub(r"\1:", part.lower()).split(), text)
    return problem


def _apply(problem: Problem, words: list[str], text: str) -> Problem:
    for form, change in TABLE:
        values = _match(problem, form, words)
        if values is not None:
            return change(problem, values)
    forms = FORMS.format(problem.stations[0].code, problem.stations[-1].code)
    raise ProblemError("'%(text)s' is not clear: write it like %(forms)s", text=text, forms=forms)


def _match(problem: Problem, form: tuple[str, ...], words: list[str]) -> list[str] | None:
    """Return the values of a form's fields in its order, or None if the words do not fit."""
    left, values = list(words), []
    for part in form:
        found = next((word for word in left if _fits(problem, part, word)), None)
        if found is None:
            return None
        left.remove(found)
        if part.startswith("<"):
            values.append(found)
    return None if left else values


def _fits(problem: Problem, part: str, word: str) -> bool:
    if part in STATIONS:
        return word in {f"{STATIONS[part]}{station.code}" for station in problem.stations}
    return bool(PATTERNS[part].fullmatch(word)) if part in PATTERNS else word == part


def _centre_down(problem: Problem, values: Sequence[str]) -> Problem:
    end_ms = problem.now_ms + round(float(values[0][:-1]) * UNITS_MS[values[0][-1]])
    begins, ends = (datetime.fromtimestamp(at / 1000, problem.working.zone) for at in (problem.now_ms, end_ms))

    def down(scenario: Scenario) -> Scenario:
        spells = (*scenario.centre.spells, Spell(begins=begins, ends=ends, speed=0.0))
        return scenario.model_copy(update={"centre": scenario.centre.model_copy(update={"spells": spells})})

    return _with_scenario(problem, down)


def with_centre_speed(problem: Problem, speed: float) -> Problem:
    """Let the centre work faster or slower: at speed 0.5 every answer takes twice the time."""
    if speed == 1.0:
        return problem
    if speed <= 0.0:
        raise ProblemError("a centre of speed %(speed)s never answers: use a speed above 0, such as 0.5", speed=speed)

    def slower(scenario: Scenario) -> Scenario:
        centre = scenario.centre
        times = {"median_s": centre.median_s / speed, "p90_s": centre.p90_s / speed}
        return scenario.model_copy(update={"centre": centre.model_copy(update=times)})

    return _with_scenario(problem, slower)


def _more_arrivals(problem: Problem, values: Sequence[str]) -> Problem:
    factor = float(values[0].strip("x"))
    return _with_scenario(
        problem, lambda known: known.model_copy(update={"arrivals": scale_arrivals(known.arrivals, factor)})
    )


def _with_scenario(problem: Problem, change: Callable[[Scenario], Scenario]) -> Problem:
    arrivals = problem.arrivals
    if not isinstance(arrivals, ScenarioArrivals):
        raise ProblemError("the centre and the arrivals cannot be changed: this problem has no scenario")
    return replace(problem, arrivals=replace(arrivals, scenario=change(arrivals.scenario), _expected={}))


def _blanks(problem: Problem, values: Sequence[str]) -> Problem:
    return with_blanks(problem, int(values[0]))


def _station_blanks(problem: Problem, values: Sequence[str]) -> Problem:
    return _change_station(problem, values[0], lambda one: replace(one, blanks=_add(one.blanks, int(values[1]))))


def _move_blanks(problem: Problem, values: Sequence[str]) -> Problem:
    """Move blanks as soon as the lender has them."""
    blanks, lender, taker = int(values[0]), *(_station(problem, word.partition(":")[2]) for word in values[1:])
    moments = (at for at in lender.blanks.at_ms.tolist() if lender.blanks.at(at) >= blanks)
    at_ms = next(moments, None)
    if at_ms is None or blanks <= 0:
        raise ProblemError(
            "%(blanks)s blanks cannot be moved from %(lender)s to %(taker)s: name a number from 1 to %(most)s",
            blanks=blanks,
            lender=lender.code,
            taker=taker.code,
            most=int(lender.blanks.values.max(initial=0)),
        )
    return with_moves(problem, [BlankLoan(blanks, lender.code, taker.code)], max(at_ms, problem.now_ms))


def _ribbons(problem: Problem, values: Sequence[str]) -> Problem:
    cards = int(values[1]) * problem.timing.ribbon_cards
    return _change_station(problem, values[0], lambda one: replace(one, ribbon=_add(one.ribbon, cards)))


def _printers(problem: Problem, values: Sequence[str]) -> Problem:
    station = _station(problem, values[0])
    after = _changed_count(station, station.printers, values[1])
    return _change_station(problem, station.code, lambda one: replace(one, printers=after, seats=min(one.seats, after)))


def _seats(problem: Problem, values: Sequence[str]) -> Problem:
    """Change the seats of a station, in regular hours and in the orders given already."""
    station = _station(problem, values[0])
    after = _changed_count(station, station.seats, values[1], most=station.printers)
    ordered = tuple(
        replace(order, seats=max(0, min(station.printers, _count(order.seats, values[1]))))
        if order.station == station.code
        else order
        for order in problem.ordered
    )
    changed = _change_station(problem, station.code, lambda one: replace(one, seats=after))
    return replace(changed, ordered=ordered)


def _changed_count(station: StationInput, before: int, number: str, most: int | None = None) -> int:
    after = _count(before, number)
    if after < 0 or (most is not None and after > most):
        printers = Sentence("%(num)s printer", "%(num)s printers", num=station.printers)
        seats = Sentence("%(num)s regular seat", "%(num)s regular seats", num=station.seats)
        raise ProblemError(
            "%(station)s has %(printers)s and %(seats)s: %(after)s cannot be",
            station=station.code,
            printers=printers,
            seats=seats,
            after=after,
        )
    return after


def _count(before: int, number: str) -> int:
    """Read a number: with a sign it is a difference, without one it is the new count."""
    return before + int(number) if number[0] in "+-" else int(number)


def _add(stock: Steps, more: int) -> Steps:
    return Steps(stock.at_ms, np.maximum(0, stock.values + more))


def _station(problem: Problem, code: str) -> StationInput:
    return next(station for station in problem.stations if station.code == code)


def _change_station(problem: Problem, code: str, change: Callable[[StationInput], StationInput]) -> Problem:
    stations = tuple(change(station) if station.code == code else station for station in problem.stations)
    return replace(problem, stations=stations)


TABLE: Final[Sequence[Form]] = (
    (("centre", "down", "<span>"), _centre_down),
    (("arrivals", "<factor>"), _more_arrivals),
    (("blanks", "<number>"), _blanks),
    (("move", "<number>", "blanks", "<lender>", "<taker>"), _move_blanks),
    (("blanks", "<station>", "<number>"), _station_blanks),
    (("ribbons", "<station>", "<number>"), _ribbons),
    (("printers", "<station>", "<number>"), _printers),
    (("seats", "<station>", "<number>"), _seats),
)
"""Each form of words, and the function that changes the problem by the values of its fields."""
