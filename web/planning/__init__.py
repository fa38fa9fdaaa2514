"""The planner's questions, asked in a process of its own, so that the pages stay live."""

from web.planning.asking import ask_planner, forecast_one_card
from web.planning.questions import CardPromise

__all__ = ["CardPromise", "ask_planner", "forecast_one_card"]
