"""One thing different: which limit binds, and what a little more of something buys, on the same worlds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from planner.decision.search import Chance, Search
from planner.outcomes.completion import SHOWN_WORLDS
from planner.problem.roster import Overtime
from planner.simulation.replay import ENOUGH, Calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.problem.problem import Place, Question
    from planner.problem.replications import Worlds

MORE_BLANKS: Final = 500
"""As many as one delivery brings (500 every two weeks, A)."""
MORE_PRINTERS: Final = 2
"""Printers are no limit where there are so many times more of them."""
HALF_A_CARD: Final = 0.5
"""A limit that costs less is none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different, and what it leads to: the chance to be clear in time, and cards printed in time."""

    what: str
    chance: Chance
    in_time: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A roster as it is, and with one thing changed, the one that brings most first."""

    at: Overtime
    now: Change
    changed: tuple[Change, ...]

    @property
    def binding(self) -> str | None:
        """Name the change that brings most, or None where none brings a card."""
        most = self.changed[0]
        return most.what if most.in_time > self.now.in_time + HALF_A_CARD else None


def limits(worlds: Worlds, at: Overtime) -> Comparison:
    """Take each limit away once: people, printers, blanks, ribbon, centre."""
    question = worlds.question
    relaxed = {
        "people": _places(question, lambda place: replace(place, seats=place.printers)),
        "printers": replace(
            _places(question, lambda place: replace(place, printers=MORE_PRINTERS * place.printers)),
            desk=replace(question.desk, breakdown_every_h=0.0),
        ),
        "blanks": _places(question, lambda place: replace(place, blanks=ENOUGH)),
        "ribbon": _places(question, lambda place: replace(place, ribbon=ENOUGH)),
        "centre": replace(question, coming=question.coming.at_once()),
    }
    every = sum(place.printers for place in question.places)
    # Where every printer has its operator already, more printers take as many more people as may be asked for.
    seats = {"people": every, "printers": question.max_seats if at.seats >= every else 0}
    changed = [
        changed_to(what, worlds, different, Overtime(max(at.seats, seats.get(what, 0)), at.hours))
        for what, different in relaxed.items()
    ]
    return _compared(worlds, at, changed)


def prices(worlds: Worlds, at: Overtime) -> Comparison:
    """Add a little to a roster: an hour a day, a seat, blanks."""
    question = worlds.question
    changed = [
        changed_to("one more hour", worlds, question, Overtime(at.seats, at.hours + 1.0)),
        changed_to("one more seat", worlds, question, Overtime(at.seats + 1, at.hours)),
        changed_to(f"{MORE_BLANKS} more blanks", worlds, with_blanks(question, MORE_BLANKS), at),
    ]
    return _compared(worlds, at, changed)


def changed_to(what: str, worlds: Worlds, question: Question, at: Overtime) -> Change:
    """Tell what a roster leads to in worlds under a question that differs."""
    few = replace(question, worlds=min(question.worlds, SHOWN_WORLDS))
    search = Search(few, worlds.under(few))
    return Change(what, search.chance(at), search.in_time(at))


def _compared(worlds: Worlds, at: Overtime, changed: list[Change]) -> Comparison:
    by_worth = sorted(changed, key=lambda change: (-change.in_time, -change.chance.share))
    return Comparison(at, changed_to("as it is", worlds, worlds.question, at), tuple(by_worth))


def _places(question: Question, different: Callable[[Place], Place]) -> Question:
    return replace(question, places=tuple(different(place) for place in question.places))


def with_blanks(question: Question, more: int) -> Question:
    """Deliver blanks now, to each place in proportion to what waits there."""
    waiting = sum(len(place.waiting) for place in question.places)

    def supplied(place: Place) -> Place:
        part = more * len(place.waiting) // waiting if waiting else more // len(question.places)
        return replace(place, blanks=Calendar(place.blanks.at_ms, place.blanks.values + part))

    return _places(question, supplied)
