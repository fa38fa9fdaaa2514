"""The planner's question, made from a scenario or from a live office."""
