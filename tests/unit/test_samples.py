"""The samples of each metric, from a snapshot and a forecast that are written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import Status
from lembur.domain.observation import Forecast
from lembur.domain.observation.forecast import HORIZONS_H, StationForecast
from lembur.domain.seats import CENTRE, SeatOrder, StationCode
from lembur.domain.time import NEVER_MS
from lembur.ledger.queries.board import Stock
from lembur.ledger.queries.circuit import CircuitView
from lembur.ledger.queries.metrics import MetricsSnapshot, StationMetrics
from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS, PrinterState
from monitoring.overtime import OvertimeCost
from monitoring.samples import SAMPLES, Histogram, ScrapeData

if TYPE_CHECKING:
    from lembur.domain.observation.forecast import Quantiles
    from monitoring.samples import Value

HALL, WING = StationCode("hall"), StationCode("wing")
NOW_MS, REAL_MS = 5_000_000, 9_000_000
STATION = StationMetrics(
    open=2, base=1, wanted=3, busy=1, oldest_ms=NOW_MS - 4_000, past=(7, 5, 3), stock=Stock(), counted_ms=NOW_MS
)
CLOSED = replace(STATION, open=0, base=0, wanted=0, busy=0, oldest_ms=NOW_MS, past=(0, 0, 0))
SNAPSHOT = MetricsSnapshot(
    now_ms=NOW_MS,
    changes=0,
    speed=60.0,
    clock_stands=False,
    real_ms=REAL_MS,
    unconfirmed=4,
    asked_ms=NOW_MS - 90_000,
    counts={Status.BIO_CAPTURED: 30, Status.SENT_FOR_ENROLLMENT: 12, Status.HELD: 2},
    counters={},
    gauges={},
    heartbeats={},
    circuit=CircuitView(),
    orders=[],
    forecast="",
    stations={
        CENTRE: STATION,
        HALL: replace(STATION, stock=Stock(blank=9, ribbon=8, received=20, used=6, spoiled=2)),
        WING: CLOSED,
    },
    printers=[
        PrinterState("card1", HALL, ("no ribbon",), ribbon_percent=3, since_ms=NOW_MS - 60_000),
        PrinterState("card2", WING, since_ms=NOW_MS - 60_000),
    ],
)
DATA = ScrapeData(
    snapshot=SNAPSHOT,
    stations=(HALL, WING),
    spoil_reasons=("failed_print",),
    orders=(),
    overtime=OvertimeCost({HALL: 1.5}, {HALL: 35_000.0}, 100_000),
    forecast=None,
    version="1.2.3",
)


def samples(name: str, data: ScrapeData = DATA) -> dict[tuple[str, ...], Value]:
    """Compute one metric by its labels."""
    return dict(SAMPLES[f"lembur_{name}"](data))


def counted(**counters: int) -> ScrapeData:
    """A snapshot with these counters: `retry__hall__spoiled=3`."""
    return replace(DATA, snapshot=replace(SNAPSHOT, counters={tuple(k.split("__")): n for k, n in counters.items()}))


def order(from_ms: int, until_ms: int, *, station: StationCode = HALL) -> SeatOrder:
    """An order of two seats."""
    return SeatOrder(station, 2, from_ms, until_ms, "Bu Sri", "a test")


def test_real_printers_show_their_waits_ribbon_and_cards() -> None:
    """A printer that waits for nobody shows 0; one that reports no ribbon has no sample of it."""
    assert samples("printer_waiting_seconds") == {(HALL, "card1"): 60, (WING, "card2"): 0}
    assert samples("printer_ribbon_ratio") == {(HALL, "card1"): 0.03}
    found = samples("printer_cards_total", counted(printer_good__hall__card1=2, printer_spoiled__hall__card1=1))
    assert (found[HALL, "card1", "printed"], found[HALL, "card1", "spoiled"]) == (2, 1)
    assert found[WING, "card2", "printed"] == 0


@pytest.mark.parametrize(
    ("orders", "end_s"),
    [
        ([], 0),
        ([order(NOW_MS - 2000, NOW_MS - 1000)], 0),
        ([order(NOW_MS - 2000, NOW_MS)], 0),
        ([order(NOW_MS - 2000, NOW_MS + 1)], (NOW_MS + 1) / 1000),
        ([order(NOW_MS, NOW_MS + 7000)], (NOW_MS + 7000) / 1000),
        ([order(NOW_MS + 1, NOW_MS + 7000)], 0),
        ([order(NOW_MS - 1, NOW_MS + 9000), order(NOW_MS - 1, NOW_MS + 5000)], (NOW_MS + 5000) / 1000),
        ([order(NOW_MS - 1, NOW_MS + 9000, station=WING)], 0),
    ],
    ids=["none", "over", "ends now", "about to end", "begins now", "begins later", "the newest wins", "elsewhere"],
)
def test_an_order_shows_its_end_only_while_it_is_in_force(orders: list[SeatOrder], end_s: float) -> None:
    """Else LemburSeatOrderExpiresSoon fires for an order that is over, or not yet begun."""
    found = samples("seat_order_expiry_timestamp_seconds", replace(DATA, orders=orders))

    assert found[HALL,] == end_s


@pytest.mark.parametrize(("ago_ms", "workers"), [(0, 1), (HEARTBEAT_TIMEOUT_MS - 1, 1), (HEARTBEAT_TIMEOUT_MS, 0)])
def test_a_worker_counts_while_its_heartbeat_is_fresh(ago_ms: int, workers: int) -> None:
    """A worker that died is no worker: LemburSeatsIdle sends people to this figure."""
    crew = {"print@hall": f"{REAL_MS - ago_ms}|hall,wing", "print@other": f"{REAL_MS}|wing"}

    found = samples("workers_seen", replace(DATA, snapshot=replace(SNAPSHOT, heartbeats=crew)))

    assert found == {(CENTRE,): 0, (HALL,): workers, (WING,): workers + 1}


def test_cards_that_finished_a_stage() -> None:
    """The centre's verdicts but PRINT_READY_RECORD, and cards it failed for, go to a shelf."""
    data = counted(
        verdict__PRINT_READY_RECORD=40, verdict__DUPLICATE_RECORD=5, verdict__ADJUDICATE_RECORD=1, shelved__centre=2
    )

    assert samples("cards_total", data) == {
        (CENTRE, "verification", "ready"): 40,
        (CENTRE, "verification", "shelved"): 8,
        (HALL, "printing", "printed"): 6,
        (HALL, "printing", "spoiled"): 2,
        (WING, "printing", "printed"): 0,
        (WING, "printing", "spoiled"): 0,
    }
    assert samples("centre_verdicts_total", data)["DUPLICATE_RECORD",] == 5


