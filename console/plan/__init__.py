"""A plan as text, as JSON, as a chart, and as a file that can be ordered."""

from console.plan.plot import save_plot
from console.plan.saved import SavedPlan, load_plan, save_plan
from console.plan.text import describe_answer, print_plan, to_json

__all__ = ["SavedPlan", "describe_answer", "load_plan", "print_plan", "save_plan", "save_plot", "to_json"]
