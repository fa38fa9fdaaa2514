"""Forecast quality: what was promised beside what came."""

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
    why = "Whether forecasts can be trusted: what they said four hours ago, by the office's clock, beside what came."
    return make_dashboard(
        "lembur-forecast", "Forecast quality", why, ["The promise", *_comparison(), "Ahead", *_outlook(), *_trends()]
    )


def _comparison() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Cards waiting, and what was promised",
                "Ready cards now, and what the forecast of four hours ago said: eight times in ten the fact "
                "should lie between P10 and P90.",
                unit="locale",
                size=(16, 9),
            ),
            Query(queries.READY, "fact"),
            *(Query(queries.earlier_forecast(share), f"promised P{share * 100:.0f}") for share in QUANTILES),
        ),
        stat_panel(
            Frame(
                "Forecasts that came true",
                "Of the forecasts that can be judged, the share whose outcome lay between P10 and P90: 80 % "
                "is right, much less means too sure, much more means too careful. lembur forecast --score "
                "says more.",
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
                "Within the promise, station by station",
                "Whether the cards waiting lie within what was promised four hours ago.",
                unit="none",
                size=(12, 8),
            ),
            Query(f"({IN_BAND % ('>=', '0.1')}) - on (station) ({IN_BAND % ('>', '0.9')})", "{{station}}"),
            mappings=[value_texts({0: ("outside", "orange"), 1: ("within", "green")})],
        ),
        line_panel(
            Frame(
                "More waiting than promised",
                "Cards waiting less the promise of four hours ago (P50): above zero the office is behind it.",
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
                "Ready cards of the whole office after so long, P50.",
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
                "What each station expects; -1 hours: none suffice. Never clear, or late cards: look for a plan "
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
                "How long until all that waits is printed, as each forecast said. It should fall as time goes by.",
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
                "Waiting cards that will be printed after they are due, as each forecast said.",
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
                "Whether each queue ends within the days the forecast looks ahead, in at least half of its worlds.",
                unit="none",
                size=(8, 8),
            ),
            Query("max by (station) (lembur_clearing)", "{{station}}"),
            mappings=[value_texts({0: ("no end", "red"), 1: ("ends", "green")})],
        ),
    ]
