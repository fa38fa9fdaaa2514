"""What if: a question with something changed, said in a few words as an office would say it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.calendar import DAY_MS, HOUR_MS, JAKARTA
from lembur.domain.scenario.model import Spell
from planner.decision.sensitivity import with_blanks
from planner.problem.arrivals import Foreseen
from planner.problem.problem import Place, Question, QuestionError
from planner.problem.rates import scaled
from planner.simulation.replay import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.scenario.model import Scenario

FORMS: Final = (
    "'jebres seats 3', 'printers banjarsari -1', 'blanks 500' (or 'blanks dinas 500'), 'ribbons dinas 2', "
    "'centre down 2h', 'arrivals x1.5'; several at once with commas between them"
)
THINGS: Final = ("seats", "printers", "blanks", "ribbons")
NUMBER: Final = re.compile(r"[+-]?\d{1,9}")
SPAN: Final = re.compile(r"(\d{1,4}(?:\.\d+)?)(m|h|d)")
TIMES: Final = re.compile(r"x?(\d{1,4}(?:\.\d+)?)x?")
UNITS_MS: Final = {"m": HOUR_MS // 60, "h": HOUR_MS, "d": DAY_MS}


def what_if(question: Question, text: str) -> Question:
    """Change a question as the text says; the words of a form may stand in any order."""
    for part in text.split(","):
        question = _changed(question, part.split(), text)
    return question


def _changed(question: Question, words: list[str], text: str) -> Question:
    lower = [word.lower() for word in words]
    places = [index for index, place in enumerate(question.places) if place.code in lower]
    things = [thing for thing in THINGS if thing in lower]
    rest = [word for word in lower if word not in THINGS and word not in {place.code for place in question.places}]
    if rest[:-1] == ["centre", "down"] and (span := SPAN.fullmatch(rest[-1])):
        return _centre_down(question, round(float(span[1]) * UNITS_MS[span[2]]), text)
    if rest[:-1] == ["arrivals"] and (times := TIMES.fullmatch(rest[-1])):
        return _arrivals(question, float(times[1]), text)
    if len(things) != 1 or len(places) > 1 or len(rest) != 1 or not NUMBER.fullmatch(rest[0]):
        raise _unclear(text)
    if things == ["blanks"] and not places:
        return with_blanks(question, int(rest[0]))
    if not places:
        raise _unclear(text)
    return _at(question, places[0], things[0], rest[0])


def _unclear(text: str) -> QuestionError:
    return QuestionError(f"--what-if '{text}' is not clear: say it like {FORMS}")


def _at(question: Question, index: int, thing: str, number: str) -> Question:
    """Change something at one place: seats and printers are set, or by a sign changed; stock is added to."""
    place = question.places[index]
    if thing == "blanks":
        return _with(question, index, replace(place, blanks=_more(place.blanks, int(number))))
    if thing == "ribbons":
        return _with(
            question, index, replace(place, ribbon=_more(place.ribbon, int(number) * question.desk.ribbon_cards))
        )
    before = place.seats if thing == "seats" else place.printers
    after = before + int(number) if number[0] in "+-" else int(number)
    if after < 0 or (thing == "seats" and after > place.printers):
        printers = f"{place.printers} printer{'s' if place.printers != 1 else ''}"
        raise QuestionError(
            f"--what-if: {place.code} has {printers} and {place.seats} regular seats: {after} cannot be"
        )
    if thing == "printers":
        return _with(question, index, replace(place, printers=after, seats=min(place.seats, after)))
    return _seated(question, index, lambda seats: after if number[0] not in "+-" else seats + int(number))


def _more(stock: Calendar, more: int) -> Calendar:
    return Calendar(stock.at_ms, np.maximum(0, stock.values + more))


def _seated(question: Question, index: int, seats: Callable[[int], int]) -> Question:
    """Give a place other seats, in regular hours and in the orders that are given alike."""
    place = question.places[index]
    ordered = tuple(
        replace(order, seats=max(0, min(place.printers, seats(order.seats)))) if order.station == place.code else order
        for order in question.ordered
    )
    return replace(_with(question, index, replace(place, seats=seats(place.seats))), ordered=ordered)


def _with(question: Question, index: int, place: Place) -> Question:
    return replace(question, places=(*question.places[:index], place, *question.places[index + 1 :]))


def _centre_down(question: Question, span_ms: int, text: str) -> Question:
    def down(scenario: Scenario) -> Scenario:
        begins, ends = (
            datetime.fromtimestamp(at / 1000, JAKARTA) for at in (question.now_ms, question.now_ms + span_ms)
        )
        spells = (*scenario.centre.spells, Spell(begins=begins, ends=ends, speed=0.0))
        return scenario.model_copy(update={"centre": scenario.centre.model_copy(update={"spells": spells})})

    return _foreseen(question, down, text)


def _arrivals(question: Question, factor: float, text: str) -> Question:
    def more(scenario: Scenario) -> Scenario:
        return scenario.model_copy(update={"arrivals": scaled(scenario.arrivals, factor)})

    return _foreseen(question, more, text)


def _foreseen(question: Question, changed: Callable[[Scenario], Scenario], text: str) -> Question:
    coming = question.coming
    if not isinstance(coming, Foreseen):
        raise _unclear(text)
    return replace(question, coming=replace(coming, scenario=changed(coming.scenario), _expected={}))
