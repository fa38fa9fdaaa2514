"""The world that a scenario and a seed lead to: draws, arrivals, faults, seats and rates."""
