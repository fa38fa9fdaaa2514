"""Every metric of the exporter, in one table that the exporter, the dashboards and docs/metrics.md follow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lembur.domain.card import Priority
from lembur.domain.observation import HORIZONS_H

DAY_H: Final = 24


class Kind(StrEnum):
    """How Prometheus treats a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table; every name begins with `lembur_`, and no label ever holds a card, a task or a person."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


CLASSES: Final = tuple(priority.name.lower() for priority in sorted(Priority))
"""The priority classes, in their order."""
CAUSES: Final = ("centre", "blanks", "ribbon", "fault", "rest", "no_work", "closed")
"""Why a seat stood still."""
ITEMS: Final = ("blank", "ribbon")
HORIZONS: Final = {f"{hours}h" if hours < DAY_H else f"{hours // DAY_H}d": hours for hours in HORIZONS_H if hours}
"""Label -> hours: how far a forecast looks ahead."""
AGES: Final = {"1d": 86_400, "2d": 172_800, "3d": 259_200}
"""Ages at which waiting cards are counted, in seconds; three days are the rule (SOP, A)."""

# A table: one row, one line.
# fmt: off
METRICS: Final = (
    # Cards
    Metric("lembur_cards_total", Kind.COUNTER, ("station", "stage", "outcome"), "cards a stage is done with"),
    Metric("lembur_arrivals_total", Kind.COUNTER, ("station", "class"), "cards enrolled, by the station they came to first"),
    Metric("lembur_queue_cards", Kind.GAUGE, ("station", "stage", "class"), "cards that wait now"),
    Metric("lembur_queue_oldest_card_age_seconds", Kind.GAUGE, ("station", "stage"), "how long ago the card that waits longest was recorded; 0 when none waits"),
    Metric("lembur_queue_cards_past_age", Kind.GAUGE, ("station", "age"), "cards that wait and were recorded longer ago than an age"),
    Metric("lembur_in_flight_cards", Kind.GAUGE, ("station", "stage"), "cards at the centre or in a printer now"),
    Metric("lembur_stage_duration_seconds", Kind.HISTOGRAM, ("station", "stage"), "time of a card in a line or a seat; not of one that only a person could tell of"),
    Metric("lembur_card_wait_seconds", Kind.HISTOGRAM, ("station",), "time from recording to the good card; the bucket of 259200 is three days, the rule"),
    Metric("lembur_retries_total", Kind.COUNTER, ("stage", "reason"), "cards that had to be done again"),
    Metric("lembur_unconfirmed_cards", Kind.GAUGE, (), "cards of which no printer knows whether they came out"),
    Metric("lembur_shelved_cards", Kind.GAUGE, ("status",), "cards on a shelf for a person"),
    # Centre
    Metric("lembur_centre_up", Kind.GAUGE, (), "1 while the circuit to the centre is not open"),
    Metric("lembur_centre_verdicts_total", Kind.COUNTER, ("verdict",), "answers of the centre"),
    Metric("lembur_centre_waiting_cards", Kind.GAUGE, (), "cards that wait for the centre or are there"),
    Metric("lembur_centre_response_seconds", Kind.HISTOGRAM, (), "how long the centre takes for a card"),
    Metric("lembur_circuit_state", Kind.GAUGE, ("state",), "1 for the state the circuit is in: closed, open or half_open"),
    # Seats
    Metric("lembur_seats_open", Kind.GAUGE, ("station",), "seats open now"),
    Metric("lembur_seats_base", Kind.GAUGE, ("station",), "seats that would be open now without orders"),
    Metric("lembur_seats_busy", Kind.GAUGE, ("station",), "seats with a lot in hand"),
    Metric("lembur_seat_order_expiry_timestamp_seconds", Kind.GAUGE, ("station",), "when the order in force ends, by the office's clock; 0 without one"),
    Metric("lembur_seat_orders_total", Kind.COUNTER, ("station",), "seat orders given: where it rises, a dashboard draws a mark"),
    Metric("lembur_shift_open", Kind.GAUGE, ("station",), "1 while a station has open seats by shift or order, also when they are under repair"),
    Metric("lembur_workers_seen", Kind.GAUGE, ("station",), "workers that signed in lately and serve the station"),
    # Stock
    Metric("lembur_stock_units", Kind.GAUGE, ("item", "station"), "blanks, and ribbon in cards, on the shelf"),
    Metric("lembur_stock_runway_seconds", Kind.GAUGE, ("item", "quantile"), "how long the stock lasts at the forecast's pace, deliveries included"),
    Metric("lembur_spoiled_blanks_total", Kind.COUNTER, ("station", "reason"), "blanks spoiled"),
    Metric("lembur_blanks_unaccounted", Kind.GAUGE, ("station",), "blanks that do not add up: always 0, or something is wrong"),
    # Forecast
    Metric("lembur_forecast_backlog_cards", Kind.GAUGE, ("station", "horizon", "quantile"), "cards that will be waiting"),
    Metric("lembur_clear_estimate_seconds", Kind.GAUGE, ("station", "quantile"), "how long until everything that waits is printed; absent where it never is"),
    Metric("lembur_clearing", Kind.GAUGE, ("station",), "1 when the queue ends within the forecast in at least half of the worlds"),
    Metric("lembur_sop_breach_forecast_cards", Kind.GAUGE, ("station", "quantile"), "waiting cards that will be late, those that are late already among them"),
    Metric("lembur_late_cards", Kind.GAUGE, ("station",), "waiting cards that were late already when the forecast was made"),
    Metric("lembur_overtime_required_hours", Kind.GAUGE, ("station",), "hours of overtime a day that would make no waiting card late; absent where none suffice"),
    Metric("lembur_forecast_run_timestamp_seconds", Kind.GAUGE, (), "when the forecast was made, by the office's clock"),
    Metric("lembur_forecast_duration_seconds", Kind.GAUGE, (), "how long the forecast took, in real seconds"),
    Metric("lembur_forecast_score_coverage", Kind.GAUGE, (), "share of past forecasts whose outcome lay within P10 to P90; absent while none can be judged"),
    # Why seats stood still
    Metric("lembur_lost_seat_seconds_total", Kind.COUNTER, ("station", "cause"), "time in which a printer could have printed and did not, by cause"),
    Metric("lembur_busy_seat_seconds_total", Kind.COUNTER, ("station",), "time in which a seat worked"),
    # Overtime
    Metric("lembur_overtime_seat_seconds_total", Kind.COUNTER, ("station",), "time of seats open outside the regular hours or beyond the regular seats"),
    Metric("lembur_overtime_cost_rupiah_total", Kind.COUNTER, ("station",), "what that overtime costs, meals included"),
    Metric("lembur_overtime_budget_rupiah", Kind.GAUGE, (), "the budget for overtime; 0 when none is set"),
    # The office's clock, and the system itself
    Metric("lembur_virtual_time_seconds", Kind.GAUGE, (), "the office's clock; another day than today where a scenario is played"),
    Metric("lembur_clock_speed", Kind.GAUGE, (), "seconds of the office in a real second; 0 at full speed"),
    Metric("lembur_lost_wakeups_total", Kind.COUNTER, (), "wake-ups the sweep gave up for lost"),
    Metric("lembur_exporter_scrape_success", Kind.GAUGE, (), "1 when the ledger answered"),
    Metric("lembur_exporter_scrape_duration_seconds", Kind.GAUGE, (), "how long reading the ledger took"),
    Metric("lembur_build_info", Kind.GAUGE, ("version",), "always 1"),
)
# fmt: on
