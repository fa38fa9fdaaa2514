"""Changed questions: one slider moves, the worlds stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lembur.domain.scenario import load
from lembur.domain.time import HOUR_MS, NEVER_MS, moment_ms
from planner.arrays import Steps
from planner.decision import Explorer
from planner.decision.cost import cost_of
from planner.outcomes import trace_completion
from planner.problem import ProblemError, Terms, draw_worlds, problem_from_scenario, uniform_roster
from planner.problem.replications import Worlds
from planner.question import Sliders
from reference.pooled import pooled

SOLO = load("solo-2016")
FRIDAY_21 = moment_ms(SOLO.starts) + 38 * HOUR_MS


def solo(**changed: object) -> Explorer:
    """Explore Solo until Friday 21:00 in fifty worlds."""
    return Explorer(problem_from_scenario(SOLO, Terms(deadline_ms=FRIDAY_21, worlds=50, **changed)))  # type: ignore[arg-type]


def sliders(**moved: object) -> Sliders:
    """Move some sliders; the deadline stays Friday 21:00."""
    return Sliders(**{"deadline_ms": FRIDAY_21, **moved})  # type: ignore[arg-type]


def test_an_answer_is_that_of_the_planner() -> None:
    """Finish, late cards, chance and cost are those of the same roster in the same worlds."""
    explorer = solo()
    roster = uniform_roster(explorer.problem, 12, 5.0)
    completion = trace_completion(draw_worlds(explorer.problem), roster)

    answer = explorer.answer(sliders(seats=12, hours=5.0))

    assert answer.finish_p90_ms == completion.finish_quantile_ms(0.9)
    assert answer.late == completion.late_quantile(0.5)
    assert answer.chance == (completion.finish_ms <= FRIDAY_21).mean()
    assert answer.rupiah == cost_of(explorer.problem, roster).rupiah


def test_an_answer_does_not_depend_on_the_questions_before() -> None:
    """A question asked last has the answer that it has when it is asked first."""
    moved = sliders(seats=10, hours=5.0, deadline_ms=FRIDAY_21 - HOUR_MS, centre_speed=0.5, more_blanks=500)
    explorer = solo()
    for other in (sliders(), sliders(seats=12, hours=5.0), replace(moved, deadline_ms=FRIDAY_21)):
        explorer.answer(other)

    assert explorer.answer(moved) == solo().answer(moved)


def test_a_slider_does_not_draw_the_worlds_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seats, hours, blanks and a deadline on the same day use the worlds there are; a new centre does not."""
    drawn: list[int] = []
    draw = Worlds._draw

    def count(self: Worlds, number: int) -> object:
        drawn.append(number)
        return draw(self, number)

    monkeypatch.setattr(Worlds, "_draw", count)
    explorer = solo()
    for moved in (
        sliders(),
        sliders(seats=12, hours=2.0),
        sliders(more_blanks=500),
        sliders(more_blanks=500, delivered_ms=FRIDAY_21 - 10 * HOUR_MS),
        sliders(deadline_ms=FRIDAY_21 - HOUR_MS),
    ):
        explorer.answer(moved)
    assert drawn == [0]

    explorer.answer(sliders(centre_speed=0.5))

    assert drawn == [0, 0]


def test_every_slider_moves_its_figure() -> None:
    """More seats finish sooner, more hours cost more, blanks help where there are none, a slow centre sends less."""
    problem = pooled(waiting=430, cards_a_day=14, seats=1, max_seats=3, worlds=50)
    until_ms = problem.deadline_ms
    bare = replace(problem, stations=(replace(problem.stations[0], blanks=Steps.of([(problem.now_ms, 100)])),))
    few, many = (Explorer(problem).answer(sliders(deadline_ms=until_ms, seats=seats, hours=2.0)) for seats in (2, 3))
    later = problem.deadline_ms - 6 * HOUR_MS
    without, early, late = (
        Explorer(bare).answer(sliders(deadline_ms=until_ms, seats=3, more_blanks=blanks, delivered_ms=at))
        for blanks, at in ((0, None), (1000, None), (1000, later))
    )
    steady, slow = (solo().answer(sliders(seats=12, hours=5.0, centre_speed=speed)) for speed in (1.0, 0.05))

    assert many.finish_p50_ms < few.finish_p50_ms < NEVER_MS
    assert many.rupiah > few.rupiah > 0
    assert without.finish_p50_ms == NEVER_MS
    assert early.finish_p50_ms <= late.finish_p50_ms < NEVER_MS
    assert later < late.finish_p50_ms
    assert sum(slow.middle) < sum(steady.middle)


def test_a_course_begins_with_the_queue_and_ends_empty() -> None:
    """The band is around its middle; one value for each moment."""
    answer = solo().answer(sliders(seats=12, hours=5.0))

    assert len(answer.moments_ms) == len(answer.low) == len(answer.middle) == len(answer.high)
    assert answer.low[0] == answer.high[0] == 2822
    assert answer.middle[-1] < 5
    assert all(low <= middle <= high for low, middle, high in zip(answer.low, answer.middle, answer.high, strict=True))


@pytest.mark.parametrize(
    ("moved", "message"),
    [
        (sliders(deadline_ms=1), "deadline has passed"),
        (sliders(centre_speed=0.0), "above 0"),
        (sliders(hours=25.0), "0 to 24"),
    ],
)
def test_a_question_without_an_answer_is_refused(moved: Sliders, message: str) -> None:
    """The refusal names what may be asked."""
    with pytest.raises(ProblemError, match=message):
        solo().answer(moved)
