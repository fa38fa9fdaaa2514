"""What the Wall works out by itself: asked of promtool, on series whose answer is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from monitoring.grafana import queries
from support.prometheus import run_program

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.monitoring

WINDOWS = {"${day}": "600", "${look}": "2", "${hour}": "60", "${ago}": "17", "$__rate_interval": "60s"}
"""As Grafana fills them in at 850 times real time."""
THURSDAY_NOON_S = 1_472_101_200
"""25 August 2016, 12:00 in Jakarta."""


def answers(folder: Path, expr: str, series: dict[str, str], *, at: str, given: dict[str, float]) -> None:
    """Ask at a moment, with a sample a second, and insist on the values by labels."""
    for variable, value in WINDOWS.items():
        expr = expr.replace(variable, value)
    samples = [{"labels": labels, "value": value} for labels, value in given.items()]
    test: dict[str, Any] = {
        "interval": "1s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expr, "eval_time": at, "exp_samples": samples}],
    }
    file = folder / "asked.yml"
    file.write_text(json.dumps({"evaluation_interval": "1s", "tests": [test]}))  # JSON is YAML
    tested = run_program("promtool", "test", "rules", file)
    assert tested.returncode == 0, tested.stdout + tested.stderr


PRINTED = 'lembur_cards_total{station="hall",stage="printing",outcome="printed"}'
CLOCK = "lembur_virtual_time_seconds"


def test_printed_today_begins_at_the_offices_midnight(tmp_path: Path) -> None:
    """What was printed on Thursday does not count on Friday, though the night was jumped over in a second."""
    noon = THURSDAY_NOON_S
    series = {
        PRINTED: "0+10x30 300x9 300+5x60",
        'lembur_cards_total{station="hall",stage="printing",outcome="spoiled"}': "0+1x100",
        CLOCK: f"{noon}+850x39 {noon + 68_400}+850x60",
    }

    answers(tmp_path, queries.printed_today(), series, at="20s", given={"{}": 200})
    answers(tmp_path, queries.printed_today(), series, at="60s", given={"{}": 95})


def test_printed_today_is_nothing_before_the_first_card(tmp_path: Path) -> None:
    """On a day without a card yet it says 0, not nothing."""
    series = {PRINTED: "300x60", CLOCK: f"{THURSDAY_NOON_S}+850x60"}

    answers(tmp_path, queries.printed_today(), series, at="30s", given={"{}": 0})


def test_what_holds_a_station_back_is_its_largest_cause(tmp_path: Path) -> None:
    """Of the open seats' time: below a fifth the seats themselves are the limit; a printer without operator is none."""
    lost = 'lembur_lost_seat_seconds_total{station="%s",cause="%s"}'
    rows = {"blanks": (1, 2), "rests": (1, 2), "shut": (0, 0), "short": (1, 1), "idle": (1, 2), "away": (1, 2)}
    rows["centre"] = (1, 8)
    series = {CLOCK: "0+100x90", "lembur_centre_up": "0x90"}
    for station, (shift, seats) in rows.items():
        series[f'lembur_shift_open{{station="{station}"}}'] = f"{shift}x90"
        series[f'lembur_seats_open{{station="{station}"}}'] = f"{seats}x90"
    series |= {
        lost % ("blanks", "blanks"): "0+120x90",
        lost % ("blanks", "fault"): "0+60x90",
        lost % ("rests", "rest"): "0+5x90",
        lost % ("shut", "closed"): "0+200x90",
        lost % ("short", "closed"): "0+200x90",
        lost % ("idle", "no_work"): "0+200x90",
        lost % ("away", "centre"): "0+90x90",
    }

    states = {"blanks": 6, "rests": 0, "shut": 2, "short": 0, "idle": 1, "away": 7, "centre": 7}
    given = {f'{{station="{station}"}}': float(state) for station, state in states.items()}
    answers(tmp_path, queries.bottleneck(), series, at="80s", given=given)


def test_rates_are_by_the_hour_of_the_office(tmp_path: Path) -> None:
    """At 850 times real time a card in ten seconds is not 360 an hour: an hour of the office has 4.2 seconds."""
    series = {PRINTED: "0+10x90", CLOCK: f"{THURSDAY_NOON_S}+900x90"}

    expr = queries.per_hour('lembur_cards_total{outcome="printed"}', "station")
    answers(tmp_path, f"round({expr})", series, at="80s", given={'{station="hall"}': 40})


@pytest.mark.parametrize(
    ("speed", "real_s"), [(1, (3_600, 14_400, 86_400, 288)), (850, (60, 17, 600, 2)), (0, (3_600, 14_400, 86_400, 288))]
)
def test_the_offices_hours_in_real_seconds(tmp_path: Path, speed: int, real_s: tuple[int, ...]) -> None:
    """An hour, four hours and a day at the office's own time, in a scenario, and at full speed, where none is known."""
    for variable, seconds in zip(queries.VARIABLES, real_s, strict=True):
        answers(tmp_path, variable.expr, {"lembur_clock_speed": f"{speed}x9"}, at="5s", given={"{}": seconds})
