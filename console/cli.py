"""The command `lembur`."""

from __future__ import annotations

import os
import sys
from errno import EDQUOT, ENOSPC
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer.core import TyperGroup

from console.commands import COMMANDS, register
from console.text import echo, visible
from lembur.domain.errors import LemburError, ScenarioError

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

FULL: Final = (ENOSPC, EDQUOT)
"""Faults of a disk without room, or without room for this account."""
LONGEST: Final = 1_000
"""Letters of a summary that are shown: all of them."""


class GroupedHelp(TyperGroup):
    """Lists the commands in groups, in plain text that every terminal can show."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write one section a group; Typer's own list cuts long summaries."""
        width = max(map(len, self.list_commands(ctx)))
        for title, names in COMMANDS.items():
            with formatter.section(title):
                rows = [(name.ljust(width), self.commands[name].get_short_help_str(LONGEST)) for name in names]
                formatter.write_dl(rows)


app = typer.Typer(
    name="lembur",
    cls=GroupedHelp,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
register(app)


def _print_version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        echo(f"lembur {version('lembur')}")
        raise typer.Exit


@app.callback()
def lembur(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Overtime for identity-card print queues: run the queue, watch it, steer it."""


def run() -> None:
    """Run the command. A user's mistake is one sentence and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # Some terminals have only ASCII.
    try:
        _run_and_flush()
    except ScenarioError as fault:
        sys.stderr.write(f"lembur: {visible(fault.source)} cannot be played:\n")
        sys.stderr.writelines(f"  {visible(one)}\n" for one in fault.faults)
        sys.exit(1)
    except LemburError as fault:
        sys.stderr.write(f"lembur: {visible(str(fault))}\n")
        sys.exit(1)
    except BrokenPipeError:  # as before `| head`
        _drop_output()
        sys.exit(0)
    except OSError as fault:
        if fault.filename is None and fault.errno not in FULL:
            raise
        _drop_output()
        file = visible(str(fault.filename or "a file or the output"))
        sys.stderr.write(f"lembur: {file} cannot be used: {_reason_of(fault)}\n")
        sys.exit(1)


def _run_and_flush() -> None:
    """Run the command. A fault of its last lines of output belongs to it, and not to the end of the interpreter."""
    try:
        app()
    finally:
        sys.stdout.flush()


def _drop_output() -> None:
    """Send what is not written yet nowhere, because the interpreter would fail with it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reason_of(fault: OSError) -> str:
    if isinstance(fault, PermissionError):
        return "it is closed to this account; act as its owner, or name another folder"
    if fault.errno in FULL:
        return "its disk is full; make room, and repeat the command"
    return str(fault.strerror)
