"""The planner's questions, asked in a process of its own, so that the pages stay live."""

from web.planning.asking import (
    FORM_S,
    PAGE_S,
    StillComputingError,
    answer_sliders,
    forecast_one_card,
    search_plan,
    start_planner,
)
from web.planning.chart import Chart, draw_chart
from web.planning.questions import CardPromise, FoundPlan, PlanAnswer, PlanQuestion, PlanTerms

__all__ = [
    "FORM_S",
    "PAGE_S",
    "CardPromise",
    "Chart",
    "FoundPlan",
    "PlanAnswer",
    "PlanQuestion",
    "PlanTerms",
    "StillComputingError",
    "answer_sliders",
    "draw_chart",
    "forecast_one_card",
    "search_plan",
    "start_planner",
]
