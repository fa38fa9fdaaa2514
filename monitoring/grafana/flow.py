"""Flow: how cards move from recording to the printer, and where they wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.grafana import queries
from monitoring.grafana.board import make_dashboard
from monitoring.grafana.panels import Frame, Query, bar_panel, line_panel, table_panel, timeline_panel, value_texts

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from monitoring.grafana.panels import AnyPanel

THREE_DAYS_S = 259_200
CIRCUIT = value_texts({0: ("closed: asks", "green"), 1: ("half open: probes", "yellow"), 2: ("open: waits", "red")})


def flow() -> Dashboard:
    """Make the dashboard."""
    why = "Where cards are, how quickly they move, and what they wait for. Hours are hours of the office."
    panels = ["Cards", *_cards(), "Time", *_time(), "Seats", *_seats(), "Centre", *_centre()]
    return make_dashboard("lembur-flow", "Flow", why, panels)


def _cards() -> list[AnyPanel]:
    return [
        line_panel(
            Frame(
                "Printed an hour",
                "Good cards an hour. A dip at one station: look below at what its seats stood still for.",
                unit="locale",
                size=(8, 8),
            ),
            Query(queries.per_hour('lembur_cards_total{stage="printing",outcome="printed"}', "station"), "{{station}}"),
            stacked=True,
        ),
        line_panel(
            Frame(
                "Recorded and verified an hour",
                "Cards that came, by class, and cards the centre was done with. More coming than verified: "
                "the queue at the centre grows.",
                unit="locale",
                size=(8, 8),
            ),
            Query(queries.per_hour("lembur_arrivals_total", "class"), "came: {{class}}"),
            Query(queries.per_hour('lembur_cards_total{stage="verification"}', "outcome"), "centre: {{outcome}}"),
        ),
        line_panel(
            Frame("Cards waiting", "Cards that wait at each station, and at the centre.", unit="locale", size=(8, 8)),
            Query("sum by (station) (lembur_queue_cards)", "{{station}}"),
            stacked=True,
        ),
        table_panel(
            Frame(
                "Station by station",
                "What waits where, for how long, and how much of it is older than the rule allows.",
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
                "Cards no machine goes on with: duplicates, failures, holds, prints in doubt (lembur unconfirmed).",
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
                "How long cards took that were printed in the last hour. Dashed: three days, the rule.",
                unit="dtdurations",
                size=(8, 8),
            ),
            *(
                Query(queries.quantile(share, "lembur_card_wait_seconds"), f"P{share * 100:.0f}")
                for share in (0.5, 0.9)
            ),
            limit=("green", (THREE_DAYS_S, "red")),
        ),
        line_panel(
            Frame(
                "A card in a seat or a line",
                "How long a print takes, rest and ribbon included, and an answer of the centre (P50).",
                unit="s",
                size=(8, 8),
            ),
            Query(queries.quantile(0.5, "lembur_stage_duration_seconds", "station"), "{{station}}"),
        ),
        line_panel(
            Frame(
                "The card that waits longest",
                "How long ago the card was recorded that waits longest, by queue.",
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
                "Seats that stood still, by cause",
                "Printers that could have printed and did not, on average over the hour: the largest cause is "
                "what to mend first. Closed: no operator; seats can be opened (lembur seats).",
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
                "Of the time of open seats, the share in which they worked, over a quarter of an hour.",
                unit="percentunit",
                size=(12, 8),
            ),
            Query("station:lembur_seat_utilisation:ratio_rate15m", "{{station}}"),
        ),
        line_panel(
            Frame(
                "Spoiled and done again",
                "Blanks spoiled an hour by reason, and cards that had to be done again. One station far above "
                "2 in 100: have its printer looked at.",
                unit="locale",
                size=(12, 8),
            ),
            Query(queries.per_hour("lembur_spoiled_blanks_total", "reason"), "spoiled: {{reason}}"),
            Query(queries.per_hour("lembur_retries_total", "stage", "reason"), "again: {{stage}}, {{reason}}"),
        ),
    ]


def _centre() -> list[AnyPanel]:
    return [
        timeline_panel(
            Frame(
                "Circuit to the centre",
                "Closed: records are sent. Open: the centre failed, nothing is sent. Half open: one record probes it.",
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
                "How long the centre takes for a record (P50, P90), over the last hour.",
                unit="s",
                size=(8, 7),
            ),
            *(
                Query(queries.quantile(share, "lembur_centre_response_seconds"), f"P{share * 100:.0f}")
                for share in (0.5, 0.9)
            ),
        ),
        line_panel(
            Frame(
                "Verdicts an hour, and what waits for one",
                "What the centre answered, and the cards that wait for it or are there.",
                unit="locale",
                size=(8, 7),
            ),
            Query(queries.per_hour("lembur_centre_verdicts_total", "verdict"), "{{verdict}}"),
            Query("max(lembur_centre_waiting_cards)", "wait for the centre"),
        ),
    ]
