"""How past forecasts are judged: by what happened, and only where it has happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lembur.domain.observation import (
    FIRST_DAY,
    LATER,
    TRIALS,
    CardHistory,
    Coverage,
    Forecast,
    Score,
    StationForecast,
    count_covered,
    explain_later_orders,
    trials_of,
)
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, NEVER_MS
from planner.outcomes.calibration import pinball, scores

if TYPE_CHECKING:
    from lembur.domain.errors import Sentence


def past(*printed_h: float, now_h: float, due_h: float = 10.0) -> CardHistory:
    """Cards of one station that were ready at 0 and printed after so many hours (inf: not yet)."""
    many = len(printed_h)
    printed = [NEVER_MS if at == np.inf else round(at * HOUR_MS) for at in printed_h]
    columns = ([0] * many, [0] * many, printed, [round(due_h * HOUR_MS)] * many)
    return CardHistory(round(now_h * HOUR_MS), *(np.array(column, dtype=np.int64) for column in columns))


def forecast(**told: object) -> Forecast:
    """A forecast of the office made at 0."""
    given = {
        "backlog": {0: (3, 3, 3), 1: (1.0, 2.0, 3.0), 2: (0.0, 0.0, 0.0), 4: (0, 0, 1)},
        "clear_ms": (HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS),
        "late": (0, 0, 1),
        "required_hours": 0.0,
    }
    return Forecast(0, 0.1, {"all": StationForecast(**{**given, **told})}, {})  # type: ignore[arg-type]


def judge(forecasts: list[Forecast], came: CardHistory) -> list[Score]:
    """Score forecasts of an office of one station whose first day lasts two hours."""
    return scores(forecasts, came, ["hall"], first_day_ends_ms=2 * HOUR_MS)


def by_what(found: list[Score]) -> dict[str, Score]:
    """The office's scores by figure."""
    return {one.what: one for one in found if one.where == "all"}


def test_a_backlog_is_judged_when_its_time_has_come() -> None:
    """Of three cards one was printed in the first hour and all after two: two waited, as P50 said; 4 h are to come."""
    found = by_what(judge([forecast()], past(0.5, 1.5, 1.75, now_h=2.5)))

    assert (found["backlog 1 h"].judged, found["backlog 1 h"].coverage) == (1, 1.0)
    assert found["backlog 1 h"].pinball == pytest.approx((0.1 + 0 + 0.1) / 3)
    assert found["backlog 2 h"] == Score("backlog 2 h", "all", FIRST_DAY, 0, 1, None, None)
    assert "backlog 4 h" not in found
    assert found["clear"].coverage == 1.0
    assert found["clear"].pinball == pytest.approx((0.1 * 0.75 + 0.5 * 0.25 + 0.1 * 1.25) / 3)


def test_what_lies_outside_the_band_counts_against_it() -> None:
    """Nothing was printed at all in the first hour, and one said to be sure was wrong."""
    told = forecast(backlog={1: (0.0, 1.0, 2.0), 2: (1.0, 1.0, 1.0)})
    found = by_what(judge([told], past(3, 4, 5, now_h=6)))

    assert found["backlog 1 h"].coverage == 0.0
    assert (found["backlog 2 h"].judged, found["backlog 2 h"].sure, found["backlog 2 h"].coverage) == (1, 0, 0.0)
    assert found["backlog 2 h"].pinball == pytest.approx(2 * (0.1 + 0.5 + 0.9) / 3)
    assert count_covered(found.values()) == Coverage(judged=2, inside=0)


def test_the_edges_of_the_band_are_inside() -> None:
    """P10 and P90 themselves are in the band; one card more or less is not."""
    for waiting_h, inside in ((0.5, 1.0), (2.0, 1.0)):
        # At 1 h two cards wait, or three.
        found = by_what(judge([forecast(backlog={1: (2.0, 2.5, 3.0)})], past(waiting_h, 3, 4, now_h=6)))
        assert found["backlog 1 h"].coverage == inside
    for printed_h in ((0.5, 0.5, 4), (2, 3, 4)):
        found = by_what(judge([forecast(backlog={1: (1.5, 2.0, 2.5)})], past(*printed_h, now_h=6)))
        assert found["backlog 1 h"].coverage == 0.0


def test_a_queue_that_still_waits_judges_no_clearing() -> None:
    """One card is in a printer yet: neither when it was clear nor how many were late is known."""
    found = by_what(judge([forecast()], past(0.5, 1.5, np.inf, now_h=2.5)))

    assert set(found) == {"backlog 1 h", "backlog 2 h"}


