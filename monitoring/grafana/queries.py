"""Queries of several dashboards, in the office's time: its clock may run faster than real time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Variable:
    """A number that Grafana reads when a dashboard opens; other queries use it as `${name}`."""

    name: str
    expr: str
    meaning: str


OFFICES: Final = "label_values(lembur_virtual_time_seconds, office)"
"""The offices that a dashboard can show, one at a time: each has a clock of its own."""
_FIGURE: Final = re.compile(r"(?<![\w:])((?:\w+:)?lembur_\w+(?::\w+)*)(\{)?")


def of_office(expr: str) -> str:
    """Return a query about the office that the dashboard shows."""
    return _FIGURE.sub(lambda found: f'{found[1]}{{office="${{office}}"{"," if found[2] else "}"}', expr)


_SPEED: Final = "max(lembur_clock_speed)"


def _real_seconds(office_s: int, least: int, parts: int = 1) -> str:
    """Return the query for a duration of the office in real seconds. At full speed (0) both count alike."""
    return f"round(clamp({office_s} / {_SPEED}, {least}, {office_s}) / {parts}) or on () vector({office_s // parts})"


VARIABLES: Final = (
    Variable("hour", _real_seconds(3_600, 60), "an hour of the office, in real seconds; at least four scrapes"),
    Variable("ago", _real_seconds(14_400, 1), "four hours of the office, in real seconds"),
    Variable("day", _real_seconds(86_400, 600), "a day of the office, in real seconds; at least ten minutes"),
    Variable("look", _real_seconds(86_400, 600, 300), "step of the search through a day, in real seconds"),
)

NOW: Final = "max(lembur_virtual_time_seconds)"
"""The office's clock."""
PRINTED: Final = 'sum(lembur_cards_total{stage="printing",outcome="printed"})'
WAITING: Final = "sum(lembur_queue_cards)"
READY: Final = 'sum(lembur_queue_cards{stage="printing"})'
"""Cards ready and not yet printed: the subject of a backlog forecast."""
NO_HOURS_SUFFICE: Final = -1
REQUIRED_HOURS: Final = (
    f"max by (station) (lembur_overtime_required_hours) or max by (station) (lembur_clearing) * 0 + {NO_HOURS_SUFFICE}"
)
"""Overtime a day, in hours, after which no further card is late; `NO_HOURS_SUFFICE` where no overtime helps."""
ELAPSED: Final = "scalar(max(delta(lembur_virtual_time_seconds[${hour}s])))"
"""Seconds that passed on the office's clock during `${hour}`: more than 3,600 when the clock jumps over a night."""

CLOSED: Final = 2
CENTRE_IS_AWAY: Final = 7
CAUSES: Final = {
    1: ("no_work", "nothing to do", "#8e8e8e"),
    CLOSED: ("closed", "closed", "#4a4a4a"),
    3: ("rest", "rest", "blue"),
    4: ("fault", "printer broken", "orange"),
    5: ("ribbon", "no ribbon", "purple"),
    6: ("blanks", "no blanks", "red"),
    CENTRE_IS_AWAY: ("centre", "waits for the centre", "yellow"),
}
"""Causes for idle seats: number in a state timeline -> label of the metric, text, colour."""
SEATS_ARE_THE_LIMIT: Final = 0
"""State of a station with all open seats at work: only more seats would print more."""
NAMED_SHARE: Final = 0.2
"""Least share of a station's open seats for a cause to be named. Rest and ribbon alone take 0.025."""


def per_hour(counter: str, *by: str) -> str:
    """Return the query for the growth of a counter in an hour of the office."""
    return f"sum by ({', '.join(by)}) (increase({counter}[${{hour}}s])) * 3600 / {ELAPSED}"


def average_seats(counter: str, *by: str) -> str:
    """Return the query for the average number of seats behind a counter of seat-seconds, over an hour of the office."""
    return f"sum by ({', '.join(by)}) (increase({counter}[${{hour}}s])) / {ELAPSED}"


def quantile(share: float, histogram: str, *by: str) -> str:
    """Return the query for a quantile of a histogram, over an hour of the office."""
    return f"histogram_quantile({share}, sum by ({', '.join((*by, 'le'))}) (rate({histogram}_bucket[${{hour}}s])))"


def earlier_forecast(share: float) -> str:
    """Return the query for the backlog of now as forecast four hours ago."""
    labels = f'station="all",horizon="4h",quantile="{share}"'
    return f"max(lembur_forecast_backlog_cards{{{labels}}} offset ${{ago}}s)"


def printed_today() -> str:
    """Return the query for cards printed since the office's midnight, also when the clock jumps over nights."""
    same_day = f"{PRINTED} and on () ({_office_day()} == on () {_office_day(' @ end()')})"
    return f"{PRINTED} - (min_over_time(({same_day})[${{day}}s:${{look}}s]) or {PRINTED})"


def planned_today() -> str:
    """Return the query for cards printed by now according to the forecast of four hours ago."""
    return f"({printed_today()}) + {READY} - {earlier_forecast(0.5)}"


def bottleneck() -> str:
    """Return the query for the number of the largest cause at each station, see `CAUSES`.

    If no cause takes `NAMED_SHARE` of the open seats, the seats themselves are the limit.
    """
    each = _lost_share('cause!="closed"', "station", "cause")
    floor = f"{NAMED_SHARE} * clamp_min(max by (station) (lembur_seats_open), 1)"
    worst = f"(max by (station) ({each}) > on (station) {floor})"
    named = " or ".join(
        f"({_lost_share(f'cause={label!r}', 'station')} == on (station) {worst}) * 0 + {number}"
        for number, (label, _, _) in CAUSES.items()
        if number != CLOSED
    )
    shift = "max by (station) (lembur_shift_open)"
    away = f'label_replace((min(lembur_centre_up) == 0) + {CENTRE_IS_AWAY}, "station", "centre", "", "")'
    state = f"{away} or ({shift} == 0) + {CLOSED} or ({named}) or {shift} * {SEATS_ARE_THE_LIMIT}"
    return f"{shift} * 0 + on (station) ({state})"  # keeps the usual order of stations


def _lost_share(which: str, *by: str) -> str:
    elapsed = "scalar(max(delta(lembur_virtual_time_seconds[$__rate_interval])))"
    return (
        f"sum by ({', '.join(by)}) (increase(lembur_lost_seat_seconds_total{{{which}}}[$__rate_interval])) / {elapsed}"
    )


def _office_day(at: str = "") -> str:
    """Return the query for the number of the office's day, from midnight in Jakarta (UTC+7)."""
    return f"floor((max(lembur_virtual_time_seconds{at}) + 25200) / 86400)"
