"""The planner's questions, asked in a process of its own, so that the pages stay live."""

from web.planning.asking import ask_planner, forecast_one_card
from web.planning.chart import Chart, draw_chart
from web.planning.questions import (
    CardPromise,
    FoundPlan,
    PlanAnswer,
    PlanQuestion,
    PlanTerms,
    answer_question,
    find_plan,
)

__all__ = [
    "CardPromise",
    "Chart",
    "FoundPlan",
    "PlanAnswer",
    "PlanQuestion",
    "PlanTerms",
    "answer_question",
    "ask_planner",
    "draw_chart",
    "find_plan",
    "forecast_one_card",
]
