"""The office's clock: a real office has the time of day, and a demonstration a time that its feed keeps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from lembur.domain.errors import ClockKeptError
from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.types import ClaimRefusal, Lot
from support.servers import redis_of
from support.small_office import HALL, WING, claim, identity, opened
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = [CENTRE, HALL, WING]
ENDS_MS = 10**15
NIGHT_MS = 12 * HOUR_MS
STILL = 1e-6
"""A speed at which the clock stays where a test puts it."""
CLOSE_MS = 2_000
"""Two readings of the time of day, on a busy machine, are this close."""


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give an open ledger whose clock was not started; whatever a test did to it must add up."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office), steps=[Step(0, 2)], started=False)
        yield found
        assert reconcile(found, [HALL, WING]) == []


def pass_real_time(ledger: Ledger, ms: int) -> None:
    """Let real time pass without waiting: the clock was set, and last kept, that much earlier."""
    key = ledger.prefix + "clock"
    for field in ("real", "until"):
        if redis_of(ledger.server).hexists(key, field):
            ledger.server.hincrby(key, field, -ms)


def follow(ledger: Ledger) -> None:
    """Make it a real office."""
    ledger.follow_wall_clock(ends_ms=ENDS_MS)


def off_by_ms(ledger: Ledger) -> float:
    """Return the distance of the office's clock from the time of day, however long the question takes."""
    before_ms, now_ms, after_ms = time.time() * 1000, ledger.time()[0], time.time() * 1000
    return max(before_ms - now_ms, now_ms - after_ms, 0.0)


def test_a_real_office_has_the_time_of_day(ledger: Ledger) -> None:
    """At once, and after a night in which everything was stopped: nothing has to start the clock again."""
    follow(ledger)
    assert off_by_ms(ledger) < CLOSE_MS

    # A night ago it was set to the time of that moment.
    pass_real_time(ledger, NIGHT_MS)
    ledger.server.hincrby(ledger.prefix + "clock", "virtual", -NIGHT_MS)

    assert off_by_ms(ledger) < CLOSE_MS
    assert not ledger.read_clock().stands


def test_a_real_office_that_fell_behind_is_set_right_when_it_is_opened_again(ledger: Ledger) -> None:
    """A clock that stood over night, as in a ledger of an earlier version, is the time of day after a start."""
    follow(ledger)
    ledger.server.hincrby(ledger.prefix + "clock", "virtual", -NIGHT_MS)
    assert off_by_ms(ledger) > NIGHT_MS - CLOSE_MS

    follow(ledger)

    assert off_by_ms(ledger) < CLOSE_MS


def test_a_real_office_prints_what_is_ready_without_a_feed(ledger: Ledger) -> None:
    """A card starts now: not at a moment that is over, and with nobody who says that all arrivals are enrolled."""
    redis_of(ledger.server).delete(ledger.prefix + "arrivals_watermark")
    follow(ledger)
    now_ms = ledger.time()[0]

    _, wakes = ledger.enrol([identity(1, ready_ms=now_ms - HOUR_MS)])

    assert wakes == {HALL: 1}
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    assert lot.start_ms >= now_ms


def test_a_real_office_has_no_more_lots_than_seats(ledger: Ledger) -> None:
    """A print that takes longer than planned still has its seat, until its end is known."""
    follow(ledger)
    now_ms = ledger.time()[0]
    ledger.enrol([identity(number, ready_ms=now_ms) for number in range(5)])
    assert all(isinstance(claim(ledger, takes_ms=1), Lot) for _ in range(2))
    eventually(lambda: ledger.time()[0] > now_ms + 50)

    assert claim(ledger) is ClaimRefusal.NO_SEAT
    assert ledger.resend_wakeups(PLACES, silence_ms=-1)[0] == {}


def test_the_sweep_rings_the_bells_of_a_real_office(ledger: Ledger) -> None:
    """A card that is ready a little later wakes its station then, though no feed rings."""
    follow(ledger)
    _, wakes = ledger.enrol([identity(1, ready_ms=ledger.time()[0] + 300)])
    assert wakes == {}

    rung = eventually(lambda: ledger.resend_wakeups(PLACES, silence_ms=60_000)[0])

    assert rung == {HALL: 1}


