"""Chooses the overtime: search, plan, pay, sensitivity."""
