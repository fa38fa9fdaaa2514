"""What grows: cards, people and hours leave something behind; everything else stays as large as the office."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.types import Lot
from support.servers import redis_of
from support.small_office import HALL, WING, answered, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS_MS = 10**12
REPLY_S = 120
GROWING = {"reply"}
"""Keys of which there is one for each request of the last two minutes."""


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give an open ledger with stock for a year."""
    with connect(valkey_url) as server:
        found = opened(Ledger(server, office=office), steps=[Step(0, 2)], blanks=10**6, ribbon=10**6)
        found.set_clock(virtual_ms=0, speed=0, ends_ms=ENDS_MS)
        yield found


def work(ledger: Ledger, hours: range) -> None:
    """Let one person an hour be recorded, verified and printed; every fifth print is spoiled and done again."""
    for hour in hours:
        ledger.enrol([identity(hour, first_issue=True, ready_ms=hour * HOUR_MS, due_ms=hour * HOUR_MS)])
        answered(ledger, claim(ledger, CENTRE))
        reason = "damaged" if hour % 5 == 0 else ""
        while isinstance(lot := claim(ledger), Lot):
            printed(ledger, lot, reason=reason)
            reason = ""
        ledger.advance([CENTRE, HALL, WING])


def sizes(ledger: Ledger) -> dict[str, int]:
    """Return the number of entries of each key that is not one card's or one request's."""
    lengths = {"hash": "hlen", "zset": "zcard", "set": "scard", "list": "llen", "stream": "xlen", "string": "strlen"}
    found = {}
    for key in redis_of(ledger.server).scan_iter(ledger.prefix + "*"):
        name = key.removeprefix(ledger.prefix)
        if name.partition(":")[0] not in GROWING:
            found[name] = getattr(ledger.server, lengths[redis_of(ledger.server).type(key)])(key)
    return found


def test_only_people_cards_and_hours_leave_something_behind(ledger: Ledger) -> None:
    """Ten times the work: the same keys, and no more entries but for each person, each hour and each event."""
    work(ledger, range(1, 21))
    before = sizes(ledger)
    work(ledger, range(21, 201))
    after = sizes(ledger)

    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] > before.get(name, 0) + 2}
    assert grown.keys() == {"nik", "cards", "hourly_counts", "events"}
    assert grown["nik"] == grown["cards"] == 180
    # One field for each hour, station and kind of count.
    assert grown["hourly_counts"] <= 180 * 12


def test_answers_to_requests_are_forgotten_after_two_minutes(ledger: Ledger) -> None:
    """Each has an expiry, so that their number follows the requests of two minutes and not those of a year."""
    work(ledger, range(1, 11))

    expiries = [
        redis_of(ledger.server).ttl(key) for key in redis_of(ledger.server).scan_iter(ledger.prefix + "reply:*")
    ]

    assert expiries
    assert all(0 < left_s <= REPLY_S for left_s in expiries)
