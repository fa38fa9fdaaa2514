"""Write numbers, nouns, and text that people typed. Typed text is shown as typed, and never interpreted."""

from __future__ import annotations

import sys

import typer

from lembur.typed_text import read_line, visible

__all__ = ["count", "echo", "plural", "read_line", "visible"]


def count(number: float) -> str:
    """Write a number with commas between thousands; hours get one decimal."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun: '1 card', '2,000 cards'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def echo(text: str = "", *, err: bool = False) -> None:
    """Print lines that may hold text of people."""
    # Named, because Typer's own streams write UTF-8 also to a terminal without it.
    typer.echo("\n".join(map(visible, text.split("\n"))), file=sys.stderr if err else sys.stdout)
