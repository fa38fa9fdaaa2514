"""Text that a person typed: checked before it is kept, and shown as typed."""

from __future__ import annotations

import unicodedata
from typing import Final

from lembur.domain.errors import SettingsError

LONGEST_LINE: Final = 200
"""Letters of a reason or a name; a longer one hides the rest of a table."""


def visible(text: str) -> str:
    r"""Return text as it was typed; a character that a terminal would obey is written as its escape: '\x1b'."""
    return "".join(one if _is_visible(one) else one.encode("unicode_escape").decode() for one in text)


def _is_visible(one: str) -> bool:
    return one.isprintable() or unicodedata.category(one) == "Zs"  # spaces of any width


def read_line(text: str, *, option: str) -> str:
    """Check a line that a person typed for the log: it is not empty, short, and free of control characters."""
    line = text.strip()
    if not line:
        raise SettingsError("%(option)s is empty: it is kept in the log", option=option)
    if visible(line) != line:
        raise SettingsError(
            "%(option)s must be one line without control characters, not '%(text)s'", option=option, text=visible(line)
        )
    if len(line) > LONGEST_LINE:
        raise SettingsError(
            "%(option)s has %(number)s characters: write at most %(most)s",
            option=option,
            number=len(line),
            most=LONGEST_LINE,
        )
    return line


def fold_number(text: str) -> str:
    """Return the number of minutes or of a letter in one form: capitals and spaces make no other number."""
    return " ".join(text.casefold().split())
