"""Sliders, search and command ask about the same office, in the same worlds: what one promises, the others do too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.plan import find_live_plan, read_live_problem
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import DAY_MS, HOUR_MS
from lembur.office import order_seats
from lembur.settings import read_settings
from planner.decision.search import Search
from planner.outcomes import SHOWN_WORLDS
from planner.problem import draw_worlds, regular_roster, uniform_roster
from planner.question import Sliders, Terms
from support.web_console import Served, open_morning
from web.office import open_web_office
from web.planning.questions import (
    KEPT_MS,
    KEPT_S,
    OfficeMark,
    PlanningOffice,
    answer_question,
    find_plan,
    open_ledger,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.ledger import Ledger
    from lembur.settings import Settings


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """An open office without cards at Thursday 25 August 2016, 08:00."""
    return open_morning(valkey_url, office)


@pytest.fixture
def settings(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> Settings:
    """The settings of the planner's process for that office."""
    assert ledger.orders() == []
    return read_settings(redis_url=valkey_url, office=office, data=tmp_path)


def enrol_queue(settings: Settings) -> None:
    """Enrol 720 people."""
    Served("", open_web_office(settings)).enrol_queue()


def friday_20(ledger: Ledger) -> int:
    """Return Friday 20:00, which is 36 hours from now."""
    return ledger.time()[0] + 36 * HOUR_MS


@pytest.mark.parametrize(("seats", "hours"), [(12, 2.0), (9, 4.0), (None, 0.0)])
def test_a_slider_promises_the_chance_of_the_search(
    ledger: Ledger, settings: Settings, seats: int | None, hours: float
) -> None:
    """The same roster has the same chance in the same worlds, with the same doubt about an office just opened."""
    enrol_queue(settings)
    deadline_ms = friday_20(ledger)
    ledger_of_office, setup = open_ledger(settings.redis_url, settings.office)
    live = read_live_problem(ledger_of_office, setup, Terms(deadline_ms=deadline_ms, worlds=SHOWN_WORLDS))
    roster = regular_roster(live.problem) if seats is None else uniform_roster(live.problem, seats, hours)

    answer = answer_question(settings, Sliders(deadline_ms=deadline_ms, seats=seats, hours=hours))

    assert answer.caution is not None
    assert answer.caution == live.seen.doubt.caution
    assert answer.changed.chance == Search(live.problem, draw_worlds(live.problem)).chance(roster).share


def test_the_page_and_the_command_find_the_same_plan(ledger: Ledger, settings: Settings) -> None:
    """The page shows the plan that the command prints: name, chance, cost and doubt."""
    enrol_queue(settings)
    terms = Terms(deadline_ms=friday_20(ledger), confidence=0.5, worlds=200)

    page = find_plan(settings, terms)
    plan, saved = find_live_plan(PlanningOffice(ledger, settings), terms)

    assert plan.best is not None
    assert (page.name, page.chance) == (saved.name, plan.best.chance.share)
    assert (page.rupiah, page.seat_hours) == (plan.best.cost.rupiah, plan.best.cost.seat_hours)
    assert page.caution == plan.problem.timing.doubt.caution


def test_a_slider_sees_the_cards_that_were_enrolled_last(ledger: Ledger, settings: Settings) -> None:
    """A queue that came after the first question is in the answer to the next one."""
    question = Sliders(deadline_ms=friday_20(ledger), seats=12, hours=2.0)
    empty = answer_question(settings, question)

    enrol_queue(settings)
    full = answer_question(settings, question)

    assert empty.changed.high[0] == 0
    assert full.changed.low[0] == 720
    assert full.changed.finish_p50_ms > empty.changed.finish_p50_ms


def test_a_slider_sees_an_order_that_was_given_last(ledger: Ledger, settings: Settings) -> None:
    """Seats that a person orders between two questions are in the course as ordered now."""
    enrol_queue(settings)
    question = Sliders(deadline_ms=friday_20(ledger), seats=12, hours=2.0)
    before = answer_question(settings, question)

    six = ledger.time()[0] + DAY_MS
    order_seats(ledger, SeatOrder(StationCode("jebres"), 2, ledger.time()[0], six, "Bu Sri", "antrean"))
    after = answer_question(settings, question)

    assert sum(after.today.middle) < sum(before.today.middle)


def test_the_office_is_read_again_when_it_has_changed() -> None:
    """Worlds serve until a minute or a quarter of an hour has passed, a person acted, or one card in a hundred came."""
    made = OfficeMark(100.0, 0, 500, 3)

    assert made.serves(OfficeMark(101.0, 1_000, 505, 3), waiting=500)
    assert not made.serves(OfficeMark(101.0, 1_000, 506, 3), waiting=500)
    assert not made.serves(OfficeMark(101.0, 1_000, 501, 3), waiting=0)
    assert not made.serves(OfficeMark(101.0, 1_000, 500, 4), waiting=500)
    assert not made.serves(OfficeMark(100.0 + KEPT_S, 1_000, 500, 3), waiting=500)
    assert not made.serves(OfficeMark(101.0, KEPT_MS, 500, 3), waiting=500)
