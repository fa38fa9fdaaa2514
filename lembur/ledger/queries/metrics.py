"""All figures for operations, read at one moment in one round trip, whatever the number of cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lembur.domain.card import Status
from lembur.domain.seats import CENTRE, SeatPlan, StationCode, Step
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.board import Stock, stock_of
from lembur.ledger.queries.circuit import CircuitView, circuit_of
from lembur.ledger.types import read_orders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lembur.domain.seats import SeatOrder
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.types import PrinterState

Counts = dict[tuple[str, ...], int]
"""Numbers by event, station and kind. Station or kind may be missing."""


@dataclass(frozen=True, slots=True)
class StationMetrics:
    """The centre or a print station now: its open, planned and busy seats, the age of its queue, its stock.

    `past` counts the waiting cards that are older than each age asked for. A card's age counts from its recording. The
    counters have the time of its seats up to `counted_ms`.
    """

    open: int
    base: int
    wanted: int
    busy: int
    oldest_ms: int
    past: tuple[int, ...]
    stock: Stock
    counted_ms: int


@dataclass(frozen=True, slots=True)
class MetricsSnapshot:
    """The office at one moment. `stations` has the centre too, `heartbeats` are by worker, `forecast` is JSON.

    `changes` counts the changes of the office since its opening.
    """

    now_ms: int
    changes: int
    speed: float
    clock_stands: bool
    real_ms: int
    unconfirmed: int
    asked_ms: int
    counts: dict[Status, int]
    counters: Counts
    gauges: Counts
    heartbeats: dict[str, str]
    circuit: CircuitView
    orders: list[SeatOrder]
    forecast: str
    stations: dict[StationCode, StationMetrics]
    printers: list[PrinterState]


def read_metrics(
    ledger: Ledger, stations: Sequence[StationCode], *, ages_s: Sequence[int], orders_from: int
) -> MetricsSnapshot:
    """Read all figures.

    Of the seat orders only those after the first `orders_from` are read, because none ever changes.
    """
    found = ledger.query("metrics", stations=list(stations), ages_ms=[1000 * age for age in ages_s], orders=orders_from)
    return MetricsSnapshot(
        now_ms=int(found["now"]),
        changes=int(found["changes"]),
        speed=float(found["speed"]),
        clock_stands=bool(found["stands"]),
        real_ms=int(found["real"]),
        unconfirmed=int(found["unconfirmed"]),
        asked_ms=int(found["asked"]),
        counts={Status(name): int(n) for name, n in _pairs(found["counts"]).items()},
        counters=_with_idle(_counts(found["counters"]), found["stations"]),
        gauges=_counts(found["gauges"]),
        heartbeats=_pairs(found["heartbeats"]),
        circuit=circuit_of(_pairs(found["circuit"])),
        orders=read_orders(found["orders"]),
        forecast=found["forecast"],
        stations={code: _station_metrics(found["stations"][code]) for code in (CENTRE, *stations)},
        printers=ledger.printers(),
    )


@translate_redis_errors
def seat_steps(ledger: Ledger, stations: Sequence[StationCode]) -> dict[StationCode, list[Step]]:
    """Read the open seats of each station over time, as they were and as they will be."""
    return {code: [Step(*row) for row in rows] for code, rows in _seat_rows(ledger, "open_seats", stations)}


@translate_redis_errors
def seat_plans(ledger: Ledger, stations: Sequence[StationCode]) -> dict[StationCode, list[SeatPlan]]:
    """Read the planned seats of each station, which change with every order and every change of the office."""
    return {code: [SeatPlan(*row) for row in rows] for code, rows in _seat_rows(ledger, "planned_seats", stations)}


def _seat_rows(
    ledger: Ledger, key: str, stations: Sequence[StationCode]
) -> Iterator[tuple[StationCode, list[list[int]]]]:
    pipe = ledger.server.pipeline(transaction=True)
    for station in stations:
        pipe.zrange(ledger.key(key, station), 0, -1)
    for station, found in zip(stations, pipe.execute(), strict=True):
        yield station, [[int(part) for part in text.split("|")] for text in found]


def _station_metrics(found: Mapping[str, Any]) -> StationMetrics:
    return StationMetrics(
        open=int(found["open"]),
        base=int(found["base"]),
        wanted=int(found["wanted"]),
        busy=int(found["busy"]),
        oldest_ms=int(found["oldest"]),
        past=tuple(int(n) for n in found["past"]),
        stock=stock_of(_pairs(found["stock"])),
        counted_ms=int(found["counted"]),
    )


def _with_idle(counters: Counts, stations: Mapping[str, Any]) -> Counts:
    # The ledger counts the time of seats when something changes. The time since then is computed without writing.
    for station in stations.values():
        for name, ms in dict(station["uncounted"]).items():
            key = tuple(name.split("|", 2))
            counters[key] = counters.get(key, 0) + int(ms)
    return counters


def _counts(flat: Sequence[str]) -> Counts:
    return {tuple(name.split("|", 2)): int(n) for name, n in _pairs(flat).items()}


def _pairs(flat: Sequence[str]) -> dict[str, str]:
    # Lua's empty table is a JSON object, not a list.
    return dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {}
