"""The choice of overtime: search, pay, sensitivity, what-if. The door of this room."""

from planner.decision.plan import Plan, Row, make_plan, most_hours
from planner.decision.what_if import apply_what_if

__all__ = ["Plan", "Row", "apply_what_if", "make_plan", "most_hours"]
