"""Overtime: ordered seats, their hours and their cost."""

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
    description = "Seats beyond the regular ones, their hours and their cost. A violet mark is a seat order."
    return make_dashboard("lembur-overtime", "Overtime", description, [*_figures(), *_seats(), *_stations()])


def _figures() -> list[AnyPanel]:
    return [
        stat_panel(
            Frame(
                "Overtime",
                "Hours of seats beyond the regular ones, all stations, since the ledger was opened.",
                unit="h",
                size=(5, 6),
                decimals=1,
            ),
            Query("sum(lembur_overtime_seat_seconds_total) / 3600", "seat-hours"),
        ),
        stat_panel(
            Frame(
                "Cost",
                "Cost of that overtime, meals included: in all, and in the last day.",
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
                "Share of the budget that is spent. Above nine tenths an alert fires.",
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
                "Overtime a day that is needed",
                "Hours a day after which no further card is late. None suffice: more seats, blanks or printers "
                "are needed; lembur plan --live names them.",
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
                "Seats open now, and seats that would be open without orders. The difference is overtime.",
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
                "Seats open now. A violet mark is a seat order: lembur orders shows its author and reason.",
                unit="none",
                size=(12, 9),
            ),
            Query('sum by (station) (lembur_seats_open{station!="centre"})', "{{station}}"),
            stacked=True,
        ),
        timeline_panel(
            Frame("Shifts", "Open times of each station, in regular hours or by order.", unit="none", size=(12, 8)),
            Query('max by (station) (lembur_shift_open{station!="centre"})', "{{station}}"),
            mappings=[value_texts({0: ("closed", "#4a4a4a"), 1: ("open", "green")})],
        ),
        line_panel(
            Frame("Rupiah an hour", "Cost of overtime an hour, by station.", unit=RUPIAH, size=(12, 8)),
            Query(queries.per_hour(COST, "station"), "{{station}}"),
            stacked=True,
        ),
    ]


def _stations() -> list[AnyPanel]:
    return [
        table_panel(
            Frame(
                "Station by station",
                "Overtime of each station. An order ends soon and cards wait: extend it (lembur seats).",
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
