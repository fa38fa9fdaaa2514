"""The cards that today's seats can print, on the page Now: as many as the case of Solo printed with its seats."""

from __future__ import annotations

from datetime import date, time

import pytest

from lembur.domain.scenario import load
from lembur.domain.seats import Step, Window
from lembur.domain.time import DAY_MS, HOUR_MS, at_ms
from web.live.capacity import printable_cards

SEATS, HOURS, PRINTS = 3, 7.5, 315
"""The normal day of Solo: three seats printed 315 cards in seven and a half hours."""
SPOILED, BROKEN = 0.02, 1.5 / 41.5


@pytest.mark.parametrize(("speed", "later"), [(0.4155, 0.4155), (0.4155, 0.0), (0.831, 0.0001)])
def test_seats_print_what_the_case_printed(speed: float, later: float) -> None:
    """The pace, rests, ribbon, spoilage and repairs of the scenario count; at pace 0 nothing is printed."""
    solo = load("solo-2016")
    pace = solo.printing.pace[0]
    paces = (pace.model_copy(update={"speed": speed}), pace.model_copy(update={"at": time(12), "speed": later}))
    scenario = solo.model_copy(update={"printing": solo.printing.model_copy(update={"pace": paces})})
    opens = at_ms(date(2016, 8, 25), time(8), solo.zone)
    seats = [Step(opens, SEATS), Step(opens + int(HOURS * HOUR_MS), 0)]
    station = solo.stations[0]

    def hours(seat_speed: float, open_h: float) -> float:
        cards_h = PRINTS / HOURS
        return open_h * cards_h * seat_speed / 0.4155

    wanted = (hours(speed, 4) + hours(later, HOURS - 4)) * (1 - SPOILED) * (1 - BROKEN)
    found = printable_cards(scenario, station, seats, Window(opens - DAY_MS // 4, opens + DAY_MS))
    assert found == pytest.approx(wanted, rel=0.03)
    careful = station.model_copy(update={"spoil_rate": 0.0})
    assert printable_cards(scenario, careful, seats, Window(opens, opens + DAY_MS)) > found
