"""The help of every command: complete, true, in groups, and whole at 80 columns."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from console.cli import app
from console.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Any = get_command(app)


def commands(command: Any = ROOT, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """List every command with its words."""
    for name, member in getattr(command, "commands", {}).items():
        yield (*words, name), member
        yield from commands(member, (*words, name))


LISTED = list(commands())


def help_of(*words: str, columns: int = 80) -> str:
    """Show the help of a command on a terminal of some width."""
    found = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": str(columns)}, prog_name="lembur")
    assert found.exit_code == 0, found.output
    return found.output


def test_every_command_stands_in_one_group() -> None:
    """And the groups are those that the page of commands shows."""
    grouped = [name for names in COMMANDS.values() for name in names]

    assert sorted(grouped) == sorted(ROOT.commands)
    assert [title for title in COMMANDS if f"\n{title}:\n" in help_of()] == list(COMMANDS)


GROUPS = [((), ROOT), *((words, command) for words, command in LISTED if hasattr(command, "commands"))]


@pytest.mark.parametrize(("words", "group"), GROUPS, ids=[" ".join(words) for words, _ in GROUPS])
def test_summaries_are_whole_at_80_columns(words: tuple[str, ...], group: Any) -> None:
    """Each is one sentence on one line, and none is cut."""
    lines = help_of(*words).splitlines()

    for name, command in group.commands.items():
        summary = command.get_short_help_str(1000)
        assert any(re.fullmatch(rf"  {name} +{re.escape(summary)}", line) for line in lines), (name, summary)
        assert "..." not in summary


@pytest.mark.parametrize(("words", "command"), LISTED, ids=[" ".join(words) for words, _ in LISTED])
def test_every_option_is_explained(words: tuple[str, ...], command: Any) -> None:
    """Each option and argument has a help text; what is required is marked; brackets are not doubled."""
    shown = re.sub(r"\s+", " ", help_of(*words))

    assert command.help
    for parameter in command.params:
        assert parameter.help, parameter.name
        assert not parameter.required or "required]" in shown
    assert not re.search(r"\[\[|\]\]|\{\{|\}\}", shown)
    assert shown.isascii()


@pytest.mark.parametrize(
    ("words", "option", "default"),
    [
        (("run",), "--speed X", "by default the scenario's"),
        (("up",), "--speed X", "1 by default"),
        (("run",), "--data DIR", "a new folder in var/runs by default"),
        (("up",), "--data DIR", "var/up by default"),
        (("board",), "--data DIR", "that of the last run by default"),
        (("stock", "receive"), "--data DIR", "that of the last run by default"),
    ],
)
def test_an_option_names_its_own_default(words: tuple[str, ...], option: str, default: str) -> None:
    """The same option has another default at another command."""
    shown = re.sub(r"\s+", " ", help_of(*words))

    assert re.search(rf"{option} [^-]*{re.escape(default)}", shown)


def test_the_version_is_shown() -> None:
    """Without opening anything."""
    assert re.fullmatch(r"lembur \d+\.\d+\.\d+\n", CliRunner().invoke(app, ["--version"]).output)


@pytest.mark.parametrize(("typed", "completed"), [("lembur sto", {"stock"}), ("lembur stock re", {"receive"})])
def test_the_shell_completes_commands(typed: str, completed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As `lembur --install-completion` sets it up."""
    for name, value in {"_LEMBUR_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))

    assert set(CliRunner().invoke(app, [], prog_name="lembur").output.split()) == completed


def test_the_help_loads_nothing_heavy() -> None:
    """A command loads what it needs when it runs, so that help and completion come at once."""
    program = "import sys, console.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert {"typer", "console"} <= set(loaded)
    assert not {"celery", "fastapi", "numba", "numpy", "planner", "pydantic", "redis", "web", "workers"} & set(loaded)
