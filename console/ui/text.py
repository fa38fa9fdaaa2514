"""Write numbers and nouns for people."""

from __future__ import annotations


def count(number: float) -> str:
    """Write a number with its thousands apart; hours get one decimal."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun: '1 card', '2,000 cards'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
