"""Options that several commands share: the person who acts, the reason, and the minutes behind it."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def _read_line(param: typer.CallbackParam, text: str) -> str:
    from console.text import read_line

    return read_line(text, option=param.opts[0])


def line_option(name: str, help: str) -> Any:  # noqa: A002, ANN401 - Typer's own word, and what Typer takes
    """Make a required option for one line of text that is kept in the log."""
    return typer.Option(name, help=help, callback=_read_line)


ByOption = Annotated[str, line_option("--by", "Your name; kept in the log.")]
ReasonOption = Annotated[str, line_option("--reason", "Why; kept in the log.")]
MinutesOption = Annotated[str, line_option("--minutes", "Number of the minutes (berita acara) behind it.")]
