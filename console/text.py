"""Write numbers, nouns, and text that people typed. Typed text is shown as typed, and never interpreted.

All forms of a number in the terminal are here.
"""

from __future__ import annotations

import math
import sys
from numbers import Integral

import typer

from lembur.typed_text import read_line, visible

__all__ = ["brief_number", "chance", "count", "decimal", "echo", "plural", "read_line", "risk", "visible"]


def count(number: float) -> str:
    """Write a number with commas between thousands; one that is not whole, such as hours, gets one decimal."""
    return f"{number:,}" if isinstance(number, Integral) else decimal(number)


def decimal(number: float) -> str:
    """Write a number with commas between thousands and one decimal: '1,234.5'."""
    return f"{number:,.1f}"


def brief_number(number: float) -> str:
    """Write a number with four digits at most: '101', '17.5'."""
    return f"{number:,.4g}"


def chance(share: float) -> str:
    """Write the chance of success, rounded down: '94.9%' of 0.9496. What is below the chance asked for looks so too."""
    # Seven more digits are kept first: 0.57 times a thousand is a little less than 570.
    return f"{math.floor(round(1000 * share, 7)) / 10:.1f}%"


def risk(share: float) -> str:
    """Write the chance of a failure in whole percent, rounded up: '5%' of 0.0461. Only a certain one is 100%."""
    return f"{min(99, math.ceil(round(100 * share, 7))) if share < 1 else 100}%"


def plural(number: int, noun: str, many: str = "") -> str:
    """Write a count with its noun: '1 card', '2,000 cards', '2 people'."""
    return f"{count(number)} {noun if number == 1 else many or f'{noun}s'}"


def echo(text: str = "", *, err: bool = False) -> None:
    """Print lines that may hold text of people."""
    # Named, because Typer's own streams write UTF-8 also to a terminal without it.
    typer.echo("\n".join(map(visible, text.split("\n"))), file=sys.stderr if err else sys.stdout)
