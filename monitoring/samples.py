"""What each metric of the table shows of a survey: one row of the table, one function here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lembur.domain.card import SHELVES, VERDICTS, Status
from lembur.domain.circuit_breaker import Circuit, Trouble
from lembur.domain.observation.forecast import QUANTILES as FORECAST_QUANTILES
from lembur.domain.observation.histograms import DURATION_S, WAIT_S
from lembur.domain.rate import NEVER_MS
from lembur.domain.seats import CENTRE, SeatOrder, StationCode
from monitoring.metrics import AGES, CAUSES, CLASSES, HORIZONS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lembur.domain.observation.forecast import Forecast, Quantiles, StationForecast
    from lembur.ledger.metrics_snapshot import PlaceSurvey, Survey

SEEN_MS: Final = 10_000
"""Who lives signs in every second; a busy machine may let it wait."""
RETRIED: Final = {
    "verification": (*Trouble, "given_up"),
    "printing": ("spoiled", "unconfirmed", "given_up"),
}
"""Why cards are done again, as the scripts count it."""


@dataclass(frozen=True, slots=True)
class Overtime:
    """What the overtime of each station cost so far, and the budget for it."""

    rupiah: Mapping[StationCode, float]
    budget_rupiah: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A scrape's matter: the survey, all seat orders (written ones too), the newest forecast, the program's version.

    `spoil_reasons` are those the office knows of before the first blank is spoiled.
    """

    survey: Survey
    stations: Sequence[StationCode]
    spoil_reasons: Sequence[str]
    orders: Sequence[SeatOrder]
    overtime: Overtime
    forecast: Forecast | None
    version: str

    @property
    def places(self) -> Mapping[StationCode, PlaceSurvey]:
        """The centre and the print stations."""
        return self.survey.places


@dataclass(frozen=True, slots=True)
class Buckets:
    """A histogram: how many up to each edge in seconds, cumulative and ending with all, and their sum in seconds."""

    upto: tuple[tuple[float, int], ...]
    sum_s: float


Value = float | Buckets
Sample = tuple[tuple[str, ...], Value]
"""The values of a metric's labels, in the table's order, and the value."""


def stage(place: StationCode) -> str:
    """Name what is done at a place."""
    return "verification" if place == CENTRE else "printing"


def _plain(value: Callable[[Survey], float]) -> Callable[[Shown], Iterator[Sample]]:
    return lambda shown: iter([((), value(shown.survey))])


def _by_place(value: Callable[[PlaceSurvey], float]) -> Callable[[Shown], Iterator[Sample]]:
    return lambda shown: (((code,), value(place)) for code, place in shown.places.items())


def _by_station(value: Callable[[Survey, StationCode], float]) -> Callable[[Shown], Iterator[Sample]]:
    return lambda shown: (((code,), value(shown.survey, code)) for code in shown.stations)


def _total(survey: Survey, *name: str) -> int:
    return survey.totals.get(name, 0)


def _kept(survey: Survey, what: str) -> Iterator[tuple[str, str, int]]:
    return ((name[1], name[2], n) for name, n in survey.totals.items() if name[0] == what)


def _cards(shown: Shown) -> Iterator[Sample]:
    survey = shown.survey
    ready = _total(survey, "verdict", Status.PRINT_READY_RECORD)
    answered = sum(_total(survey, "verdict", verdict) for verdict in VERDICTS)
    failed = _total(survey, "shelved", CENTRE)
    yield (CENTRE, "verification", "ready"), ready
    yield (CENTRE, "verification", "shelved"), answered - ready + failed
    for code in shown.stations:
        stock = shown.places[code].stock
        yield (code, "printing", "printed"), stock.used
        yield (code, "printing", "spoiled"), stock.spoiled


def _arrivals(shown: Shown) -> Iterator[Sample]:
    for place in shown.places:
        for number, name in enumerate(CLASSES):
            yield (place, name), _total(shown.survey, "arrivals", place, str(number))


def _waiting(survey: Survey, place: StationCode, number: int) -> int:
    return survey.levels.get(("waiting", place, str(number)), 0)


def _queue(shown: Shown) -> Iterator[Sample]:
    for place in shown.places:
        for number, name in enumerate(CLASSES):
            yield (place, stage(place), name), _waiting(shown.survey, place, number)


def _oldest(shown: Shown) -> Iterator[Sample]:
    for code, place in shown.places.items():
        yield (code, stage(code)), (shown.survey.now_ms - place.oldest_ms) / 1000


