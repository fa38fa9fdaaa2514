"""What the pages tell people to type can be typed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from support.dashboards import BOARDS
from support.prometheus import read
from support.runs import lembur

pytestmark = pytest.mark.monitoring

DOCS = Path(__file__).parents[2] / "docs"
RUNBOOK = DOCS.parent / "monitoring" / "runbook.md"
PAGES = {path.name: path.read_text("utf-8") for path in (RUNBOOK, DOCS / "monitoring.md")}
TYPED = re.compile(r"`lembur ([^`]+)`")


@cache
def helped(*words: str) -> str:
    """What `--help` of a command says, or nothing when there is no such command."""
    asked = lembur(Path.cwd(), *words, "--help")
    if asked.returncode:
        return ""
    # A group that may be called without a subcommand names the one that runs then.
    default = re.search(r"'lembur (\w+) \.\.\.' is\s+'lembur \1\s+(\w+)", asked.stdout)
    return asked.stdout + (helped(*words, default[2]) if default and len(words) == 1 else "")


def refused(typed: str) -> str:
    """Say what of a command line there is not, or nothing."""
    words = re.match(r"[a-z-]+(?: [A-Za-z]+)?", typed)
    assert words, typed
    found = helped(*words[0].split())
    return " ".join(option for option in re.findall(r"--[\w-]+", typed) if option not in found) if found else words[0]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_is_one_with_its_options(page: str) -> None:
    """In the middle of the night nobody finds out that a command of the runbook has another name."""
    typed = TYPED.findall(PAGES[page])

    assert len(typed) > 5
    assert {line: refused(line) for line in typed if refused(line)} == {}


def test_every_service_of_the_runbook_is_one_of_compose() -> None:
    """What is to be started again with Docker has the name it has there."""
    named = set(re.findall(r"docker compose (?:up -d|exec) (\w+)", PAGES["runbook.md"]))

    assert len(named) > 2
    assert named <= read(DOCS.parent / "docker-compose.yml")["services"].keys()


def test_every_command_of_a_dashboard_is_one() -> None:
    """What a panel says to do names commands that there are."""
    named = {
        word for board in BOARDS.values() for word in re.findall(r"\blembur ((?:[a-z]+)(?: --[a-z-]+)*)", str(board))
    }

    assert len(named) > 5
    assert {line: refused(line) for line in named if refused(line)} == {}


def test_the_wall_is_explained_panel_by_panel() -> None:
    """docs/monitoring.md has a row for every panel of the Wall that is more than a list."""
    explained = set(re.findall(r"^\| ([A-Z][^|]+) \|", PAGES["monitoring.md"], re.MULTILINE))
    shown = {panel["title"] for panel in BOARDS["lembur-wall"]["panels"]} - {"What fires"}

    assert shown == explained