def test_a_demonstration_stands_still_while_nobody_keeps_its_time(ledger: Ledger) -> None:
    """Its feed is gone for a night: the clock stands where it was, no card starts, and it goes on from there."""
    ledger.set_clock(virtual_ms=5_000, speed=60, ends_ms=ENDS_MS, keeper="feed-1")
    ledger.enrol([identity(1)])
    pass_real_time(ledger, NIGHT_MS)
    stood = ledger.read_clock()

    assert stood.stands
    assert stood.now_ms <= 5_000 + 60 * 2_000
    assert isinstance(claim(ledger), ClaimRefusal)
    assert ledger.resend_wakeups(PLACES, silence_ms=-1)[0] == {}

    ledger.set_clock(virtual_ms=None, speed=60, ends_ms=ENDS_MS, keeper="feed-2")

    now = ledger.read_clock()
    assert not now.stands
    assert stood.now_ms <= now.now_ms < stood.now_ms + 60 * CLOSE_MS
    assert ledger.advance(PLACES, keeper="feed-2").wakes == {HALL: 1}
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    assert lot.start_ms <= now.now_ms


def test_a_feed_that_stalled_goes_on_from_where_the_clock_stood(ledger: Ledger) -> None:
    """Its process was stopped for a night: the first advance afterwards does not count that night."""
    ledger.set_clock(virtual_ms=5_000, speed=60, ends_ms=ENDS_MS, keeper="feed-1")
    pass_real_time(ledger, NIGHT_MS)
    stood_ms = ledger.time()[0]

    pulse = ledger.advance(PLACES, keeper="feed-1")

    assert pulse.now_ms == stood_ms
    assert ledger.time()[0] < stood_ms + 60 * CLOSE_MS


def test_a_stopped_clock_stands_at_once(ledger: Ledger) -> None:
    """A feed that ends in order does not leave the rest of its time to the office."""
    ledger.set_clock(virtual_ms=5_000, speed=60, ends_ms=ENDS_MS, keeper="feed-1")

    ledger.stop_clock(keeper="feed-1")

    assert eventually(lambda: ledger.read_clock().stands)
    assert ledger.time()[0] < 5_000 + 60 * CLOSE_MS


def test_a_second_feed_is_refused_while_the_first_keeps_the_clock(ledger: Ledger) -> None:
    """It changes neither the time nor the speed, and the sentence names the feed that is there."""
    ledger.set_clock(virtual_ms=5_000, speed=1, ends_ms=ENDS_MS, keeper="feed-1")

    with pytest.raises(ClockKeptError, match="feed-1"):
        ledger.set_clock(virtual_ms=None, speed=600, ends_ms=ENDS_MS, keeper="feed-2")
    with pytest.raises(ClockKeptError, match="feed-1"):
        ledger.advance(PLACES, keeper="feed-2")

    assert ledger.time()[1] == 1
    ledger.stop_clock(keeper="feed-1")
    eventually(lambda: ledger.read_clock().stands)
    ledger.set_clock(virtual_ms=None, speed=1, ends_ms=ENDS_MS, keeper="feed-2")
    with pytest.raises(ClockKeptError, match="feed-2"):
        ledger.advance(PLACES, keeper="feed-1")


def test_no_card_starts_beyond_the_end_after_the_clock_stood(ledger: Ledger) -> None:
    """The clock passed the end and stood there. The card was ready after the end, and still waits."""
    ledger.set_clock(virtual_ms=6_000, speed=STILL, ends_ms=5_000, keeper="feed-1")
    ledger.enrol([identity(1, ready_ms=5_500)])
    ledger.stop_clock(keeper="feed-1")
    eventually(lambda: ledger.read_clock().stands)

    assert ledger.advance(PLACES, keeper="feed-1").wakes == {}