def _past_age(shown: Shown) -> Iterator[Sample]:
    for code, place in shown.places.items():
        yield from (((code, age), n) for age, n in zip(AGES, place.past, strict=True))


def _in_hand(shown: Shown) -> Iterator[Sample]:
    return (((code, stage(code)), shown.survey.levels.get(("in_hand", code), 0)) for code in shown.places)


def _buckets(survey: Survey, what: str, place: StationCode, edges: Sequence[int]) -> Buckets:
    upto, below = [], 0
    for edge in edges:
        below += _total(survey, what, place, str(edge))
        upto.append((float(edge), below))
    upto.append((float("inf"), below + _total(survey, what, place, "inf")))
    return Buckets(tuple(upto), _total(survey, f"{what}_ms", place) / 1000)


def _durations(shown: Shown) -> Iterator[Sample]:
    return (((code, stage(code)), _buckets(shown.survey, "duration", code, DURATION_S)) for code in shown.places)


def _waits(shown: Shown) -> Iterator[Sample]:
    return (((code,), _buckets(shown.survey, "wait", code, WAIT_S)) for code in shown.stations)


def _responses(shown: Shown) -> Iterator[Sample]:
    yield (), _buckets(shown.survey, "duration", CENTRE, DURATION_S)


def _retries(shown: Shown) -> Iterator[Sample]:
    # From zero on, or Prometheus would not see the first one as an increase.
    found: dict[tuple[str, ...], int] = {(stage, why): 0 for stage, reasons in RETRIED.items() for why in reasons}
    for place, reason, n in _kept(shown.survey, "retry"):
        key = (stage(StationCode(place)), reason.replace(" ", "_"))
        found[key] = found.get(key, 0) + n
    yield from found.items()


def _shelved(shown: Shown) -> Iterator[Sample]:
    return (((status,), shown.survey.counts.get(status, 0)) for status in sorted(SHELVES))


def _verdicts(shown: Shown) -> Iterator[Sample]:
    return (((verdict,), _total(shown.survey, "verdict", verdict)) for verdict in sorted(VERDICTS))


def _centre_cards(survey: Survey) -> int:
    return survey.counts.get(Status.BIO_CAPTURED, 0) + survey.counts.get(Status.SENT_FOR_ENROLLMENT, 0)


def _circuit(shown: Shown) -> Iterator[Sample]:
    return (((state,), float(shown.survey.circuit.state is state)) for state in Circuit)


def _expiry(shown: Shown) -> Iterator[Sample]:
    # The latest order given wins, as it does in the steps.
    now_ms = shown.survey.now_ms
    until = {order.station: order.until_ms for order in shown.orders if order.from_ms <= now_ms < order.until_ms}
    return (((code,), until.get(code, 0) / 1000) for code in shown.stations)


def _workers(shown: Shown) -> Iterator[Sample]:
    rows = [row.partition("|") for row in shown.survey.crew.values()]
    lately = [codes.split(",") for at, _, codes in rows if shown.survey.real_ms - int(at) < SEEN_MS]
    return (((code,), sum(code in codes for codes in lately)) for code in shown.places)


def _stock(shown: Shown) -> Iterator[Sample]:
    for item in ITEMS:
        yield from (((item, code), getattr(shown.places[code].stock, item)) for code in shown.stations)


def _spoiled(shown: Shown) -> Iterator[Sample]:
    found = {(str(station), reason): 0 for station in shown.stations for reason in shown.spoil_reasons}
    found |= {(station, reason): n for station, reason, n in _kept(shown.survey, "spoiled")}
    yield from found.items()


def _lost(shown: Shown) -> Iterator[Sample]:
    for code in shown.stations:
        yield from (((code, cause), _total(shown.survey, "lost", code, cause) / 1000) for cause in CAUSES)


def _quantiles(labels: tuple[str, ...], found: Quantiles) -> Iterator[Sample]:
    return (((*labels, str(share)), value) for share, value in zip(FORECAST_QUANTILES, found, strict=True))


def _runway(shown: Shown) -> Iterator[Sample]:
    for item, found in (shown.forecast.runway_s if shown.forecast else {}).items():
        yield from _quantiles((item,), found)


def _forecast(
    tell: Callable[[str, StationForecast], Iterable[Sample]],
) -> Callable[[Shown], Iterator[Sample]]:
    def samples(shown: Shown) -> Iterator[Sample]:
        for code, station in (shown.forecast.stations if shown.forecast else {}).items():
            yield from tell(code, station)

    return samples