def test_a_finding_that_was_corrected_stays_counted() -> None:
    """Prometheus would read a counter that falls as one that began anew."""
    found = samples("cards_total", counted(withdrawn__hall__printed=2, withdrawn__hall__spoiled=1))

    assert (found[HALL, "printing", "printed"], found[HALL, "printing", "spoiled"]) == (8, 3)


def test_a_cause_that_never_sent_a_card_back_is_zero() -> None:
    """Prometheus counts an increase from the first value on, so the first value is there before the first retry."""
    assert set(samples("retries_total", counted()).values()) == {0}


def test_cards_that_wait() -> None:
    """By class, by age, and in hand."""
    levels = {("waiting", "hall", "2"): 11, ("in_hand", "hall"): 3, ("waiting", "centre", "0"): 6}
    data = replace(DATA, snapshot=replace(SNAPSHOT, gauges=levels))

    assert samples("queue_cards", data)[HALL, "printing", "disaster"] == 11
    assert samples("queue_cards", data)[CENTRE, "verification", "expedited"] == 6
    assert sum(map(float, samples("queue_cards", data).values())) == 17  # type: ignore[arg-type]
    assert samples("in_flight_cards", data) == {
        (CENTRE, "verification"): 0,
        (HALL, "printing"): 3,
        (WING, "printing"): 0,
    }
    assert samples("queue_oldest_card_age_seconds")[HALL, "printing"] == 4
    assert samples("queue_oldest_card_age_seconds")[WING, "printing"] == 0
    assert {age: n for (code, age), n in samples("queue_cards_past_age").items() if code == HALL} == {
        "1d": 7,
        "2d": 5,
        "3d": 3,
    }
    assert samples("centre_waiting_cards") == {(): 42}
    assert samples("unconfirmed_cards") == {(): 4}
    assert samples("centre_waiting_cards", replace(DATA, snapshot=replace(SNAPSHOT, counts={}))) == {(): 0}
    assert samples("shelved_cards")["HELD",] == 2
    assert samples("shelved_cards")["DUPLICATE_RECORD",] == 0


