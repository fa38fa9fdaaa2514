"""Forecast quality: forecasts beside the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.observation import QUANTILES
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
from monitoring.metrics import HORIZONS

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from monitoring.grafana.panels import AnyPanel

IN_BAND = (
    'sum by (station) (lembur_queue_cards{stage="printing"})'
    " %s bool on (station) max by (station) "
    '(lembur_forecast_backlog_cards{station!="all",horizon="4h",quantile="%s"} offset ${ago}s)'
)


def quality() -> Dashboard:
    """Make the dashboard."""
    description = "Forecasts of four hours ago, by the office's clock, beside the facts."
    return make_dashboard(
        "lembur-forecast",
        "Forecast quality",
        description,
        ["Forecast and fact", *_comparison(), "Ahead", *_outlook(), *_trends()],
    )


def _comparison() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Cards waiting, and the forecast",
                "Ready cards now, and the forecast of four hours ago. Eight times in ten the fact "
                "should lie between P10 and P90.",
                unit="locale",
                size=(16, 9),
            ),
            Query(queries.READY, "fact"),
            *(Query(queries.earlier_forecast(share), f"forecast P{share * 100:.0f}") for share in QUANTILES),
        ),
        stat_panel(
            Frame(
                "Forecasts that came true",
                "Share of past forecasts with an outcome between P10 and P90. 80 % is right; much less: the band "
                "is too narrow; much more: too wide. See lembur forecast --score.",
                unit="percentunit",
                size=(8, 9),
                no_value="none to judge",
                decimals=0,
            ),
            Query("max(lembur_forecast_score_coverage)", "all kept"),
            Query("office:lembur_forecast_coverage:avg1d", "last day"),
            steps=("red", (0.5, "orange"), (0.7, "green")),
            mappings=[no_value_text("none to judge")],
        ),
        timeline_panel(
            Frame(
                "Within the forecast, station by station",
                "Compares the cards waiting with the band (P10 to P90) of four hours ago.",
                unit="none",
                size=(12, 8),
            ),
            Query(f"({IN_BAND % ('>=', '0.1')}) - on (station) ({IN_BAND % ('>', '0.9')})", "{{station}}"),
            mappings=[value_texts({0: ("outside", "orange"), 1: ("within", "green")})],
        ),
        line_panel(
            Frame(
                "More waiting than forecast",
                "Cards waiting minus the forecast of four hours ago (P50). Above zero the office is behind it.",
                unit="locale",
                size=(12, 8),
            ),
            Query(
                'sum by (station) (lembur_queue_cards{stage="printing"}) - on (station) max by (station) '
                '(lembur_forecast_backlog_cards{station!="all",horizon="4h",quantile="0.5"} offset ${ago}s)',
                "{{station}}",
            ),
        ),
    ]


def _outlook() -> list[AnyPanel]:
    return [
        bar_panel(
            Frame(
                "Cards waiting from now on",
                "Ready cards of the whole office at each horizon, P50.",
                unit="locale",
                size=(8, 8),
                decimals=0,
            ),
            *(
                Query(f'max(lembur_forecast_backlog_cards{{station="all",horizon="{ahead}",quantile="0.5"}})', ahead)
                for ahead in HORIZONS
            ),
        ),
        table_panel(
            Frame(
                "Station by station",
                "Forecast of each station; -1 hours: none suffice. Never clear, or late cards: search a plan "
                "(lembur plan --live).",
                unit="locale",
                size=(16, 8),
            ),
            Query(
                'max by (station) (lembur_forecast_backlog_cards{horizon="1d",quantile="0.5"})',
                "waiting in a day (P50)",
            ),
            Query('max by (station) (lembur_clear_estimate_seconds{quantile="0.5"}) / 3600', "hours until clear (P50)"),
            Query('max by (station) (lembur_clear_estimate_seconds{quantile="0.9"}) / 3600', "hours until clear (P90)"),
            Query('max by (station) (lembur_sop_breach_forecast_cards{quantile="0.5"})', "late (P50)"),
            Query(queries.REQUIRED_HOURS, "hours of overtime a day needed"),
            by="station",
        ),
    ]


def _trends() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Until clear",
                "Time until all waiting cards are printed, by each forecast. It should fall as time passes.",
                unit="dtdurations",
                size=(8, 8),
            ),
            *(
                Query(f'max(lembur_clear_estimate_seconds{{station="all",quantile="{share}"}})', f"P{share * 100:.0f}")
                for share in QUANTILES
            ),
        ),
        line_panel(
            Frame(
                "Cards that will be late",
                "Waiting cards that will be printed after they are due, by each forecast.",
                unit="locale",
                size=(8, 8),
            ),
            *(
                Query(
                    f'max(lembur_sop_breach_forecast_cards{{station="all",quantile="{share}"}})', f"P{share * 100:.0f}"
                )
                for share in QUANTILES
            ),
        ),
        timeline_panel(
            Frame(
                "Does the queue end?",
                "Ends: the queue ends within the forecast in at least half of its worlds.",
                unit="none",
                size=(8, 8),
            ),
            Query("max by (station) (lembur_clearing)", "{{station}}"),
            mappings=[value_texts({0: ("no end", "red"), 1: ("ends", "green")})],
        ),
    ]
