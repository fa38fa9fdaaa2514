"""The help of `lembur`: its commands in groups, each with its whole summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter


class GroupedHelp(TyperGroup):
    """Lists the commands by their `rich_help_panel`, in plain text that every terminal can show."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write one section a group; Typer's own list cuts long summaries."""
        commands: list[Any] = [self.commands[name] for name in self.list_commands(ctx)]
        width = max(len(command.name) for command in commands)
        for title in dict.fromkeys(command.rich_help_panel for command in commands):  # a group's own come last
            members = [command for command in commands if command.rich_help_panel == title]
            with formatter.section(title):
                rows = [(command.name.ljust(width), command.get_short_help_str(1000)) for command in members]
                formatter.write_dl(rows)