def test_a_histogram_counts_up_to_each_edge() -> None:
    """Cumulative, with those beyond the last edge in +Inf only, and the sum in seconds."""
    data = counted(
        duration__hall__60=2, duration__hall__90=3, duration__hall__inf=4, duration_ms__hall=5000, wait__wing__3600=1
    )

    found = samples("stage_duration_seconds", data)[HALL, "printing"]
    assert isinstance(found, Histogram)
    assert dict(found.cumulative)[45.0] == 0
    assert dict(found.cumulative)[60.0] == 2
    assert dict(found.cumulative)[14_400.0] == 5
    assert dict(found.cumulative)[float("inf")] == 9
    assert found.sum_s == 5
    waits = samples("card_wait_seconds", data)
    assert set(waits) == {(HALL,), (WING,)}
    at_wing = waits[WING,]
    assert isinstance(at_wing, Histogram)
    assert dict(at_wing.cumulative)[3_600.0] == 1
    answer = samples("centre_response_seconds", counted(duration__centre__600=2))[()]
    assert isinstance(answer, Histogram)
    assert dict(answer.cumulative)[600.0] == 2


def test_counters_that_are_kept_by_station() -> None:
    """Milliseconds become seconds, reasons become labels, and known ones are there from zero on."""
    data = counted(
        retry__hall__spoiled=3,
        **{"retry__hall__given up": 2, "retry__wing__spoiled": 4},
        retry__centre__refused=5,
        spoiled__hall__failed_print=6,
        spoiled__wing__other=1,
        lost__hall__rest=1500,
        busy__hall=2500,
        orders__hall=7,
        arrivals__hall__1=8,
        lost_wakes__centre=9,
    )

    retries = samples("retries_total", data)
    assert retries["printing", "spoiled"] == 7
    assert retries["printing", "given_up"] == 2
    assert retries["verification", "refused"] == 5
    assert retries["printing", "unconfirmed"] == 0
    assert samples("spoiled_blanks_total", data) == {
        (HALL, "failed_print"): 6,
        (WING, "failed_print"): 0,
        (WING, "other"): 1,
    }
    assert samples("lost_seat_seconds_total", data)[HALL, "rest"] == 1.5
    assert samples("lost_seat_seconds_total", data)[WING, "centre"] == 0
    assert samples("busy_seat_seconds_total", data) == {(HALL,): 2.5, (WING,): 0}
    assert samples("seat_orders_total", data) == {(HALL,): 7, (WING,): 0}
    assert samples("arrivals_total", data)[HALL, "first_time"] == 8
    assert samples("lost_wakeups_total", data) == {(): 9}


