"""The choice of overtime: search, pay, sensitivity, what-if. The door of this room."""

from planner.decision.cost import price_orders
from planner.decision.explorer import Explorer
from planner.decision.plan import Option, Plan, make_plan
from planner.decision.what_if import apply_what_if

__all__ = ["Explorer", "Option", "Plan", "apply_what_if", "make_plan", "price_orders"]
