"""A plan as text, as JSON, as a chart, as a file that can be ordered, and as a letter; the visits likewise."""

from console.plan.apply import apply_plan, find_live_plan, plan_to_save
from console.plan.letter import OLDER_OFFICE, OvertimeLetter, find_letter, write_letter
from console.plan.live import LiveProblem, read_live_problem
from console.plan.plot import save_plot
from console.plan.saved import PlanPromise, SavedPlan, load_applied, load_plan, save_applied, save_plan
from console.plan.text import count_people, describe_answer, print_plan, to_json
from console.plan.visits import describe_visits, print_visits, visits_to_json

__all__ = [
    "OLDER_OFFICE",
    "LiveProblem",
    "OvertimeLetter",
    "PlanPromise",
    "SavedPlan",
    "apply_plan",
    "count_people",
    "describe_answer",
    "describe_visits",
    "find_letter",
    "find_live_plan",
    "load_applied",
    "load_plan",
    "plan_to_save",
    "print_plan",
    "print_visits",
    "read_live_problem",
    "save_applied",
    "save_plan",
    "save_plot",
    "to_json",
    "visits_to_json",
    "write_letter",
]
