"""The clock that the seats of a station share: few questions to the ledger, and every change of time is noticed."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from lembur.ledger import Ledger, connect
from support.small_office import opened
from support.waiting import eventually
from workers.devices.shared_clock import SHARED_S, SharedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

SEATS, ENDS_MS = 25, 10**12


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """An open office whose clock was not started."""
    with connect(valkey_url) as server:
        yield opened(Ledger(server, office=office), started=False)


def scripts(ledger: Ledger) -> int:
    """Return the scripts that the server has run without a change."""
    return int(ledger.server.info("commandstats").get("cmdstat_fcall_ro", {"calls": 0})["calls"])


def test_the_seats_of_a_station_ask_for_the_time_together(ledger: Ledger) -> None:
    """Each wakes twice a second, because the clock may jump; one reading serves all of them."""
    ledger.set_clock(virtual_ms=0, speed=1, ends_ms=ENDS_MS)
    clock, before, began_s = SharedClock(ledger), scripts(ledger), time.monotonic()

    with ThreadPoolExecutor(SEATS) as pool:
        found = list(pool.map(lambda seat: clock.wait_until(1_500 + seat, Event()), range(SEATS)))

    assert all(found)
    assert ledger.time()[0] >= 1_500
    assert scripts(ledger) - before <= (time.monotonic() - began_s) / SHARED_S + 2


def test_no_seat_is_ahead_of_the_office(ledger: Ledger) -> None:
    """A shared reading grows with the time since its answer, which came after the server looked."""
    ledger.set_clock(virtual_ms=0, speed=3_000, ends_ms=ENDS_MS)
    clock = SharedClock(ledger)

    for moment_ms in range(10_000, 1_000_000, 10_000):
        clock.wait_until(moment_ms, Event())
        assert ledger.time()[0] >= moment_ms - 3_000  # the server counts whole milliseconds


@pytest.mark.parametrize("speed", [1e-6, 0])
def test_a_seat_notices_that_the_clock_was_moved(ledger: Ledger, speed: float) -> None:
    """To the moment it waits for, or to full speed, at which every moment is now."""
    ledger.set_clock(virtual_ms=0, speed=1e-6, ends_ms=ENDS_MS)
    found: list[bool] = []
    seat = Thread(target=lambda: found.append(SharedClock(ledger).wait_until(5_000, Event())))
    seat.start()

    ledger.set_clock(virtual_ms=5_000 if speed else 0, speed=speed, ends_ms=ENDS_MS)

    seat.join()
    assert found == [True]


def test_a_clock_that_stands_ends_no_wait(ledger: Ledger) -> None:
    """A seat that waits by it still stops at once."""
    ledger.set_clock(virtual_ms=0, speed=1_000, ends_ms=ENDS_MS, keeper="feed")
    ledger.stop_clock(keeper="feed")
    eventually(lambda: ledger.read_clock().stands)
    clock, stopping = SharedClock(ledger), Event()

    assert clock._left_s(ledger.time()[0] + 1) == math.inf
    stopping.set()
    assert not clock.wait_until(ledger.time()[0] + 1, stopping)
