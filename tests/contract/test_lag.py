"""The time by which lots are recorded late: quantiles of its buckets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from lembur.ledger import Ledger, connect, queries
from support.servers import redis_of
from support.small_office import claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """An open office."""
    with connect(valkey_url) as server:
        yield opened(Ledger(server, office=office))


@pytest.mark.parametrize(
    ("counts", "p50_ms", "p99_ms"),
    [
        ({}, 0.0, 0.0),
        ({"1": 4}, 0.5, 1.0),
        ({"5": 2, "10": 2}, 5.0, 9.9),
        ({"2": 1, "5": 3}, 3.0, 5.0),
        ({"100": 6, "inf": 4}, 91.7, math.inf),
    ],
)
def test_the_lags_of_a_bucket_are_spread_over_it(
    ledger: Ledger, counts: dict[str, int], p50_ms: float, p99_ms: float
) -> None:
    """At a speed of 20,000 the upper edge of 5 ms would be 100 seconds, where a lag of 2.1 ms is 42."""
    for edge, n in counts.items():
        redis_of(ledger.server).hset(ledger.key("lag"), edge, n)

    assert queries.lag_ms(ledger) == {"p50": p50_ms, "p99": p99_ms}


def test_a_lot_that_ends_late_is_counted(ledger: Ledger) -> None:
    """By the clock of the office, in real milliseconds: 200 seconds of the office are 20 at this speed."""
    ledger.set_clock(virtual_ms=0, speed=10, ends_ms=10**9)
    ledger.enrol([identity(1)])
    lot = claim(ledger, takes_ms=100)
    ledger.set_clock(virtual_ms=200_100, speed=10, ends_ms=10**9)

    printed(ledger, lot)

    assert 10_000 < queries.lag_ms(ledger)["p50"] <= 60_000
