"""Outcomes of a roster or of the office as it stands, and how good earlier forecasts were: the door of this room."""

from planner.outcomes.backlog import count_backlog
from planner.outcomes.calibration import scores
from planner.outcomes.card_eta import CardEta, eta_of_card
from planner.outcomes.completion import HORIZON_DAYS, SHOWN_WORLDS, Completion, near_ms, trace_completion
from planner.outcomes.forecast import ahead_ms, make_forecast, worlds_for

__all__ = [
    "HORIZON_DAYS",
    "SHOWN_WORLDS",
    "CardEta",
    "Completion",
    "ahead_ms",
    "count_backlog",
    "eta_of_card",
    "make_forecast",
    "near_ms",
    "scores",
    "trace_completion",
    "worlds_for",
]