def test_late_cards_are_counted_when_all_are_printed() -> None:
    """Two of three were printed after they were due, where one was the most expected."""
    found = by_what(judge([forecast()], past(0.5, 1.5, 1.75, now_h=2.5, due_h=1.0)))

    assert found["late"].coverage == 0.0


def test_who_said_never_is_judged_without_a_loss() -> None:
    """P90 said never, and it was clear before: inside the band, however wide."""
    found = by_what(judge([forecast(clear_ms=(HOUR_MS, HOUR_MS, NEVER_MS))], past(0.5, 1.5, now_h=2)))

    assert (found["clear"].coverage, found["clear"].pinball) == (1.0, None)


def test_the_trials_are_those_of_the_docs() -> None:
    """What the score page shows beside an office's own score stands in docs/planner.md."""
    page = Path("docs/planner.md").read_text()

    for one in TRIALS:
        assert f"| {one.city} | {one.office} | {100 * one.first_day:.0f} % | {100 * one.later:.0f} % |" in page


def test_an_office_stands_beside_the_trials_of_its_own_city() -> None:
    """Jayapura sees Jayapura's; a city without trials sees all, each with its city."""
    assert {one.city for one in trials_of("9171")} == {"Jayapura"}
    assert {one.city for one in trials_of("3372")} == {"Solo"}
    assert trials_of("5371") == list(TRIALS)


def later_order(begins_h: float) -> SeatOrder:
    """Return an order of seats that begins some hours after the forecast."""
    return SeatOrder(StationCode("dinas"), 2, round(begins_h * HOUR_MS), round((begins_h + 1) * HOUR_MS), "Bu Sri", "x")


def test_seats_ordered_after_a_forecast_explain_its_outcome() -> None:
    """Not those that it knew, nor those after its last horizon, nor those that lie ahead, nor in an older version."""
    known, seats = later_order(1), later_order(3)
    made = [replace(forecast(), orders=count) for count in (0, 1, 2, None)]

    def explain(*orders: SeatOrder, now_h: float = 5) -> Sentence | None:
        return explain_later_orders(made, orders, now_ms=round(now_h * HOUR_MS), zone=UTC)

    found = explain(known, seats)
    assert found is not None
    assert "after 2 forecasts" in found
    assert "after 1 forecast, that of Thu 1 Jan 1970 00:00" in str(explain(known))
    assert explain(known, seats, now_h=1) is None
    assert explain(later_order(73)) is None
    assert explain() is None


def test_the_first_day_stands_apart() -> None:
    """A forecast made at the first midnight belongs to the second day."""
    made = [replace(forecast(), made_ms=at) for at in (0, 2 * HOUR_MS - 1, 2 * HOUR_MS)]

    found = judge(made, past(30, 31, 32, now_h=4))

    assert [(one.made, one.judged + one.sure) for one in found if one.what == "backlog 1 h" and one.where == "all"] == [
        (FIRST_DAY, 2),
        (LATER, 1),
    ]


def test_the_backlogs_of_a_day_are_added_up_over_their_horizons() -> None:
    """Of 10 and 30 that were made later 8 and 27 lay inside; stations and other figures are not among them."""
    found = [
        Score("backlog 1 h", "all", LATER, 10, 5, 0.8, 1.0),
        Score("backlog 24 h", "all", LATER, 30, 0, 0.9, 1.0),
        Score("backlog 72 h", "all", LATER, 0, 4, None, None),
        Score("backlog 1 h", "all", FIRST_DAY, 4, 0, 0.25, 1.0),
        Score("backlog 1 h", "stations", LATER, 100, 0, 0.1, 1.0),
        Score("clear", "all", LATER, 2, 0, 0.5, 1.0),
    ]

    assert count_covered(found, made=[LATER]) == Coverage(judged=40, inside=35)
    assert count_covered(found, made=[FIRST_DAY]) == Coverage(judged=4, inside=1)
    assert count_covered(found).share == 36 / 44
    assert count_covered(found, "clear", [LATER]) == Coverage(judged=2, inside=1)


def test_nothing_to_judge_is_no_score() -> None:
    """No forecast, or none whose time has come."""
    assert judge([], past(1, now_h=2)) == []
    assert judge([forecast()], past(np.inf, now_h=0.5)) == []
    assert count_covered([]).share is None


def test_pinball_loss() -> None:
    """Ten above P10, at P50, ten below P90: 1 + 0 + 1, over three."""
    assert pinball((0.0, 10.0, 20.0), 10.0) == pytest.approx(2 / 3)
