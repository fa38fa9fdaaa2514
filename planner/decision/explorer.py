"""Quick answers to a changed question: the worlds of a problem stay drawn while a person moves a slider."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.observation import QUANTILES
from lembur.domain.time import HOUR_MS
from planner.decision.cost import cost_of
from planner.decision.sensitivity import with_blanks
from planner.decision.what_if import with_centre_speed
from planner.outcomes import SHOWN_WORLDS, near_ms, trace_completion
from planner.problem import HALF_HOUR_MS, draw_worlds, uniform_roster
from planner.question import SliderAnswer

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planner.problem import Problem, Worlds
    from planner.question import Sliders

COURSE_STEPS: Final = 120
"""Most moments of a course: as many as a chart of this width can show."""
KEPT_WORLDS: Final = 8
"""Sets of worlds kept, one for each day of the deadline and speed of the centre."""


@dataclass
class Explorer:
    """Answers changed questions about one problem. Make one for each problem and ask it again and again.

    The first answer draws the worlds. Later ones draw only where the deadline or the centre's speed is new, so an
    answer takes some hundredths of a second to a quarter of a second. The same question has the same answer.
    `answer` may be called from several threads. It raises ProblemError for a question without an answer, such as a
    deadline in the past.
    """

    problem: Problem
    threads: Executor | None = None
    _worlds: dict[tuple[int, float], Worlds] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def answer(self, sliders: Sliders) -> SliderAnswer:
        """Answer a changed question: finish, chance, late cards, cost and course."""
        worlds = self._worlds_of(sliders)
        problem = worlds.problem
        if sliders.more_blanks:
            problem = with_blanks(problem, sliders.more_blanks, at_ms=sliders.delivered_ms)
            worlds = worlds.for_problem(problem)
        seats = sum(one.seats for one in problem.stations) if sliders.seats is None else sliders.seats
        roster = uniform_roster(problem, seats, sliders.hours)
        moments = _moments(problem)
        completion = trace_completion(worlds, roster, threads=self.threads, moments_ms=moments)
        cost = cost_of(problem, roster)
        low, middle, high = np.quantile(completion.backlog, QUANTILES, axis=0).tolist()
        return SliderAnswer(
            deadline_ms=problem.deadline_ms,
            cutoff_ms=max(problem.cutoffs_ms),
            chance=float((completion.finish_ms <= problem.deadline_ms).mean()),
            finish_p50_ms=completion.finish_quantile_ms(0.5),
            finish_p90_ms=completion.finish_quantile_ms(0.9),
            late=completion.late_quantile(0.5),
            rupiah=cost.rupiah,
            seat_hours=cost.seat_hours,
            staying=completion.list_staying(problem, roster),
            moments_ms=tuple(moments),
            low=tuple(low),
            middle=tuple(middle),
            high=tuple(high),
        )

    def _worlds_of(self, sliders: Sliders) -> Worlds:
        """Return the worlds of a day of the deadline and a speed of the centre, drawn now or before."""
        changed = replace(
            self.problem,
            deadline_ms=sliders.deadline_ms,
            max_hours=sliders.hours,
            worlds=min(self.problem.worlds, SHOWN_WORLDS),
        )
        key = (changed.cards_until_ms, sliders.centre_speed)
        with self._lock:
            if key not in self._worlds:
                if len(self._worlds) >= KEPT_WORLDS:
                    self._worlds.pop(next(iter(self._worlds)))
                self._worlds[key] = draw_worlds(
                    with_centre_speed(changed, sliders.centre_speed), faults_until_ms=near_ms(changed)
                )
            drawn = self._worlds[key]
        same = replace(changed, arrivals=drawn.problem.arrivals)
        return drawn if same.deadline_ms == drawn.problem.deadline_ms else drawn.for_problem(same)


def _moments(problem: Problem) -> list[int]:
    """Return the moments of the course: from now until two hours after the deadline, by half hours or wider steps."""
    until = problem.deadline_ms + 2 * HOUR_MS
    step = HALF_HOUR_MS * max(1, -(-(until - problem.now_ms) // (COURSE_STEPS * HALF_HOUR_MS)))
    return list(range(problem.now_ms, until + 1, step))