def _backlog(code: str, station: StationForecast) -> Iterator[Sample]:
    for horizon, hours in HORIZONS.items():
        yield from _quantiles((code, horizon), station.backlog[hours])


def _clear(shown: Shown) -> Iterator[Sample]:
    for code, station in (shown.forecast.stations if shown.forecast else {}).items():
        for share, clear_ms in zip(FORECAST_QUANTILES, station.clear_ms, strict=True):
            if clear_ms < NEVER_MS:
                yield (code, str(share)), max(0.0, clear_ms - shown.survey.now_ms) / 1000


def _required(code: str, station: StationForecast) -> Iterator[Sample]:
    if station.required_hours is not None:
        yield (code,), station.required_hours


def _made(value: Callable[[Forecast], float]) -> Callable[[Shown], Iterator[Sample]]:
    return lambda shown: iter([((), value(shown.forecast))] if shown.forecast else [])


def _coverage(shown: Shown) -> Iterator[Sample]:
    if shown.forecast and shown.forecast.coverage is not None:
        yield (), shown.forecast.coverage


SAMPLES: Final[Mapping[str, Callable[[Shown], Iterable[Sample]]]] = {
    "lembur_cards_total": _cards,
    "lembur_arrivals_total": _arrivals,
    "lembur_queue_cards": _queue,
    "lembur_queue_oldest_card_age_seconds": _oldest,
    "lembur_queue_cards_past_age": _past_age,
    "lembur_in_flight_cards": _in_hand,
    "lembur_stage_duration_seconds": _durations,
    "lembur_card_wait_seconds": _waits,
    "lembur_retries_total": _retries,
    "lembur_unconfirmed_cards": _plain(lambda survey: survey.unconfirmed),
    "lembur_shelved_cards": _shelved,
    "lembur_centre_up": _plain(lambda survey: survey.circuit.up),
    "lembur_centre_verdicts_total": _verdicts,
    "lembur_centre_waiting_cards": _plain(_centre_cards),
    "lembur_centre_response_seconds": _responses,
    "lembur_circuit_state": _circuit,
    "lembur_seats_open": _by_place(lambda place: place.open),
    "lembur_seats_base": _by_place(lambda place: place.base),
    "lembur_seats_busy": _by_place(lambda place: place.busy),
    "lembur_seat_order_expiry_timestamp_seconds": _expiry,
    "lembur_seat_orders_total": _by_station(lambda survey, code: _total(survey, "orders", code)),
    "lembur_shift_open": _by_place(lambda place: place.wanted > 0),
    "lembur_workers_seen": _workers,
    "lembur_stock_units": _stock,
    "lembur_stock_runway_seconds": _runway,
    "lembur_spoiled_blanks_total": _spoiled,
    "lembur_blanks_unaccounted": _by_station(lambda survey, code: survey.places[code].stock.difference),
    "lembur_forecast_backlog_cards": _forecast(_backlog),
    "lembur_clear_estimate_seconds": _clear,
    "lembur_clearing": _forecast(lambda code, station: [((code,), station.clear_ms[1] < NEVER_MS)]),
    "lembur_sop_breach_forecast_cards": _forecast(lambda code, station: _quantiles((code,), station.late)),
    "lembur_late_cards": _forecast(lambda code, station: [((code,), station.late_now)]),
    "lembur_overtime_required_hours": _forecast(_required),
    "lembur_forecast_run_timestamp_seconds": _made(lambda forecast: forecast.made_ms / 1000),
    "lembur_forecast_duration_seconds": _made(lambda forecast: forecast.took_s),
    "lembur_forecast_score_coverage": _coverage,
    "lembur_lost_seat_seconds_total": _lost,
    "lembur_busy_seat_seconds_total": _by_station(lambda survey, code: _total(survey, "busy", code) / 1000),
    "lembur_overtime_seat_seconds_total": _by_station(lambda survey, code: _total(survey, "overtime", code) / 1000),
    "lembur_overtime_cost_rupiah_total": lambda shown: (((code,), n) for code, n in shown.overtime.rupiah.items()),
    "lembur_overtime_budget_rupiah": lambda shown: [((), shown.overtime.budget_rupiah)],
    "lembur_virtual_time_seconds": _plain(lambda survey: survey.now_ms / 1000),
    "lembur_clock_speed": _plain(lambda survey: survey.speed),
    "lembur_lost_wakeups_total": _plain(lambda survey: _total(survey, "lost_wakes", CENTRE)),
    "lembur_build_info": lambda shown: [((shown.version,), 1)],
}
"""The table of metrics.py, row by row; what tells of the scrape itself is the exporter's own."""
