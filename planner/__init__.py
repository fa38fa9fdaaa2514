"""The planner: the cheapest overtime that clears the queue by a deadline, and forecasts."""
