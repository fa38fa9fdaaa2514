"""Replays a question card by card."""
