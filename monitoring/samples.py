"""Compute the samples of each metric from a snapshot of the office: one function for one row of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from lembur.domain.card import SHELVES, VERDICTS, Status
from lembur.domain.circuit_breaker import CircuitState, Trouble
from lembur.domain.observation import DURATION_S, QUANTILES, WAIT_S
from lembur.domain.seats import CENTRE, SeatOrder, StationCode
from lembur.domain.time import NEVER_MS
from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS
from monitoring.metrics import AGES, CAUSES, CLASSES, HORIZONS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lembur.domain.observation import Forecast, Quantiles, StationForecast
    from lembur.ledger.queries.metrics import MetricsSnapshot, StationMetrics
    from monitoring.overtime import OvertimeCost

RETRIED: Final = {
    "verification": (*Trouble, "given_up"),
    "printing": ("spoiled", "unconfirmed", "given_up"),
}
"""Reasons for which cards return to the queue, by stage, as the scripts count them."""


@dataclass(frozen=True, slots=True)
class ScrapeData:
    """Input of a scrape: the snapshot, the newest forecast and the seat orders, those of the scenario included.

    `spoil_reasons` are the reasons the scenario names: each is shown from zero on.
    """

    snapshot: MetricsSnapshot
    stations: Sequence[StationCode]
    spoil_reasons: Sequence[str]
    orders: Sequence[SeatOrder]
    overtime: OvertimeCost
    forecast: Forecast | None
    version: str

    @property
    def all_stations(self) -> Mapping[StationCode, StationMetrics]:
        """The figures of the centre and of the print stations."""
        return self.snapshot.stations


@dataclass(frozen=True, slots=True)
class Histogram:
    """Cumulative counts up to each edge, and the sum of all values, in seconds."""

    cumulative: tuple[tuple[float, int], ...]
    sum_s: float


Value = float | Histogram
Sample = tuple[tuple[str, ...], Value]
"""The labels of one sample, in the order of the table, and its value."""
Samples: TypeAlias = "Callable[[ScrapeData], Iterable[Sample]]"


def stage_of(station: StationCode) -> str:
    """Return the stage of the cards at a station."""
    return "verification" if station == CENTRE else "printing"


def _single(value: Callable[[MetricsSnapshot], float]) -> Samples:
    return lambda data: iter([((), value(data.snapshot))])


def _by_any_station(value: Callable[[StationMetrics], float]) -> Samples:
    return lambda data: (((code,), value(station)) for code, station in data.all_stations.items())


def _by_print_station(value: Callable[[MetricsSnapshot, StationCode], float]) -> Samples:
    return lambda data: (((code,), value(data.snapshot, code)) for code in data.stations)


def _total(snapshot: MetricsSnapshot, *name: str) -> int:
    return snapshot.counters.get(name, 0)


def _totals_of(snapshot: MetricsSnapshot, what: str) -> Iterator[tuple[str, str, int]]:
    return ((name[1], name[2], n) for name, n in snapshot.counters.items() if name[0] == what)


def _cards(data: ScrapeData) -> Iterator[Sample]:
    snapshot = data.snapshot
    ready = _total(snapshot, "verdict", Status.PRINT_READY_RECORD)
    answered = sum(_total(snapshot, "verdict", verdict) for verdict in VERDICTS)
    failed = _total(snapshot, "shelved", CENTRE)
    yield (CENTRE, "verification", "ready"), ready
    yield (CENTRE, "verification", "shelved"), answered - ready + failed
    for code in data.stations:
        stock = data.all_stations[code].stock
        # A corrected finding takes a card out of the stock's books; a counter keeps it.
        yield (code, "printing", "printed"), stock.used + _total(snapshot, "withdrawn", code, "printed")
        yield (code, "printing", "spoiled"), stock.spoiled + _total(snapshot, "withdrawn", code, "spoiled")


def _arrivals(data: ScrapeData) -> Iterator[Sample]:
    for code in data.all_stations:
        for number, name in enumerate(CLASSES):
            yield (code, name), _total(data.snapshot, "arrivals", code, str(number))


def _waiting(snapshot: MetricsSnapshot, station: StationCode, number: int) -> int:
    return snapshot.gauges.get(("waiting", station, str(number)), 0)


def _queue(data: ScrapeData) -> Iterator[Sample]:
    for code in data.all_stations:
        for number, name in enumerate(CLASSES):
            yield (code, stage_of(code), name), _waiting(data.snapshot, code, number)


def _oldest(data: ScrapeData) -> Iterator[Sample]:
    for code, station in data.all_stations.items():
        yield (code, stage_of(code)), (data.snapshot.now_ms - station.oldest_ms) / 1000


def _past_age(data: ScrapeData) -> Iterator[Sample]:
    for code, station in data.all_stations.items():
        yield from (((code, age), n) for age, n in zip(AGES, station.past, strict=True))


def _in_flight(data: ScrapeData) -> Iterator[Sample]:
    return (((code, stage_of(code)), data.snapshot.gauges.get(("in_hand", code), 0)) for code in data.all_stations)


def _histogram(snapshot: MetricsSnapshot, what: str, station: StationCode, edges: Sequence[int]) -> Histogram:
    cumulative, below = [], 0
    for edge in edges:
        below += _total(snapshot, what, station, str(edge))
        cumulative.append((float(edge), below))
    cumulative.append((float("inf"), below + _total(snapshot, what, station, "inf")))
    return Histogram(tuple(cumulative), _total(snapshot, f"{what}_ms", station) / 1000)


def _durations(data: ScrapeData) -> Iterator[Sample]:
    return (
        ((code, stage_of(code)), _histogram(data.snapshot, "duration", code, DURATION_S)) for code in data.all_stations
    )


def _waits(data: ScrapeData) -> Iterator[Sample]:
    return (((code,), _histogram(data.snapshot, "wait", code, WAIT_S)) for code in data.stations)


def _responses(data: ScrapeData) -> Iterator[Sample]:
    yield (), _histogram(data.snapshot, "duration", CENTRE, DURATION_S)


def _retries(data: ScrapeData) -> Iterator[Sample]:
    # A series must exist at 0: otherwise Prometheus does not count its first value as an increase.
    values: dict[tuple[str, ...], int] = {(stage, why): 0 for stage, reasons in RETRIED.items() for why in reasons}
    for code, reason, n in _totals_of(data.snapshot, "retry"):
        key = (stage_of(StationCode(code)), reason.replace(" ", "_"))
        values[key] = values.get(key, 0) + n
    yield from values.items()


def _shelf_samples(data: ScrapeData) -> Iterator[Sample]:
    return (((status,), data.snapshot.counts.get(status, 0)) for status in sorted(SHELVES))


def _verdicts(data: ScrapeData) -> Iterator[Sample]:
    return (((verdict,), _total(data.snapshot, "verdict", verdict)) for verdict in sorted(VERDICTS))


def _centre_cards(snapshot: MetricsSnapshot) -> int:
    return snapshot.counts.get(Status.BIO_CAPTURED, 0) + snapshot.counts.get(Status.SENT_FOR_ENROLLMENT, 0)


def _circuit(data: ScrapeData) -> Iterator[Sample]:
    return (((state,), float(data.snapshot.circuit.state is state)) for state in CircuitState)


def _order_expiry(data: ScrapeData) -> Iterator[Sample]:
    # The newest order wins, as it does in the ledger.
    now_ms = data.snapshot.now_ms
    until = {order.station: order.until_ms for order in data.orders if order.from_ms <= now_ms < order.until_ms}
    return (((code,), until.get(code, 0) / 1000) for code in data.stations)


def _workers(data: ScrapeData) -> Iterator[Sample]:
    rows = [row.partition("|") for row in data.snapshot.heartbeats.values()]
    alive = [codes.split(",") for at, _, codes in rows if data.snapshot.real_ms - int(at) < HEARTBEAT_TIMEOUT_MS]
    return (((code,), sum(code in codes for codes in alive)) for code in data.all_stations)


def _stock(data: ScrapeData) -> Iterator[Sample]:
    for item in ITEMS:
        yield from (((item, code), getattr(data.all_stations[code].stock, item)) for code in data.stations)


def _spoiled_samples(data: ScrapeData) -> Iterator[Sample]:
    values = {(str(station), reason): 0 for station in data.stations for reason in data.spoil_reasons}
    values |= {(station, reason): n for station, reason, n in _totals_of(data.snapshot, "spoiled")}
    yield from values.items()


def _waiting_printers(data: ScrapeData) -> Iterator[Sample]:
    now_ms = data.snapshot.now_ms
    for one in data.snapshot.printers:
        yield (one.station, one.name), max(0, now_ms - one.since_ms) / 1000 if one.waits else 0


def _ribbon(data: ScrapeData) -> Iterator[Sample]:
    for one in data.snapshot.printers:
        if one.ribbon_percent is not None:
            yield (one.station, one.name), one.ribbon_percent / 100


def _prints(data: ScrapeData) -> Iterator[Sample]:
    for one in data.snapshot.printers:
        for outcome, kind in (("printed", "good"), ("spoiled", "spoiled")):
            yield (one.station, one.name, outcome), _total(data.snapshot, f"printer_{kind}", one.station, one.name)


def _lost_seat_time(data: ScrapeData) -> Iterator[Sample]:
    for code in data.stations:
        yield from (((code, cause), _total(data.snapshot, "lost", code, cause) / 1000) for cause in CAUSES)


def _quantiles(labels: tuple[str, ...], values: Quantiles) -> Iterator[Sample]:
    return (((*labels, str(share)), value) for share, value in zip(QUANTILES, values, strict=True))


def _runway(data: ScrapeData) -> Iterator[Sample]:
    for item, values in (data.forecast.runway_s if data.forecast else {}).items():
        yield from _quantiles((item,), values)


def _forecast(samples_of: Callable[[str, StationForecast], Iterable[Sample]]) -> Samples:
    def samples(data: ScrapeData) -> Iterator[Sample]:
        for code, station in (data.forecast.stations if data.forecast else {}).items():
            yield from samples_of(code, station)

    return samples


def _backlog(code: str, station: StationForecast) -> Iterator[Sample]:
    for horizon, hours in HORIZONS.items():
        yield from _quantiles((code, horizon), station.backlog[hours])


def _clear(data: ScrapeData) -> Iterator[Sample]:
    for code, station in (data.forecast.stations if data.forecast else {}).items():
        for share, clear_ms in zip(QUANTILES, station.clear_ms, strict=True):
            if clear_ms < NEVER_MS:
                yield (code, str(share)), max(0.0, clear_ms - data.snapshot.now_ms) / 1000


def _required_samples(code: str, station: StationForecast) -> Iterator[Sample]:
    if station.required_hours is not None:
        yield (code,), station.required_hours


def _of_forecast(value: Callable[[Forecast], float]) -> Samples:
    return lambda data: iter([((), value(data.forecast))] if data.forecast else [])


def _coverage(data: ScrapeData) -> Iterator[Sample]:
    if data.forecast and data.forecast.coverage is not None:
        yield (), data.forecast.coverage


SAMPLES: Final[Mapping[str, Samples]] = {
    "lembur_cards_total": _cards,
    "lembur_arrivals_total": _arrivals,
    "lembur_queue_cards": _queue,
    "lembur_queue_oldest_card_age_seconds": _oldest,
    "lembur_queue_cards_past_age": _past_age,
    "lembur_in_flight_cards": _in_flight,
    "lembur_stage_duration_seconds": _durations,
    "lembur_card_wait_seconds": _waits,
    "lembur_retries_total": _retries,
    "lembur_centre_oldest_asked_seconds": _single(lambda snapshot: (snapshot.now_ms - snapshot.asked_ms) / 1000),
    "lembur_unconfirmed_cards": _single(lambda snapshot: snapshot.unconfirmed),
    "lembur_shelved_cards": _shelf_samples,
    "lembur_centre_up": _single(lambda snapshot: snapshot.circuit.up),
    "lembur_centre_verdicts_total": _verdicts,
    "lembur_centre_waiting_cards": _single(_centre_cards),
    "lembur_centre_response_seconds": _responses,
    "lembur_circuit_state": _circuit,
    "lembur_seats_open": _by_any_station(lambda station: station.open),
    "lembur_seats_base": _by_any_station(lambda station: station.base),
    "lembur_seats_busy": _by_any_station(lambda station: station.busy),
    "lembur_seat_order_expiry_timestamp_seconds": _order_expiry,
    "lembur_seat_orders_total": _by_print_station(lambda snapshot, code: _total(snapshot, "orders", code)),
    "lembur_shift_open": _by_any_station(lambda station: station.wanted > 0),
    "lembur_workers_seen": _workers,
    "lembur_printer_waiting_seconds": _waiting_printers,
    "lembur_printer_ribbon_ratio": _ribbon,
    "lembur_printer_cards_total": _prints,
    "lembur_stock_units": _stock,
    "lembur_stock_runway_seconds": _runway,
    "lembur_spoiled_blanks_total": _spoiled_samples,
    "lembur_blanks_unaccounted": _by_print_station(lambda snapshot, code: snapshot.stations[code].stock.difference),
    "lembur_forecast_backlog_cards": _forecast(_backlog),
    "lembur_clear_estimate_seconds": _clear,
    "lembur_clearing": _forecast(lambda code, station: [((code,), station.clear_ms[1] < NEVER_MS)]),
    "lembur_sop_breach_forecast_cards": _forecast(lambda code, station: _quantiles((code,), station.late)),
    "lembur_late_cards": _forecast(lambda code, station: [((code,), station.late_now)]),
    "lembur_overtime_required_hours": _forecast(_required_samples),
    "lembur_forecast_run_timestamp_seconds": _of_forecast(lambda forecast: forecast.made_ms / 1000),
    "lembur_forecast_duration_seconds": _of_forecast(lambda forecast: forecast.took_s),
    "lembur_forecast_score_coverage": _coverage,
    "lembur_lost_seat_seconds_total": _lost_seat_time,
    "lembur_busy_seat_seconds_total": _by_print_station(lambda snapshot, code: _total(snapshot, "busy", code) / 1000),
    "lembur_overtime_seat_seconds_total": lambda data: (
        ((code,), hours * 3600) for code, hours in data.overtime.seat_hours.items()
    ),
    "lembur_overtime_cost_rupiah_total": lambda data: (((code,), n) for code, n in data.overtime.rupiah.items()),
    "lembur_overtime_budget_rupiah": lambda data: [((), data.overtime.budget_rupiah)],
    "lembur_virtual_time_seconds": _single(lambda snapshot: snapshot.now_ms / 1000),
    "lembur_clock_speed": _single(lambda snapshot: snapshot.speed),
    "lembur_clock_running": _single(lambda snapshot: not snapshot.clock_stands),
    "lembur_lost_wakeups_total": _single(lambda snapshot: _total(snapshot, "lost_wakes", CENTRE)),
    "lembur_build_info": lambda data: [((data.version,), 1)],
}
"""Metric name -> its samples. The exporter adds the two metrics about the scrape itself."""
