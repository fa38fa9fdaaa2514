"""Flow: the way of cards from recording to the printer, and their queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.grafana import queries
from monitoring.grafana.board import make_dashboard
from monitoring.grafana.panels import Frame, Query, bar_panel, line_panel, table_panel, timeline_panel, value_texts

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from monitoring.grafana.panels import AnyPanel

THREE_DAYS_S = 259_200
CIRCUIT = value_texts({0: ("closed: sends", "green"), 1: ("half open: tries one", "yellow"), 2: ("open: waits", "red")})


def flow() -> Dashboard:
    """Make the dashboard."""
    description = "Where cards are, how fast they move, and what they wait for. Hours are hours of the office."
    panels = ["Cards", *_cards(), "Time", *_time(), "Seats", *_seats(), "Centre", *_centre()]
    return make_dashboard("lembur-flow", "Flow", description, panels)


def _cards() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Printed an hour",
                "Good cards an hour. A dip at one station: see the causes of idle seats below.",
                unit="locale",
                size=(8, 8),
            ),
            Query(queries.per_hour('lembur_cards_total{stage="printing",outcome="printed"}', "station"), "{{station}}"),
            stacked=True,
        ),
        line_panel(
            Frame(
                "Recorded and verified an hour",
                "Cards enrolled, by class, and cards the centre finished. More enrolled than verified: "
                "the queue at the centre grows.",
                unit="locale",
                size=(8, 8),
            ),
            Query(queries.per_hour("lembur_arrivals_total", "class"), "enrolled: {{class}}"),
            Query(queries.per_hour('lembur_cards_total{stage="verification"}', "outcome"), "centre: {{outcome}}"),
        ),
        line_panel(
            Frame("Cards waiting", "Cards waiting at each station, and at the centre.", unit="locale", size=(8, 8)),
            Query("sum by (station) (lembur_queue_cards)", "{{station}}"),
            stacked=True,
        ),
        table_panel(
            Frame(
                "Station by station",
                "Cards waiting at each station, their age, and the share that kept the rule of three days.",
                unit="locale",
                size=(16, 9),
            ),
            Query("sum by (station) (lembur_queue_cards)", "waiting"),
            Query("sum by (station) (lembur_in_flight_cards)", "at work"),
            Query('sum by (station) (lembur_queue_cards_past_age{age="1d"})', "over 1 day"),
            Query('sum by (station) (lembur_queue_cards_past_age{age="3d"})', "over 3 days"),
            Query("station:lembur_sop_compliance:ratio_rate7d * 100", "% in 3 days"),
            by="station",
        ),
        bar_panel(
            Frame(
                "On a shelf, for a person",
                "Cards that need a decision: duplicates, failures, holds, unknown prints (lembur unconfirmed).",
                unit="locale",
                size=(8, 9),
            ),
            Query("sum by (status) (lembur_shelved_cards)", "{{status}}"),
        ),
    ]


def _time() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "From recording to the card",
                "Time of the cards printed in the last hour. Dashed line: three days, the rule.",
                unit="dtdurations",
                size=(8, 8),
            ),
            *_p50_and_p90("lembur_card_wait_seconds"),
            limit=("green", (THREE_DAYS_S, "red")),
        ),
        line_panel(
            Frame(
                "A card in a printer or at the centre",
                "Time of a print, rest and ribbon included, and of an answer of the centre (P50).",
                unit="s",
                size=(8, 8),
            ),
            Query(queries.quantile(0.5, "lembur_stage_duration_seconds", "station"), "{{station}}"),
        ),
        line_panel(
            Frame(
                "Age of the oldest waiting card",
                "Time since the oldest waiting card was recorded, by queue.",
                unit="dtdurations",
                size=(8, 8),
            ),
            Query("max by (station) (lembur_queue_oldest_card_age_seconds)", "{{station}}"),
        ),
    ]


def _seats() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Idle seats, by cause",
                "Printers that stood still, on average over the hour. Mend the largest cause first. "
                "Closed: no operator; seats can be opened (lembur seats).",
                unit="none",
                size=(12, 8),
                decimals=1,
            ),
            Query(queries.average_seats('lembur_lost_seat_seconds_total{station!="centre"}', "cause"), "{{cause}}"),
            stacked=True,
        ),
        line_panel(
            Frame("Seats at work", "Seats busy on average over the hour.", unit="none", size=(12, 8), decimals=1),
            Query(queries.average_seats("lembur_busy_seat_seconds_total", "station"), "{{station}}"),
            stacked=True,
        ),
        line_panel(
            Frame(
                "Use of open seats",
                "Share of the time of open seats in which they worked, over 15 minutes.",
                unit="percentunit",
                size=(12, 8),
            ),
            Query("station:lembur_seat_utilisation:ratio_rate15m", "{{station}}"),
        ),
        line_panel(
            Frame(
                "Spoiled blanks and repeats",
                "Spoiled blanks an hour by reason, and cards that returned to the queue. One station far above "
                "2 in 100: have its printer checked.",
                unit="locale",
                size=(12, 8),
            ),
            Query(queries.per_hour("lembur_spoiled_blanks_total", "reason"), "spoiled: {{reason}}"),
            Query(queries.per_hour("lembur_retries_total", "stage", "reason"), "again: {{stage}}, {{reason}}"),
        ),
        table_panel(
            Frame(
                "Real printers",
                "For each printer behind a print server: seconds it has waited for a person, ribbon left, its cards. "
                "What it waits for: lembur printers. Empty where printers are simulated.",
                unit="locale",
                size=(24, 8),
            ),
            Query("max by (station, printer) (lembur_printer_waiting_seconds)", "waits, s"),
            Query("max by (station, printer) (lembur_printer_ribbon_ratio) * 100", "ribbon, %"),
            Query('sum by (station, printer) (lembur_printer_cards_total{outcome="printed"})', "printed"),
            Query('sum by (station, printer) (lembur_printer_cards_total{outcome="spoiled"})', "spoiled"),
            by="printer",
            also=("station",),
        ),
    ]


def _centre() -> list[AnyPanel]:
    return [
        timeline_panel(
            Frame(
                "Circuit to the centre",
                "Closed: records are sent. Open: the centre failed, nothing is sent. Half open: one record is tried.",
                unit="none",
                size=(8, 7),
            ),
            Query(
                'max(lembur_circuit_state{state="half_open"}) + 2 * max(lembur_circuit_state{state="open"})', "circuit"
            ),
            mappings=[CIRCUIT],
        ),
        line_panel(
            Frame(
                "The centre's answers",
                "Time the centre takes for a record (P50, P90), over the last hour.",
                unit="s",
                size=(8, 7),
            ),
            *_p50_and_p90("lembur_centre_response_seconds"),
        ),
        line_panel(
            Frame(
                "Verdicts an hour, and cards not yet verified",
                "Answers of the centre, and cards that wait for it or are there.",
                unit="locale",
                size=(8, 7),
            ),
            Query(queries.per_hour("lembur_centre_verdicts_total", "verdict"), "{{verdict}}"),
            Query("max(lembur_centre_waiting_cards)", "not yet verified"),
        ),
    ]


def _p50_and_p90(histogram: str) -> list[Query]:
    return [Query(queries.quantile(share, histogram), f"P{share * 100:.0f}") for share in (0.5, 0.9)]
