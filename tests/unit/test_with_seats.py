"""Seats asked for on the command line: `--seats STATION=N`."""

from __future__ import annotations

import pytest

from lembur.domain.errors import ScenarioError
from lembur.domain.scenario import load, with_seats


def test_seats_hold_in_regular_hours_and_overtime() -> None:
    """Seats asked for a station replace its own, and other stations keep theirs."""
    before = load("solo-2016")
    after = with_seats(before, {"dinas": 2})

    seats = {station.code: station.seats for station in after.stations}
    assert seats == {station.code: station.seats for station in before.stations} | {"dinas": 2}
    assert {order.seats for order in after.overtime if order.station == "dinas"} == {2}


def test_every_wrong_wish_is_told_at_once() -> None:
    """A station that is not there and more seats than printers are told together."""
    with pytest.raises(ScenarioError) as told:
        with_seats(load("solo-2016"), {"nowhere": 3, "serengan": 99})

    assert "nowhere" in str(told.value)
    assert "serengan=99" in str(told.value)
