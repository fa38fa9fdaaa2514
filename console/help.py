"""The help of `lembur`: its commands in groups, each with its whole summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter


LONGEST: Final = 1_000
"""Letters of a summary that are shown: all of them."""


class GroupedHelp(TyperGroup):
    """Lists the commands in groups, in plain text that every terminal can show."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write one section a group; Typer's own list cuts long summaries."""
        from console.commands import COMMANDS

        width = max(map(len, self.list_commands(ctx)))
        for title, names in COMMANDS.items():
            with formatter.section(title):
                rows = [(name.ljust(width), self.commands[name].get_short_help_str(LONGEST)) for name in names]
                formatter.write_dl(rows)
