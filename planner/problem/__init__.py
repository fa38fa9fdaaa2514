"""The planner's problem, made from a scenario or from a live office."""
