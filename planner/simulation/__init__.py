"""Replays a problem card by card."""
