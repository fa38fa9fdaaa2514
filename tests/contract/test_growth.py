"""What grows: cards, people and hours leave something behind; everything else stays as large as the office."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import DAY_MS, HOUR_MS
from lembur.ledger import HOURLY_DAYS, Ledger, connect, queries
from lembur.ledger.types import Finding, Lot
from support.servers import redis_of
from support.small_office import HALL, WING, answered, claim, identity, opened, printed
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS_MS = 10**12
REPLY_S = 120
GROWING = {"reply"}
"""Keys of which there is one for each request of the last two minutes."""
STARTS_H = 3
"""First hour of the office: ten in the morning in Jakarta."""
KINDS = 12
"""At most so many counts an hour: what and where."""


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
    assert grown.keys() == {"nik", "cards", "uncollected", "hourly_counts", "events"}
    assert grown["nik"] == grown["cards"] == 180
    assert grown["uncollected"] <= 180 // 8 + 1  # one bit a card
    # One field for each hour, station and kind of count.
    assert grown["hourly_counts"] <= 180 * 12


def live(ledger: Ledger, days: range, hours: range = range(4, 10)) -> None:
    """Let the office work some hours a day, as UTC counts them, and fold what is long past, as its workers do."""
    for day in days:
        work(ledger, range(24 * day + hours.start, 24 * day + hours.stop))
        ledger.fold_hours(JAKARTA, starts_ms=STARTS_H * HOUR_MS)


def by_day(counts: queries.Tally) -> dict[tuple[str, str, int], int]:
    """Add up what has an hour by day of the office."""
    found: Counter[tuple[str, str, int]] = Counter()
    for (what, where, part), n in counts.items():
        if what != "reason":
            found[what, where, (int(part) + 7) // 24] += n
    return dict(found)


def test_after_a_year_what_is_read_often_is_as_large_as_after_two_months(ledger: Ledger) -> None:
    """Hours are kept for some weeks, and days for ever: nothing but people, days and events is left behind."""
    live(ledger, range(1, 61), hours=range(4, 5))
    before = sizes(ledger)
    live(ledger, range(61, 366), hours=range(4, 5))
    after = sizes(ledger)

    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] > before.get(name, 0) + 2}
    assert grown.keys() == {"nik", "cards", "uncollected", "daily_counts", "events"}
    assert grown["uncollected"] <= grown["cards"] // 8 + 1
    assert after["hourly_counts"] <= (HOURLY_DAYS + 1) * KINDS
    assert grown["daily_counts"] <= 305 * KINDS


def test_folded_hours_add_up_to_the_same_days(ledger: Ledger) -> None:
    """Each day of the office has the counts that it would have without folding, and the last weeks have their hours."""
    for day in range(1, 40):
        work(ledger, range(24 * day + 16, 24 * day + 18))  # an office of the night: 17:00 UTC is midnight in Jakarta
    unfolded = queries.tally(ledger)

    assert ledger.fold_hours(JAKARTA, starts_ms=0) > 0
    assert ledger.fold_hours(JAKARTA, starts_ms=0) == 0  # once a day

    found = queries.tally(ledger)
    assert by_day(found) == by_day(unfolded)
    oldest_h = 24 * (39 - HOURLY_DAYS) + 17
    hourly = {name: n for name, n in unfolded.items() if name[0] == "reason" or int(name[2]) >= oldest_h}
    assert queries.recent_tally(ledger) == hourly
    days = {int(part) for what, _, part in found if what != "reason" and int(part) < oldest_h}
    assert {(hour + 7) % 24 for hour in days} == {0}


def test_what_was_counted_after_the_start_stays_after_it(ledger: Ledger) -> None:
    """The people who waited when the office opened at noon are told apart from those who came in the afternoon."""
    work(ledger, range(24, 30))
    work(ledger, range(24 * 60, 24 * 60 + 1))

    ledger.fold_hours(JAKARTA, starts_ms=27 * HOUR_MS)

    enrolled = {int(part): n for (what, _, part), n in queries.tally(ledger).items() if what == "enrolled"}
    assert enrolled == {17: 3, 27: 3, 24 * 60: 1}


def test_a_correction_of_a_day_long_past_is_counted_on_that_day(ledger: Ledger) -> None:
    """The finding is taken back in its hour, which is folded on the next day."""
    live(ledger, range(1, 2))
    ledger.enrol([identity(10**6, ready_ms=DAY_MS)])
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.unconfirm(lot)
    ledger.confirm(lot.cards[0], finding=Finding.PRINTED, by="Bu Sri")
    printed_before = total(queries.tally(ledger), "printed")
    live(ledger, range(60, 61))

    ledger.confirm(lot.cards[0], finding=Finding.SPOILED, by="Pak Budi")
    live(ledger, range(61, 62))

    counts = queries.tally(ledger)
    assert total(counts, "printed") == printed_before - 1 + 12 + 1
    assert not [n for n in counts.values() if n < 0]


def total(counts: queries.Tally, what: str) -> int:
    """Count something at all stations, at any time."""
    return sum(n for (kind, _, _), n in counts.items() if kind == what)


def test_answers_to_requests_are_forgotten_after_two_minutes(ledger: Ledger) -> None:
    """Each has an expiry, so that their number follows the requests of two minutes and not those of a year."""
    work(ledger, range(1, 11))

    expiries = [
        redis_of(ledger.server).ttl(key) for key in redis_of(ledger.server).scan_iter(ledger.prefix + "reply:*")
    ]

    assert expiries
    assert all(0 < left_s <= REPLY_S for left_s in expiries)
