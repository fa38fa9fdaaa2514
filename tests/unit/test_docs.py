"""What the documents say is there: reasons for dependencies, and the files that links point to."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGES = [page for page in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")] if page.is_file()]
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAME = re.compile(r"[A-Za-z0-9._-]+")


def dependencies() -> set[str]:
    """The names of all packages in pyproject.toml, to run and to check."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return {found.group() for line in asked if (found := NAME.match(line))}


def test_each_dependency_has_its_reason() -> None:
    """A package is there for a reason, which is written down; and no reason outlives its package."""
    page = (PROJECT / "docs" / "decisions" / "0005-dependencies.md").read_text()

    assert set(re.findall(r"^- `([^`]+)`: \S", page, re.MULTILINE)) == dependencies()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_point_to_files(page: Path) -> None:
    """A link to a file of the project finds it."""
    inside = [link.partition("#")[0] for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in inside if link and not link.startswith("mailto:") and not (page.parent / link).exists()]

    assert not missing


def test_decisions_are_numbered_without_gaps() -> None:
    """Each decision has a number of its own, and none was lost."""
    numbers = sorted(int(page.name[:4]) for page in (PROJECT / "docs" / "decisions").glob("[0-9]*.md"))

    assert numbers == list(range(1, len(numbers) + 1))
