"""The command `lembur`."""

from __future__ import annotations

import sys

import typer

from console.commands import register
from console.help import GroupedHelp
from lembur.domain.errors import LemburError, ScenarioError

app = typer.Typer(
    name="lembur",
    cls=GroupedHelp,
    help="Overtime for identity-card print queues: run the queue, watch it, steer it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
register(app)


def main() -> None:
    """Run the command; a user's mistake is one sentence and exit code 1."""
    try:
        app()
    except ScenarioError as fault:
        sys.stderr.write(f"lembur: {fault.source} cannot be played:\n")
        sys.stderr.writelines(f"  {one}\n" for one in fault.faults)
        sys.exit(1)
    except LemburError as fault:
        sys.stderr.write(f"lembur: {fault}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
