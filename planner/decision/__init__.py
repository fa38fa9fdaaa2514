"""Chooses the roster: search, plan, pay, sensitivity."""