def test_seats_stock_and_the_office_itself() -> None:
    """Each figure has its own field."""
    assert samples("seats_open")[HALL,] == 2
    assert samples("seats_base")[HALL,] == 1
    assert samples("seats_busy")[CENTRE,] == 1
    assert (samples("shift_open")[HALL,], samples("shift_open")[WING,]) == (True, False)
    assert samples("stock_units")["blank", HALL] == 9
    assert samples("stock_units")["ribbon", HALL] == 8
    assert samples("blanks_unaccounted") == {(HALL,): 3, (WING,): 0}
    assert samples("overtime_seat_seconds_total") == {(HALL,): 5_400}
    assert samples("overtime_cost_rupiah_total") == {(HALL,): 35_000}
    assert samples("overtime_budget_rupiah") == {(): 100_000}
    assert samples("virtual_time_seconds") == {(): 5_000}
    assert samples("clock_speed") == {(): 60}
    assert samples("build_info") == {("1.2.3",): 1}
    assert samples("centre_up") == {(): True}
    assert samples("circuit_state") == {("closed",): 1, ("open",): 0, ("half_open",): 0}


def forecast(*, clear_ms: Quantiles, required_hours: float | None, coverage: float | None) -> ScrapeData:
    """A scrape with a forecast of one station."""
    backlog: dict[int, Quantiles] = {hours: (hours + 0.1, hours + 0.5, hours + 0.9) for hours in HORIZONS_H}
    station = StationForecast(backlog, clear_ms, (1, 2, 3), required_hours, late_now=6)
    made = Forecast(NOW_MS - 1000, 0.25, {"hall": station}, {"blank": (10, 20, 30)}, coverage)
    return replace(DATA, forecast=made)


def test_a_forecast_that_ends() -> None:
    """Quantiles by horizon; the time until the queue is clear counts from now and is never below zero."""
    data = forecast(clear_ms=(NOW_MS - 5000, NOW_MS + 2000, NOW_MS + 3000), required_hours=1.5, coverage=0.8)

    assert samples("forecast_backlog_cards", data)["hall", "4h", "0.5"] == 4.5
    assert samples("forecast_backlog_cards", data)["hall", "3d", "0.9"] == 72.9
    assert samples("clear_estimate_seconds", data) == {("hall", "0.1"): 0, ("hall", "0.5"): 2, ("hall", "0.9"): 3}
    assert samples("clearing", data) == {("hall",): True}
    assert samples("sop_breach_forecast_cards", data) == {("hall", "0.1"): 1, ("hall", "0.5"): 2, ("hall", "0.9"): 3}
    assert samples("late_cards", data) == {("hall",): 6}
    assert samples("overtime_required_hours", data) == {("hall",): 1.5}
    assert samples("stock_runway_seconds", data)["blank", "0.1"] == 10
    assert samples("forecast_run_timestamp_seconds", data) == {(): 4_999}
    assert samples("forecast_duration_seconds", data) == {(): 0.25}
    assert samples("forecast_score_coverage", data) == {(): 0.8}


def test_a_forecast_without_an_end() -> None:
    """A figure that does not exist is absent: an alert must not take it for zero."""
    data = forecast(clear_ms=(NOW_MS + 1, NEVER_MS, NEVER_MS), required_hours=None, coverage=None)

    assert samples("clear_estimate_seconds", data) == {("hall", "0.1"): 0.001}
    assert samples("clearing", data) == {("hall",): False}
    assert samples("overtime_required_hours", data) == {}
    assert samples("forecast_score_coverage", data) == {}


def test_a_queue_is_clearing_when_its_median_ends() -> None:
    """One world in ten without an end is no alarm."""
    data = forecast(clear_ms=(NOW_MS + 1, NOW_MS + 2, NEVER_MS), required_hours=None, coverage=None)

    assert samples("clearing", data) == {("hall",): True}


@pytest.mark.parametrize("name", ["forecast_backlog_cards", "clear_estimate_seconds", "forecast_duration_seconds"])
def test_before_the_first_forecast_nothing_of_it_is_shown(name: str) -> None:
    """LemburFigureMissing sees that it is absent."""
    assert samples(name) == {}
