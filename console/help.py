"""Groups of commands: the help of `lembur`, and commands whose first subcommand needs no name."""

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


class DefaultGroup(TyperGroup):
    """Runs its first subcommand where none is named: `lembur seats jebres 2` is `lembur seats order jebres 2`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the name of the first subcommand in front, unless one is named or help is asked for."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)
