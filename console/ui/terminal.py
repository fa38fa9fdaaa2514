"""The terminal: every table and line that rich draws goes through here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console

from console.text import visible

if TYPE_CHECKING:
    from rich.text import Text


class Terminal(Console):
    """A console that shows text as it was typed: brackets, colons and control characters mean nothing to it."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Show each line of a string; rich would read markup and emoji in it, and a terminal its control characters."""
        lines = "\n".join(map(visible, text.split("\n")))
        return super().render_str(lines, **options | {"markup": False, "emoji": False, "highlight": False})


def open_terminal(*, stderr: bool = False, width: int | None = None) -> Terminal:
    """Open the standard output, or the standard error, for tables."""
    return Terminal(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)
