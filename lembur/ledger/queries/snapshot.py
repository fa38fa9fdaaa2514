"""Reads the office as it stands: queues page by page, all else in one still moment; no key is searched for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lembur.domain import world
from lembur.domain.circuit_breaker import CircuitState
from lembur.domain.observation import ExpectedDelivery, Observed, PrinterHours, Queued, Snapshot, StationState
from lembur.domain.seats import CENTRE, StationCode, Window, orders_in_force
from lembur.domain.time import DAY_MS, NEVER_MS, moment_ms
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.counts import recent_tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.scenario import Scenario
    from lembur.ledger.ledger import Ledger

Row = list[Any]
"""Card, end or moment of readiness, class, due time, station."""

PAGE: Final = 5_000
RECENT_DAYS: Final = 14
"""Days of counts that are read; older ones show little about tomorrow."""


def take_snapshot(ledger: Ledger, scenario: Scenario, seed: int) -> Snapshot:
    """Read the office as it stands.

    The queues are read in the order in which cards go through them: one that moves on meanwhile is found twice, and
    counts where it was found last.
    """
    stations = [StationCode(station.code) for station in scenario.stations]
    unsent = list(_queue(ledger, CENTRE))
    waiting = [row for station in stations for row in _queue(ledger, station)]
    found = ledger.query("snapshot", stations=[CENTRE, *stations])
    states, now_ms = found["stations"], int(found["now"])
    at_centre = list(states[CENTRE]["cards"])  # an empty table of Lua is an object in JSON
    printing = [row for station in stations for row in states[station]["cards"]]
    queued = _keep_last([unsent, waiting, at_centre, printing], stations, now_ms)
    return Snapshot(
        now_ms,
        int(found["arrivals_watermark"]),
        waiting=queued[1],
        printing=queued[3],
        unsent=queued[0],
        asked=queued[2],
        stations=tuple(_station_state(scenario, seed, station, states[station], now_ms) for station in stations),
        centre=_centre(scenario, states[CENTRE], *found["circuit"]),
        orders=(*world.overtime_orders(scenario), *orders_in_force(ledger.orders())),
        observed=Observed.between(
            recent_tally(ledger),
            max(moment_ms(scenario.starts), now_ms - RECENT_DAYS * DAY_MS),
            min(now_ms, NEVER_MS),
            _printer_hours(scenario, seed, now_ms),
            expects_since_ms=int(found["expects_since"]),
        ),
    )


@translate_redis_errors
def expected_deliveries(
    ledger: Ledger, stations: Sequence[StationCode]
) -> dict[StationCode, tuple[ExpectedDelivery, ...]]:
    """Read the deliveries on their way to each station, the earliest first."""
    pipe = ledger.server.pipeline(transaction=False)
    for code in stations:
        pipe.zrange(ledger.key("promised", code), 0, -1)
    return dict(zip(stations, map(_read_deliveries, pipe.execute()), strict=True))


def _queue(ledger: Ledger, station: StationCode) -> Iterator[Row]:
    """Walk over a station's queue: those who come at a known moment, then those who wait."""
    for queue in ("scheduled", "ready"):
        first, page = 0, _page(ledger, station, queue, 0)
        yield from page
        while len(page) == PAGE:
            first += PAGE
            page = _page(ledger, station, queue, first)
            yield from page


def _page(ledger: Ledger, station: StationCode, queue: str, first: int) -> list[Row]:
    return list(ledger.query("queued", station=station, queue=queue, first=first, last=first + PAGE - 1))


def _keep_last(groups: Sequence[Sequence[Row]], stations: Sequence[StationCode], now_ms: int) -> list[Queued]:
    """Lay out groups of cards column by column, each card only in the last group it is found in."""
    positions = {code: index for index, code in enumerate(stations)}
    seen: set[int] = set()
    found = []
    for rows in reversed(groups):
        columns = []
        for number, at, priority, due, station in rows:
            if (card := int(number)) not in seen:
                seen.add(card)
                columns.append(
                    (card, int(float(at)) if at != "" else now_ms, int(due), int(priority), positions[station])
                )
        table = np.array(columns, dtype=np.int64).reshape(-1, 5)
        found.append(Queued(*(np.ascontiguousarray(column) for column in table.T)))
    return found[::-1]


def _station_state(
    scenario: Scenario, seed: int, station: StationCode, row: dict[str, Any], now_ms: int
) -> StationState:
    repairs = world.repairs(scenario, seed, station, until_ms=now_ms + 1)
    blank, ribbon = row["stock"]
    return StationState(
        station,
        tuple(map(int, row["busy"])),
        broken=sum(window.start_ms <= now_ms < window.end_ms for window in repairs),
        position=int(row["position"]),
        blanks=int(blank or 0),
        ribbon_cards=int(ribbon or 0),
        promised=_read_deliveries(row["promised"]),
    )


def _read_deliveries(rows: Sequence[str]) -> tuple[ExpectedDelivery, ...]:
    found = map(json.loads, rows)
    return tuple(ExpectedDelivery(each["at"], each["blank"], each["ribbon"]) for each in found)


def _centre(scenario: Scenario, row: dict[str, Any], state: str | None, until: str | None) -> StationState:
    """Return the lines to the centre; while the circuit is open, none is free before its next trial."""
    busy = tuple(map(int, row["busy"]))
    if state == CircuitState.OPEN and until:
        busy = tuple(max([int(float(until)), *busy]) for _ in range(scenario.centre.lines))
    return StationState(CENTRE, busy, position=int(row["position"]))


def _printer_hours(scenario: Scenario, seed: int, now_ms: int) -> PrinterHours:
    """Count the breakdowns that were seen since the scenario's start."""
    found, seen = PrinterHours(), Window(moment_ms(scenario.starts), now_ms)
    for station in scenario.stations if seen.start_ms < now_ms else ():
        repairs = world.repairs(scenario, seed, StationCode(station.code), until_ms=now_ms + 1)
        found = found.plus(repairs, station.printers, seen)
    return found
