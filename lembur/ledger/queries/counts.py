"""Counts of an office: by hour, since its opening, by due date, and the lag of the processes."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from lembur.domain.observation import LAG_MS
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.schema import card_pages, read_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lembur.domain.card import Status
    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger

PAGE: Final = 1_000
"""Cards asked for in one round trip."""


Tally = dict[tuple[str, str, str], int]
"""Counts by event, by station, and by hour (UTC hours since 1970) or reason."""


@translate_redis_errors
def recent_tally(ledger: Ledger) -> Tally:
    """Read the counts of the last weeks, by event, station, and hour or reason."""
    return _add_up([ledger.server.hgetall(ledger.key("hourly_counts"))])


@translate_redis_errors
def tally(ledger: Ledger) -> Tally:
    """Read all counts. Those of old days stand in the first hour of their day."""
    pipe = ledger.server.pipeline(transaction=True)
    for key in ("hourly_counts", "daily_counts"):
        pipe.hgetall(ledger.key(key))
    return _add_up(pipe.execute())


def _add_up(counts: Iterable[Mapping[str, str]]) -> Tally:
    found: Counter[tuple[str, str, str]] = Counter()
    for rows in counts:
        for name, n in rows.items():
            what, station, part = name.split("|", 2)
            found[what, station, part] += int(n)
    return dict(found)


@translate_redis_errors
def counters(ledger: Ledger) -> dict[tuple[str, ...], int]:
    """Read the counts since the office opened, by event, station and kind."""
    rows = ledger.server.hgetall(ledger.key("counters"))
    return {tuple(name.split("|", 2)): int(n) for name, n in rows.items()}


@translate_redis_errors
def last_print_ms(ledger: Ledger, stations: Sequence[StationCode]) -> dict[StationCode, int]:
    """Read the end of each station's last good print. A station without one is left out."""
    pipe = ledger.server.pipeline(transaction=False)
    for code in stations:
        pipe.hget(ledger.key("station", code), "printed")
    return {code: int(at) for code, at in zip(stations, pipe.execute(), strict=True) if at}


@translate_redis_errors
def due_before(ledger: Ledger, moments_ms: Sequence[int]) -> list[dict[Status, int]]:
    """Count the cards that were due before each of some moments, by their present status."""
    found: list[Counter[Status]] = [Counter() for _ in moments_ms]
    for cards in card_pages(ledger.serial(), PAGE):
        rows = [(record.status, record.due_ms) for record in read_records(ledger, cards) if record]
        for counted, at_ms in zip(found, moments_ms, strict=True):
            counted.update(status for status, due in rows if due < at_ms)
    return [dict(counted) for counted in found]


@translate_redis_errors
def lag_ms(ledger: Ledger) -> dict[str, float]:
    """Return quantiles of the time by which lots are recorded late, in milliseconds; infinite above the last edge.

    The lags of a bucket count as spread evenly over it.
    """
    counts = {float(edge): int(n) for edge, n in ledger.server.hgetall(ledger.key("lag")).items()}
    return {name: _quantile(counts, share) for name, share in (("p50", 0.5), ("p99", 0.99))}


def _quantile(counts: Mapping[float, int], share: float) -> float:
    left, low = share * sum(counts.values()), 0.0
    for edge in (*LAG_MS, math.inf):
        found = counts.get(edge, 0)
        if found and left <= found:
            return round(low + (edge - low) * left / found, 1)
        left, low = left - found, edge
    return 0.0
