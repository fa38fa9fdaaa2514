"""A plan as text, as JSON and as a chart."""

from console.plan.plot import save_plot
from console.plan.text import print_plan, to_json

__all__ = ["print_plan", "save_plot", "to_json"]
