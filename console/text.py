"""Write numbers, nouns, and text that people typed: it is shown as typed, and never obeyed."""

from __future__ import annotations

import sys
import unicodedata
from typing import Final

import typer

from lembur.domain.errors import SettingsError

LONGEST_LINE: Final = 200
"""Letters of a reason or a name; a longer one hides the rest of a table."""


def count(number: float) -> str:
    """Write a number with its thousands apart; hours get one decimal."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun: '1 card', '2,000 cards'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def visible(text: str) -> str:
    r"""Return text as it was typed; a character that a terminal would obey is written as its escape: '\x1b'."""
    return "".join(one if _is_visible(one) else one.encode("unicode_escape").decode() for one in text)


def _is_visible(one: str) -> bool:
    return one.isprintable() or unicodedata.category(one) == "Zs"  # spaces of any width


def echo(text: str = "", *, err: bool = False) -> None:
    """Print lines in which people's text may stand."""
    # Named, because Typer's own streams write UTF-8 also where the terminal knows none.
    typer.echo("\n".join(map(visible, text.split("\n"))), file=sys.stderr if err else sys.stdout)


def read_line(text: str, *, option: str) -> str:
    """Check a line that a person typed for the log: it is not empty, short, and free of control characters."""
    line = text.strip()
    if not line:
        raise SettingsError(f"{option} is empty: it is kept in the log")
    if visible(line) != line:
        raise SettingsError(f"{option} must be one line without control characters, not '{visible(line)}'")
    if len(line) > LONGEST_LINE:
        raise SettingsError(f"{option} has {len(line):,} characters: write at most {LONGEST_LINE}")
    return line
