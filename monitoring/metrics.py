"""The table of all metrics: the exporter, the dashboards and docs/metrics.md follow it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lembur.domain.card import Priority
from lembur.domain.observation import HORIZONS_H

DAY_H: Final = 24


class Kind(StrEnum):
    """A metric's type in Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table. Every name begins with `lembur_`; no label holds a card, a task or a person."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


CLASSES: Final = tuple(priority.name.lower() for priority in sorted(Priority))
"""The priority classes, in their order."""
CAUSES: Final = ("centre", "blanks", "ribbon", "fault", "rest", "no_work", "closed")
"""Causes for which a seat stands still."""
ITEMS: Final = ("blank", "ribbon")
HORIZONS: Final = {f"{hours}h" if hours < DAY_H else f"{hours // DAY_H}d": hours for hours in HORIZONS_H if hours}
"""Horizons of a forecast, label -> hours."""
AGES: Final = {"1d": 86_400, "2d": 172_800, "3d": 259_200}
"""Ages at which waiting cards are counted, label -> seconds. Three days are the rule."""

# A table: one row, one line.
# fmt: off
METRICS: Final = (
    # Cards
    Metric("lembur_cards_total", Kind.COUNTER, ("station", "stage", "outcome"), "Cards that finished a stage, by outcome."),
    Metric("lembur_arrivals_total", Kind.COUNTER, ("station", "class"), "Cards enrolled, by the first station of each card."),
    Metric("lembur_queue_cards", Kind.GAUGE, ("station", "stage", "class"), "Cards waiting now."),
    Metric("lembur_queue_oldest_card_age_seconds", Kind.GAUGE, ("station", "stage"), "Age of the oldest waiting card, counted from its recording; 0 when no card waits."),
    Metric("lembur_queue_cards_past_age", Kind.GAUGE, ("station", "age"), "Waiting cards older than an age, counted from their recording."),
    Metric("lembur_in_flight_cards", Kind.GAUGE, ("station", "stage"), "Cards at the centre or in a printer now."),
    Metric("lembur_stage_duration_seconds", Kind.HISTOGRAM, ("station", "stage"), "Time of a card at the centre or in a printer, in seconds. Excludes cards resolved by hand."),
    Metric("lembur_card_wait_seconds", Kind.HISTOGRAM, ("station",), "Time from recording to the good card, in seconds. The bucket of 259200 is three days, the rule."),
    Metric("lembur_retries_total", Kind.COUNTER, ("stage", "reason"), "Cards that returned to the queue, by reason."),
    Metric("lembur_centre_oldest_asked_seconds", Kind.GAUGE, (), "Time since the oldest unanswered card is at a centre outside; 0 when none is."),
    Metric("lembur_unconfirmed_cards", Kind.GAUGE, (), "Cards with an unknown print result."),
    Metric("lembur_shelved_cards", Kind.GAUGE, ("status",), "Cards that wait for a person, by status."),
    # Centre
    Metric("lembur_centre_up", Kind.GAUGE, (), "1 unless the circuit to the centre is open."),
    Metric("lembur_centre_verdicts_total", Kind.COUNTER, ("verdict",), "Answers of the centre, by verdict."),
    Metric("lembur_centre_waiting_cards", Kind.GAUGE, (), "Cards not yet verified: waiting for the centre or at the centre."),
    Metric("lembur_centre_response_seconds", Kind.HISTOGRAM, (), "Time the centre takes for a card, in seconds."),
    Metric("lembur_circuit_state", Kind.GAUGE, ("state",), "1 for the current state of the circuit: closed, open or half_open."),
    # Seats
    Metric("lembur_seats_open", Kind.GAUGE, ("station",), "Seats open now."),
    Metric("lembur_seats_base", Kind.GAUGE, ("station",), "Seats that would be open now without seat orders."),
    Metric("lembur_seats_busy", Kind.GAUGE, ("station",), "Seats with a lot in hand."),
    Metric("lembur_seat_order_expiry_timestamp_seconds", Kind.GAUGE, ("station",), "End of the seat order in force, by the office's clock; 0 without an order."),
    Metric("lembur_seat_orders_total", Kind.COUNTER, ("station",), "Seat orders given. Dashboards draw a mark where it rises."),
    Metric("lembur_shift_open", Kind.GAUGE, ("station",), "1 while a shift or an order opens seats, even if their printers are under repair."),
    Metric("lembur_workers_seen", Kind.GAUGE, ("station",), "Workers that serve the station and signed in during the last ten seconds."),
    # Real printers
    Metric("lembur_printer_waiting_seconds", Kind.GAUGE, ("station", "printer"), "Time a real printer has waited for a person (ribbon, hopper, jam, cover), by the office's clock; 0 while it waits for none."),
    Metric("lembur_printer_ribbon_ratio", Kind.GAUGE, ("station", "printer"), "Share of its ribbon left, as a real printer reports it."),
    Metric("lembur_printer_cards_total", Kind.COUNTER, ("station", "printer", "outcome"), "Cards of a real printer, by outcome: printed or spoiled."),
    # Stock
    Metric("lembur_stock_units", Kind.GAUGE, ("item", "station"), "Stock on the shelf: blanks, and ribbon in cards."),
    Metric("lembur_stock_runway_seconds", Kind.GAUGE, ("item", "quantile"), "Time until the stock ends at the forecast's pace, deliveries included."),
    Metric("lembur_spoiled_blanks_total", Kind.COUNTER, ("station", "reason"), "Blanks spoiled, by reason."),
    Metric("lembur_blanks_unaccounted", Kind.GAUGE, ("station",), "Blanks missing from the books (or too many, below 0). Any value but 0 is a fault."),
    # Forecast
    Metric("lembur_forecast_backlog_cards", Kind.GAUGE, ("station", "horizon", "quantile"), "Expected number of waiting cards at a horizon."),
    Metric("lembur_clear_estimate_seconds", Kind.GAUGE, ("station", "quantile"), "Time until all cards that wait now are printed. Absent if they never are."),
    Metric("lembur_clearing", Kind.GAUGE, ("station",), "1 if the queue ends within the forecast in at least half of the worlds."),
    Metric("lembur_sop_breach_forecast_cards", Kind.GAUGE, ("station", "quantile"), "Waiting cards that will be printed late, with those already late."),
    Metric("lembur_late_cards", Kind.GAUGE, ("station",), "Waiting cards that were already late when the forecast was made."),
    Metric("lembur_overtime_required_hours", Kind.GAUGE, ("station",), "Overtime a day, in hours, after which no further card is late. Absent if no hours suffice."),
    Metric("lembur_forecast_run_timestamp_seconds", Kind.GAUGE, (), "Time of the newest forecast, by the office's clock."),
    Metric("lembur_forecast_duration_seconds", Kind.GAUGE, (), "Real time the newest forecast took."),
    Metric("lembur_forecast_score_coverage", Kind.GAUGE, (), "Share of past forecasts with an outcome between P10 and P90. Absent until one can be judged."),
    # Why seats stood still
    Metric("lembur_lost_seat_seconds_total", Kind.COUNTER, ("station", "cause"), "Time in which a printer stood still, by cause."),
    Metric("lembur_busy_seat_seconds_total", Kind.COUNTER, ("station",), "Time in which seats worked."),
    # Overtime
    Metric("lembur_overtime_seat_seconds_total", Kind.COUNTER, ("station",), "Time of seats ordered outside the regular working time."),
    Metric("lembur_overtime_cost_rupiah_total", Kind.COUNTER, ("station",), "Cost of the overtime until now, meals included."),
    Metric("lembur_overtime_budget_rupiah", Kind.GAUGE, (), "Budget for overtime; 0 without one."),
    # The office's clock, and the system itself
    Metric("lembur_virtual_time_seconds", Kind.GAUGE, (), "The office's clock. In a demonstration it differs from today."),
    Metric("lembur_clock_speed", Kind.GAUGE, (), "Seconds of the office in a real second; 0 at full speed."),
    Metric("lembur_clock_running", Kind.GAUGE, (), "1 while the office's clock runs; 0 while the feed of a demonstration is gone."),
    Metric("lembur_lost_wakeups_total", Kind.COUNTER, (), "Wake-ups sent again because the first one was lost."),
    Metric("lembur_exporter_scrape_success", Kind.GAUGE, (), "1 if the ledger answered."),
    Metric("lembur_exporter_scrape_duration_seconds", Kind.GAUGE, (), "Time the ledger took to answer."),
    Metric("lembur_build_info", Kind.GAUGE, ("version",), "Always 1; the label holds the version of the exporter."),
)
# fmt: on
