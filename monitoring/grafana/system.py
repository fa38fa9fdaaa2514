"""System: the state of the programs behind the other dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.grafana import queries
from monitoring.grafana.board import make_dashboard
from monitoring.grafana.panels import (
    Frame,
    Query,
    bar_panel,
    line_panel,
    stat_panel,
    table_panel,
    timeline_panel,
    value_texts,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from monitoring.grafana.panels import AnyPanel

UP = value_texts({0: ("down", "red"), 1: ("up", "green")})


def system() -> Dashboard:
    """Make the dashboard."""
    description = (
        "State of exporter, ledger, workers, forecasts and alerts. Trust the other dashboards while this one is green."
    )
    return make_dashboard("lembur-system", "System", description, [*_programs(), *_exporter(), *_consistency()])


def _programs() -> list[AnyPanel]:
    return [
        timeline_panel(
            Frame(
                "Programs",
                "Up: Prometheus reaches the program. Ledger up: the ledger answers the exporter.",
                unit="none",
                size=(12, 7),
            ),
            Query("min by (job) (up)", "{{job}}"),
            Query("min(lembur_exporter_scrape_success)", "ledger"),
            mappings=[UP],
        ),
        timeline_panel(
            Frame(
                "Alerts",
                "Alerts over time. The watchdog always fires: where it is missing, rules were not evaluated.",
                unit="none",
                size=(12, 7),
            ),
            Query('max by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"),
            mappings=[value_texts({1: ("fires", "orange")})],
        ),
        bar_panel(
            Frame(
                "Workers",
                "Workers that signed in during the last ten seconds. None at a station with open seats: "
                "start one (lembur worker).",
                unit="none",
                size=(8, 8),
            ),
            Query("sum by (station) (lembur_workers_seen)", "{{station}}"),
            steps=("red", (1, "green")),
        ),
        stat_panel(
            Frame(
                "The office's clock",
                "In a demonstration it differs from today.",
                unit="time:ddd D MMM YYYY HH:mm",
                size=(8, 8),
            ),
            Query(f"1000 * {queries.NOW}", "now"),
        ),
        table_panel(
            Frame(
                "Versions",
                "Versions of the running exporters. More than one: restart the older one.",
                unit="none",
                size=(8, 8),
            ),
            Query("count by (version) (lembur_build_info)", "exporters"),
            by="version",
        ),
    ]


def _exporter() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Time of a scrape",
                "Time the ledger took to answer the exporter. Above 15 ms: the server is busy or far away.",
                unit="s",
                size=(8, 8),
            ),
            Query("max(lembur_exporter_scrape_duration_seconds)", "ledger"),
            Query('max(scrape_duration_seconds{job="lembur"})', "whole scrape"),
            limit=("green", (0.015, "red")),
        ),
        line_panel(
            Frame(
                "Speed of the clock",
                "Seconds of the office in a real second: 1 in an office, more in a demonstration, 0 at full speed. "
                "Without its feed a demonstration stands: it runs at 1, and stands at 0.",
                unit="none",
                size=(8, 8),
            ),
            Query("max(lembur_clock_speed)", "speed"),
            Query("max(lembur_clock_running)", "runs"),
        ),
        line_panel(
            Frame(
                "Series",
                "Series of a scrape. Their number does not grow with the cards; above 3,000 something is wrong.",
                unit="locale",
                size=(8, 8),
            ),
            Query('max(scrape_samples_scraped{job="lembur"})', "series"),
            limit=("green", (3_000, "red")),
        ),
    ]


def _consistency() -> list[AnyPanel]:
    return [
        bar_panel(
            Frame(
                "Blanks unaccounted for",
                "Always 0. If not: count the shelf, and run lembur reconcile for the difference.",
                unit="none",
                size=(8, 8),
            ),
            Query("max by (station) (lembur_blanks_unaccounted)", "{{station}}"),
            steps=("red", (0, "green"), (1, "red")),
        ),
        line_panel(
            Frame(
                "Wake-ups lost",
                "Wake-ups sent again in five minutes. A few after a restart are usual.",
                unit="locale",
                size=(8, 8),
            ),
            Query("sum(increase(lembur_lost_wakeups_total[5m]))", "lost"),
        ),
        line_panel(
            Frame(
                "The forecast",
                "Age of the newest forecast, by the office's clock (at most half an hour when all is well), and "
                "its duration in real seconds.",
                unit="s",
                size=(8, 8),
            ),
            Query(f"{queries.NOW} - max(lembur_forecast_run_timestamp_seconds)", "age"),
            Query("max(lembur_forecast_duration_seconds)", "duration"),
        ),
    ]
