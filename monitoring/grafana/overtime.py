"""Overtime: what was ordered, what it brings, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.grafana import queries
from monitoring.grafana.board import make_dashboard
from monitoring.grafana.panels import (
    Frame,
    Query,
    bar_panel,
    line_panel,
    no_value_text,
    stat_panel,
    table_panel,
    timeline_panel,
    value_texts,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from monitoring.grafana.panels import AnyPanel

COST = "lembur_overtime_cost_rupiah_total"
BUDGET = "max(lembur_overtime_budget_rupiah)"
RUPIAH = "currency:Rp"


def overtime() -> Dashboard:
    """Make the dashboard."""
    why = "Seats opened beyond the regular ones, how long, and for how much. A violet mark is a seat order."
    return make_dashboard("lembur-overtime", "Overtime", why, [*_figures(), *_seats(), *_stations()])


def _figures() -> list[AnyPanel]:
    return [
        stat_panel(
            Frame(
                "Overtime",
                "Hours of seats beyond the regular ones, of all stations together, since the ledger was opened.",
                unit="h",
                size=(5, 6),
                decimals=1,
            ),
            Query("sum(lembur_overtime_seat_seconds_total) / 3600", "seat-hours"),
        ),
        stat_panel(
            Frame(
                "Cost",
                "What that overtime costs, meals included, and how much of it came in the last day.",
                unit=RUPIAH,
                size=(7, 6),
                decimals=0,
            ),
            Query(f"sum({COST})", "in all"),
            Query("office:lembur_overtime_cost_rupiah:increase1d", "last day"),
        ),
        stat_panel(
            Frame(
                "Budget used",
                "Share of the budget that is spent. Above nine tenths an alert says so.",
                unit="percentunit",
                size=(5, 6),
                no_value="no budget",
                decimals=0,
            ),
            Query(f"sum({COST}) / ({BUDGET} > 0)", "spent"),
            steps=("green", (0.75, "orange"), (0.9, "red")),
            mappings=[no_value_text("no budget")],
        ),
        bar_panel(
            Frame(
                "Hours of overtime a day that would be needed",
                "With so many hours a day no more cards would be late. None suffice: more seats, blanks or printers "
                "are needed; lembur plan --live says which.",
                unit="h",
                size=(7, 6),
                decimals=1,
            ),
            Query(queries.REQUIRED_HOURS, "{{station}}"),
            maximum=6,
            steps=("red", (0, "green"), (0.1, "orange"), (4, "red")),
            mappings=[value_texts({queries.NO_HOURS_SUFFICE: ("none suffice", "red")})],
        ),
    ]


def _seats() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Seats open, and without orders",
                "Seats that are open now, and those that would be without seat orders: between them is overtime.",
                unit="none",
                size=(12, 9),
            ),
            Query('sum(lembur_seats_open{station!="centre"})', "open"),
            Query('sum(lembur_seats_base{station!="centre"})', "without orders"),
            Query('sum(lembur_seats_busy{station!="centre"})', "busy"),
        ),
        line_panel(
            Frame(
                "Seats open, by station",
                "Seats open now. A violet mark is a seat order: lembur orders says who gave it, and why.",
                unit="none",
                size=(12, 9),
            ),
            Query('sum by (station) (lembur_seats_open{station!="centre"})', "{{station}}"),
            stacked=True,
        ),
        timeline_panel(
            Frame("Shifts", "When each station was open, in regular hours or by order.", unit="none", size=(12, 8)),
            Query('max by (station) (lembur_shift_open{station!="centre"})', "{{station}}"),
            mappings=[value_texts({0: ("closed", "#4a4a4a"), 1: ("open", "green")})],
        ),
        line_panel(
            Frame("Rupiah an hour", "What overtime costs an hour, by station.", unit=RUPIAH, size=(12, 8)),
            Query(queries.per_hour(COST, "station"), "{{station}}"),
            stacked=True,
        ),
    ]


def _stations() -> list[AnyPanel]:
    return [
        table_panel(
            Frame(
                "Station by station",
                "What overtime brought where. An order that ends soon, with cards waiting: extend it (lembur seats).",
                unit="locale",
                size=(24, 9),
            ),
            Query("sum by (station) (lembur_overtime_seat_seconds_total) / 3600", "seat-hours"),
            Query(f"sum by (station) ({COST})", "rupiah"),
            Query("station:lembur_overtime_cost_rupiah:increase1d", "rupiah, last day"),
            Query("sum by (station) (lembur_seat_orders_total)", "orders"),
            Query(
                "clamp_min(max by (station) (lembur_seat_order_expiry_timestamp_seconds) - on () group_left () "
                f"{queries.NOW}, 0) / 3600",
                "order ends in (h)",
            ),
            Query('sum by (station) (lembur_queue_cards{stage="printing"})', "waiting"),
            by="station",
        ),
    ]
