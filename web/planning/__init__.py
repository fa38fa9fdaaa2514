"""Questions that take long, asked in processes of their own, so that the pages stay live."""

from web.planning.asking import (
    FORM_S,
    PAGE_S,
    StillComputingError,
    answer_sliders,
    ask_owed_letters,
    ask_report,
    ask_report_file,
    ask_report_json,
    forecast_one_card,
    plan_visits,
    search_plan,
    start_planner,
)
from web.planning.chart import Chart, draw_chart
from web.planning.headline import describe_plan
from web.planning.questions import CardPromise, FoundPlan, PlanAnswer
from web.planning.reports import Period, ShownReport

__all__ = [
    "FORM_S",
    "PAGE_S",
    "CardPromise",
    "Chart",
    "FoundPlan",
    "Period",
    "PlanAnswer",
    "ShownReport",
    "StillComputingError",
    "answer_sliders",
    "ask_owed_letters",
    "ask_report",
    "ask_report_file",
    "ask_report_json",
    "describe_plan",
    "draw_chart",
    "forecast_one_card",
    "plan_visits",
    "search_plan",
    "start_planner",
]
