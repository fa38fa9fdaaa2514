"""Wake-ups of an office with a thousand seats: no more than cards, and few at a time for the feed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lembur.domain.seats import CENTRE, StationCode, Step
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.clock import MOST_WAKES
from lembur.ledger.types import StationSetup
from support.small_office import identity

if TYPE_CHECKING:
    from collections.abc import Iterator

HALLS, SEATS = 40, 25
STATIONS = [StationCode(f"hall-{number}") for number in range(HALLS)]
OPENS_MS, ENDS_MS = 1_000, 10**9
STILL = 1e-6
"""A speed at which the clock stands where a test puts it."""


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """An office whose seats open together, a moment before that."""
    setups = [StationSetup(code, SEATS, [Step(OPENS_MS, SEATS)], 9_000, 9_000) for code in STATIONS]
    with connect(valkey_url) as server:
        found = Ledger(server, office=office)
        found.open(office={}, stations=[StationSetup(CENTRE, 1, [Step(0, 1)]), *setups])
        at(found, 0)
        found.advance([CENTRE, *STATIONS], fed_ms=NEVER_MS)
        yield found
        assert reconcile(found, STATIONS) == []


def at(ledger: Ledger, now_ms: int) -> None:
    """Put the clock to a moment."""
    ledger.set_clock(virtual_ms=now_ms, speed=STILL, ends_ms=ENDS_MS)


def test_a_thousand_seats_that_open_together_are_woken_in_turns(ledger: Ledger) -> None:
    """A feed that sends keeps no clock, so each of its looks wakes some stations. All are woken, and once."""
    ledger.enrol([identity(number, station=STATIONS[number % HALLS]) for number in range(2_000)])
    at(ledger, OPENS_MS)

    looks = [ledger.advance(STATIONS).wakes for _ in range(HALLS * SEATS // MOST_WAKES + 1)]

    assert [sum(wakes.values()) for wakes in looks] == [MOST_WAKES] * (HALLS * SEATS // MOST_WAKES) + [0]
    assert Counter(station for wakes in looks for station in wakes) == dict.fromkeys(STATIONS, 1)


def test_ten_cards_wake_ten_of_a_thousand_idle_seats(ledger: Ledger) -> None:
    """Wherever they belong; neither the feed nor the sweep adds a message."""
    at(ledger, OPENS_MS)

    _, wakes = ledger.enrol([identity(number, station=STATIONS[number % 4]) for number in range(10)])

    assert wakes == dict(zip(STATIONS[:4], (3, 3, 2, 2), strict=True))
    assert [ledger.advance(STATIONS).wakes for _ in range(3)] == [{}] * 3
    assert ledger.resend_wakeups(STATIONS, silence_ms=60_000) == ({}, 0)
