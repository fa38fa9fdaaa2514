"""A command with subcommands that may be called without naming its first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context


class DefaultGroup(TyperGroup):
    """Runs its first subcommand where none is named: `lembur seats jebres 2` is `lembur seats order jebres 2`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the name of the first subcommand in front, unless one is named or help is asked for."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)
