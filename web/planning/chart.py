"""The course of the queue as lines of an SVG picture, which the server draws: no colour stands in it, only classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from web.planning.questions import PlanAnswer

WIDTH: Final = 720
HEIGHT: Final = 300
LEFT: Final = 56
BOTTOM: Final = 30
TOP: Final = 12
MARKS: Final = 5


@dataclass(frozen=True, slots=True)
class Chart:
    """The parts of the picture: paths, the deadline, and the marks of both axes with their places."""

    band: str
    changed: str
    today: str
    deadline_x: float
    moments: tuple[tuple[float, int], ...]
    counts: tuple[tuple[float, int], ...]
    rows: tuple[tuple[int, float, float], ...]


def draw_chart(answer: PlanAnswer) -> Chart:
    """Draw an answer beside today's course."""
    changed, today = answer.changed, answer.today
    begin, end = changed.moments_ms[0], changed.moments_ms[-1]
    most = max(1.0, *changed.high, *today.middle)

    def x_of(at_ms: float) -> float:
        return round(LEFT + (at_ms - begin) / max(1, end - begin) * (WIDTH - LEFT - TOP), 1)

    def y_of(cards: float) -> float:
        return round(HEIGHT - BOTTOM - cards / most * (HEIGHT - BOTTOM - TOP), 1)

    def line(moments: Sequence[int], values: Sequence[float]) -> str:
        return " ".join(f"{x_of(at)},{y_of(value)}" for at, value in zip(moments, values, strict=True))

    back = line(changed.moments_ms[::-1], changed.low[::-1])
    step = max(1, len(changed.moments_ms) // MARKS)
    marks = changed.moments_ms[::step]
    return Chart(
        band=f"{line(changed.moments_ms, changed.high)} {back}",
        changed=line(changed.moments_ms, changed.middle),
        today=line(today.moments_ms, today.middle),
        deadline_x=x_of(changed.deadline_ms),
        moments=tuple((x_of(at), at) for at in marks),
        counts=tuple((y_of(most * part / 4), round(most * part / 4)) for part in range(5)),
        rows=tuple(
            (at, before, after)
            for at, before, after in list(zip(changed.moments_ms, today.middle, changed.middle, strict=True))[::step]
        ),
    )
