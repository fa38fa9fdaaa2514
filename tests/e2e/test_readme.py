"""README.md is pasted into a shell: every command on it works, in the order given, in a fresh clone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import pytest

from console.runtime.embedded_server import valkey_binary
from support.programs import program, skip_outside_ci
from support.servers import Server
from support.waiting import eventually

if TYPE_CHECKING:
    from types import TracebackType

PROJECT: Final = Path(__file__).parents[2]
PAGE: Final = (PROJECT / "README.md").read_text("utf-8")
STAYS: Final = ("lembur up", "lembur worker")
"""These run until Ctrl-C, in a terminal of their own."""
DOCKER: Final = "With Docker"
"""Its commands are only read by the shell: there is no Docker here; tests/e2e/test_compose.py plays what they start."""


class Block(NamedTuple):
    """Commands that are pasted together, and the section they are from."""

    section: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The commands, one a line."""
        return self.text.strip().splitlines()


def blocks() -> list[Block]:
    """List the shell blocks of the page in order."""
    sections = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    return [
        Block(section, text)
        for section, body in zip(sections[1::2], sections[2::2], strict=True)
        for text in re.findall(r"^```sh\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
    ]


class Shell:
    """A shell with a stranger's environment, in which commands are pasted one after the other."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.answers: list[str] = []
        self._shell = subprocess.Popen(
            [program("bash"), "--noprofile", "--norc"],
            cwd=folder,
            env={"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the shell and all that stays up in it."""
        self.interrupt()
        self._shell.communicate("exit\n")

    def paste(self, command: str) -> int:
        """Run a command in the shell, and return its exit code."""
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f"{command}\necho pasted $?\n")
        self._shell.stdin.flush()
        self.answers = []
        for line in self._shell.stdout:
            if line.startswith("pasted "):
                return int(line.split()[1])
            self.answers.append(line)
        raise AssertionError("the shell ended")

    def leave_up(self, command: str) -> None:
        """Start what stays up, and wait until the office can be asked."""
        log = "stays.log"
        self.paste(f"{command.partition('#')[0]} > {log} 2>&1 &")
        eventually(lambda: self.paste("lembur doctor") == 0 or self.paste("kill -0 $!") != 0)
        assert self.paste("kill -0 $!") == 0, self.paste(f"cat {log}") or self.answers

    def interrupt(self) -> None:
        """Stop what stays up, as Ctrl-C does."""
        self.paste("kill -TERM $(jobs -p) 2> /dev/null; wait")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Clone the project as it is committed."""
    if not (PROJECT / ".git").exists():
        skip_outside_ci("this is no checkout, so it cannot be cloned")
    folder = tmp_path / "lembur"
    subprocess.run([program("git"), "clone", "--quiet", "--shared", PROJECT, folder], check=True)
    (tmp_path / "home").mkdir()
    return folder


@pytest.mark.timeout(3600)
def test_every_command_can_be_pasted(clone: Path, tmp_path: Path) -> None:
    """Each block runs in the order of the page; a stranger has nothing but a shell, Python, make and git."""
    (tmp_path / "server").mkdir()
    with (
        Server(valkey_binary(), tmp_path / "server") as server,
        Shell(clone, tmp_path / "home") as shell,
    ):
        for block in blocks():
            if block.section == DOCKER:
                continue
            for line in block.lines:
                command = line.replace("PASSWORD@HOST:6379", f"{server.password}@127.0.0.1:{server.port}")
                if command.startswith("lembur up"):
                    shell.interrupt()
                if command.startswith(STAYS):
                    shell.leave_up(command)
                else:
                    assert shell.paste(command) == 0, (command, shell.answers)
            if block.section == "Tonight's overtime" and len(block.lines) > 1:
                assert shell.paste("lembur orders") == 0
                assert "Bu Sri" in " ".join(" ".join(shell.answers).split()), shell.answers

        eventually(lambda: shell.paste("lembur seen print@dinas+1") == 0)
    for made in ("report/report.html", "my-report/report.json", "overtime.png"):
        assert (clone / made).exists(), made


@pytest.mark.parametrize("block", [block for block in blocks() if block.section == DOCKER])
def test_docker_blocks_are_read_by_the_shell(block: Block) -> None:
    """They are checked for their syntax, and for the services they name."""
    services = (PROJECT / "docker-compose.yml").read_text("utf-8")

    subprocess.run([program("bash"), "-n"], input=block.text, text=True, check=True)
    for service in re.findall(r"docker compose (?:exec|run --rm) (\w+)", block.text):
        assert re.search(rf"^  {service}:", services, re.MULTILINE), service


def test_the_page_is_whole() -> None:
    """It has the sections a stranger looks for, and pasting it leaves none of them out."""
    titles = [
        "Try it",
        "What you see",
        "Tonight's overtime",
        "Your own office",
        "Your own Redis",
        DOCKER,
        "How it works",
    ]

    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE) == titles
    assert {block.section for block in blocks()} == {*titles} - {"What you see", "How it works"}
    assert shutil.which("make")
