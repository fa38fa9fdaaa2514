"""The terminal: every table and line that rich draws goes through here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console

from console.text import visible

if TYPE_CHECKING:
    from rich.text import Text


class Terminal(Console):
    """A console that shows text as it was typed. Brackets, colons and control characters have no effect."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Show each line of a string as typed: rich would read markup in it, and a terminal control characters."""
        lines = "\n".join(map(visible, text.split("\n")))
        return super().render_str(lines, **options | {"markup": False, "emoji": False, "highlight": False})


def open_terminal(*, stderr: bool = False, width: int | None = None) -> Terminal:
    """Open the standard output, or the standard error, for tables."""
    return Terminal(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)
