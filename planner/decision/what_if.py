"""What if: a problem with something changed, said in a few words as an office would say it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.scenario import Spell
from lembur.domain.time import DAY_MS, HOUR_MS, JAKARTA
from planner.decision.sensitivity import with_blanks
from planner.problem.arrivals import ScenarioArrivals
from planner.problem.problem import Problem, ProblemError, StationInput
from planner.problem.rates import scale_arrivals
from planner.simulation.replay import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.scenario import Scenario

FORMS: Final = (
    "'jebres seats 3', 'printers banjarsari -1', 'blanks 500' (or 'blanks dinas 500'), 'ribbons dinas 2', "
    "'centre down 2h', 'arrivals x1.5'; several at once with commas between them"
)
THINGS: Final = ("seats", "printers", "blanks", "ribbons")
NUMBER: Final = re.compile(r"[+-]?\d{1,9}")
SPAN: Final = re.compile(r"(\d{1,4}(?:\.\d+)?)(m|h|d)")
TIMES: Final = re.compile(r"x?(\d{1,4}(?:\.\d+)?)x?")
UNITS_MS: Final = {"m": HOUR_MS // 60, "h": HOUR_MS, "d": DAY_MS}


def what_if(problem: Problem, text: str) -> Problem:
    """Change a problem as the text says; the words of a form may stand in any order."""
    for part in text.split(","):
        problem = _changed(problem, part.split(), text)
    return problem


def _changed(problem: Problem, words: list[str], text: str) -> Problem:
    lower = [word.lower() for word in words]
    stations = [index for index, station in enumerate(problem.stations) if station.code in lower]
    things = [thing for thing in THINGS if thing in lower]
    rest = [word for word in lower if word not in THINGS and word not in {station.code for station in problem.stations}]
    if rest[:-1] == ["centre", "down"] and (span := SPAN.fullmatch(rest[-1])):
        return _centre_down(problem, round(float(span[1]) * UNITS_MS[span[2]]), text)
    if rest[:-1] == ["arrivals"] and (times := TIMES.fullmatch(rest[-1])):
        return _arrivals(problem, float(times[1]), text)
    if len(things) != 1 or len(stations) > 1 or len(rest) != 1 or not NUMBER.fullmatch(rest[0]):
        raise _unclear(text)
    if things == ["blanks"] and not stations:
        return with_blanks(problem, int(rest[0]))
    if not stations:
        raise _unclear(text)
    return _at(problem, stations[0], things[0], rest[0])


def _unclear(text: str) -> ProblemError:
    return ProblemError(f"--what-if '{text}' is not clear: say it like {FORMS}")


def _at(problem: Problem, index: int, thing: str, number: str) -> Problem:
    """Change something at one station: seats and printers are set, or by a sign changed; stock is added to."""
    station = problem.stations[index]
    if thing == "blanks":
        return _with(problem, index, replace(station, blanks=_more(station.blanks, int(number))))
    if thing == "ribbons":
        return _with(
            problem, index, replace(station, ribbon=_more(station.ribbon, int(number) * problem.timing.ribbon_cards))
        )
    before = station.seats if thing == "seats" else station.printers
    after = before + int(number) if number[0] in "+-" else int(number)
    if after < 0 or (thing == "seats" and after > station.printers):
        printers = f"{station.printers} printer{'s' if station.printers != 1 else ''}"
        raise ProblemError(
            f"--what-if: {station.code} has {printers} and {station.seats} regular seats: {after} cannot be"
        )
    if thing == "printers":
        return _with(problem, index, replace(station, printers=after, seats=min(station.seats, after)))
    return _seated(problem, index, lambda seats: after if number[0] not in "+-" else seats + int(number))


def _more(stock: Steps, more: int) -> Steps:
    return Steps(stock.at_ms, np.maximum(0, stock.values + more))


def _seated(problem: Problem, index: int, seats: Callable[[int], int]) -> Problem:
    """Give a station other seats, in regular hours and in the orders that are given alike."""
    station = problem.stations[index]
    ordered = tuple(
        replace(order, seats=max(0, min(station.printers, seats(order.seats))))
        if order.station == station.code
        else order
        for order in problem.ordered
    )
    return replace(_with(problem, index, replace(station, seats=seats(station.seats))), ordered=ordered)


def _with(problem: Problem, index: int, station: StationInput) -> Problem:
    return replace(problem, stations=(*problem.stations[:index], station, *problem.stations[index + 1 :]))


def _centre_down(problem: Problem, span_ms: int, text: str) -> Problem:
    def down(scenario: Scenario) -> Scenario:
        begins, ends = (datetime.fromtimestamp(at / 1000, JAKARTA) for at in (problem.now_ms, problem.now_ms + span_ms))
        spells = (*scenario.centre.spells, Spell(begins=begins, ends=ends, speed=0.0))
        return scenario.model_copy(update={"centre": scenario.centre.model_copy(update={"spells": spells})})

    return _foreseen(problem, down, text)


def _arrivals(problem: Problem, factor: float, text: str) -> Problem:
    def more(scenario: Scenario) -> Scenario:
        return scenario.model_copy(update={"arrivals": scale_arrivals(scenario.arrivals, factor)})

    return _foreseen(problem, more, text)


def _foreseen(problem: Problem, changed: Callable[[Scenario], Scenario], text: str) -> Problem:
    arrivals = problem.arrivals
    if not isinstance(arrivals, ScenarioArrivals):
        raise _unclear(text)
    return replace(problem, arrivals=replace(arrivals, scenario=changed(arrivals.scenario), _expected={}))
