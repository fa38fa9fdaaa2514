"""Writes the parts of docs/ that are generated from the code; a test compares them. Run by `make pages`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from console.cli import app
from lembur.domain.card import MOVES, SHELVES, Status
from lembur.settings import PREFIX, Settings
from monitoring.metrics import METRICS

DOCS = Path(__file__).parents[1] / "docs"
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
COMMAND = get_command(app)
WIDTH = 100
FENCE = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)


def state_diagram() -> str:
    """Draw every legal move as a mermaid diagram; shelves, where a card waits for a person, are marked."""
    moves = [f"    {status} --> {after}" for status in Status for after in Status if after in MOVES[status]]
    shelves = ",".join(status for status in Status if status in SHELVES)
    begin = ["stateDiagram-v2", f"    [*] --> {Status.BIO_CAPTURED}", f"    [*] --> {Status.PRINT_READY_RECORD}"]
    return "\n".join([*begin, *moves, "    classDef shelf stroke-dasharray: 4", f"    class {shelves} shelf\n"])


def states_page(page: str) -> str:
    """Return docs/states.md with its diagram renewed."""
    return FENCE.sub(lambda _: state_diagram(), page)


def settings_table() -> str:
    """Write a row for every setting: its variable, its rule, its default and its meaning."""
    rows = ["| variable | value | default | meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        extra: Any = field.json_schema_extra
        default = f"`{field.default}`" if field.default not in {None, "", ()} else ""
        rows.append(f"| `{PREFIX}{name.upper()}` | {extra['rule']} | {default} | {field.description} |")
    return "\n".join([*rows, ""])


def settings_page(page: str) -> str:
    """Return docs/settings.md with its table renewed."""
    return TABLE.sub(lambda _: settings_table(), page)


def metrics_table() -> str:
    """Write a row for every metric: its name, its kind, its labels and its meaning."""
    rows = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for row in METRICS:
        labels = ", ".join(f"`{label}`" for label in row.labels)
        rows.append(f"| `{row.name}` | {row.kind} | {labels} | {row.meaning} |")
    return "\n".join([*rows, ""])


def metrics_page(page: str) -> str:
    """Return docs/metrics.md with its table renewed."""
    return TABLE.sub(lambda _: metrics_table(), page)


def command_help(command: Any, words: str) -> list[str]:  # noqa: ANN401 - Typer's own classes are private
    """Write the help of a command, and that of its subcommands."""
    context = command.make_context(words, [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
    lines = ["```", command.get_help(context), "```", ""]
    for name, member in getattr(command, "commands", {}).items():
        lines += [f"##{'#' * words.count(' ')} {words} {name}", "", *command_help(member, f"{words} {name}")]
    return lines


def commands_page(_: str) -> str:
    """Return docs/commands.md: the help of every command."""
    return "\n".join(
        ["# Commands", "", "The help of every command, generated from it.", "", *command_help(COMMAND, "lembur")]
    )


PAGES = {
    DOCS / "states.md": states_page,
    DOCS / "settings.md": settings_page,
    DOCS / "commands.md": commands_page,
    DOCS / "metrics.md": metrics_page,
}
"""Each generated page, and how it is renewed from its present text."""


def main() -> None:
    """Renew all of them."""
    for path, renew in PAGES.items():
        path.write_text(renew(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
