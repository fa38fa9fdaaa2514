"""The cards that open seats can print in a time, by the pace, rests, spoilage and breakdowns of a scenario."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from lembur.domain import world
from lembur.domain.draws import mean_lognormal_ms
from lembur.domain.seats import Step, Window, seat_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.scenario import Scenario, Station


def printable_cards(scenario: Scenario, station: Station, seats: Sequence[Step], window: Window) -> int:
    """Return the good cards that a station's seats can print inside a window, as a mean."""
    printing = scenario.printing
    mean_ms = mean_lognormal_ms(median_s=printing.median_s, p90_s=printing.p90_s)
    rest_s = printing.rest_s / printing.rest_every_cards if printing.rest_every_cards else 0.0
    pause_ms = 1000 * (rest_s + printing.ribbon_change_s / printing.ribbon_cards)
    prints = sum(
        seat_ms(seats, part) / (mean_ms / speed + pause_ms) for part, speed in _paces(scenario, window) if speed
    )
    works = printing.breakdown_every_h / (printing.breakdown_every_h + printing.repair_h) if printing.repair_h else 1.0
    spoil_rate = printing.spoil_rate if station.spoil_rate is None else station.spoil_rate
    return int(prints * works * (1 - spoil_rate))


def _paces(scenario: Scenario, window: Window) -> list[tuple[Window, float]]:
    """Split a window where the pace of printing changes; return each part with its pace."""
    rate = world.print_rate(scenario)
    changes = [at for at in rate.starts_ms if window.start_ms < at < window.end_ms]
    edges = pairwise([window.start_ms, *changes, window.end_ms])
    return [(Window(begin, end), rate.speed_at(begin)) for begin, end in edges]
