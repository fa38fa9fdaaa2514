"""The Wall: the state of the office on one screen, readable from five metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.grafana import queries
from monitoring.grafana.board import make_dashboard
from monitoring.grafana.panels import (
    GREY,
    Frame,
    Query,
    bar_panel,
    no_value_text,
    stat_panel,
    table_panel,
    timeline_panel,
    value_texts,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from monitoring.grafana.panels import AnyPanel

DAY_S = 86_400
FIRING = 'ALERTS{alertstate="firing",alertname!="LemburWatchdog",severity="%s"}'
STATES = value_texts(
    {queries.SEATS_ARE_THE_LIMIT: ("seats all work", "green")}
    | {number: (text, colour) for number, (_, text, colour) in queries.CAUSES.items()}
)


def wall() -> Dashboard:
    """Make the Wall: 24 columns and 27 rows of 38 pixels fill a screen of 1920 x 1080."""
    description = "The state of the office on one screen. docs/monitoring.md explains each panel."
    return make_dashboard("lembur-wall", "Wall", description, [*_cards(), *_rule(), *_office(), *_limits()])


def _cards() -> list[AnyPanel]:
    return [
        stat_panel(
            Frame(
                "Cards waiting",
                "Cards that wait for the centre or for a printer. Cards at work are not counted.",
                unit="locale",
                size=(4, 7),
            ),
            Query(queries.WAITING, "cards"),
        ),
        stat_panel(
            Frame(
                "Clear",
                "Time when all waiting cards are printed, by the office's clock: likely (P50) and at the latest (P90). "
                "Never: more seats, blanks or hours are needed, see lembur plan.",
                unit="time:ddd HH:mm",
                size=(7, 7),
                no_value="never",
            ),
            *(
                Query(
                    f'1000 * ({queries.NOW} + max(lembur_clear_estimate_seconds{{station="all",quantile="{share}"}}))',
                    name,
                )
                for share, name in (("0.5", "likely, P50"), ("0.9", "at the latest, P90"))
            ),
        ),
        stat_panel(
            Frame(
                "Cards that will be late",
                "Waiting cards that will be printed after they are due: at least (P10) and at "
                "most (P90). Search for seats and hours that avoid it: lembur plan --live.",
                unit="locale",
                size=(5, 7),
                decimals=0,
            ),
            *(
                Query(f'max(lembur_sop_breach_forecast_cards{{station="all",quantile="{share}"}})', name)
                for share, name in (("0.1", "at least"), ("0.9", "at most"))
            ),
            steps=("green", (1, "red")),
        ),
    ]


def _rule() -> list[AnyPanel]:
    return [
        stat_panel(
            Frame(
                "Within three days",
                "Share of the cards printed in the last seven days that took at most three days from recording.",
                unit="percentunit",
                size=(4, 7),
                no_value="none yet",
                decimals=0,
            ),
            Query("office:lembur_sop_compliance:ratio_rate7d", "7 days"),
            steps=("red", (0.9, "orange"), (0.98, "green")),
            mappings=[no_value_text("none yet")],
        ),
        stat_panel(
            Frame(
                "Alerts",
                "Alerts that fire: pages are for now, warnings for today. The console's page /runbook has the steps.",
                unit="none",
                size=(4, 7),
            ),
            *(Query(f"count({FIRING % kind}) or vector(0)", f"{kind}s") for kind in ("page", "warning")),
            steps=("green", (1, "red")),
        ),
    ]


def _office() -> list[AnyPanel]:
    return [
        stat_panel(
            Frame(
                "Printed today",
                "Good cards since midnight, and the number that the forecast of four hours ago expected "
                "by now. Far behind: see below what holds the stations back.",
                unit="locale",
                size=(6, 8),
                decimals=0,
            ),
            Query(queries.printed_today(), "printed"),
            Query(queries.planned_today(), "planned"),
        ),
        bar_panel(
            Frame(
                "Seats busy, of those open",
                "Seats with a card in hand. Fewer than open, while cards wait: see what holds the station back.",
                unit="none",
                size=(7, 8),
                no_value="all closed",
            ),
            Query(
                "sum by (station) (lembur_seats_busy) * on (station) group_left (open) "
                'count_values by (station) ("open", lembur_seats_open)',
                "{{station}}, of {{open}}",
            ),
            steps=(GREY, (1, "green")),
        ),
        bar_panel(
            Frame(
                "Stock lasts",
                "Time until blanks and ribbon end at the first station, at the forecast's pace (P10). "
                "Below two days: order, or move some from another station (lembur stock).",
                unit="dtdurations",
                size=(6, 8),
                decimals=0,
            ),
            Query('min by (item) (lembur_stock_runway_seconds{quantile="0.1"})', "{{item}}"),
            maximum=14 * DAY_S,
            steps=("red", (2 * DAY_S, "orange"), (5 * DAY_S, "green")),
        ),
        stat_panel(
            Frame(
                "Centre",
                "State of the centre. While it is down, cards that are ready are still printed.",
                unit="none",
                size=(5, 8),
            ),
            Query("min(lembur_centre_up)", "the centre"),
            steps=("red", (1, "green")),
            mappings=[value_texts({0: ("down", "red"), 1: ("answers", "green")})],
        ),
    ]


def _limits() -> list[AnyPanel]:
    return [
        stat_panel(
            Frame(
                "What holds each station back",
                "The cause that takes most of a station's open seats now. Green: all seats work, only more seats "
                "would print more.",
                unit="none",
                size=(24, 5),
            ),
            Query(queries.bottleneck(), "{{station}}"),
            mappings=[STATES],
        ),
        timeline_panel(
            Frame(
                "What held each station back",
                "The cause at each station over the day.",
                unit="none",
                size=(16, 7),
            ),
            Query(queries.bottleneck(), "{{station}}"),
            mappings=[STATES],
        ),
        table_panel(
            Frame(
                "What fires",
                "Firing alerts by name; the console's page /runbook has the steps. The watchdog always fires.",
                unit="none",
                size=(8, 7),
            ),
            Query('sum by (alertname, severity, station) (ALERTS{alertstate="firing"})', "alerts"),
            by="alertname",
            also=("severity", "station"),
        ),
    ]
