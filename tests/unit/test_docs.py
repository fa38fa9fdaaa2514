"""What is written beside the code agrees with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), PROJECT / "monitoring" / "runbook.md"])
LINK = re.compile(r"\]\(<?([^)>\s]+)|\b(?:href|src)=\"([^\"]+)\"")
CODE_PATH = re.compile(r"`((?:lembur|producers|workers|planner|monitoring|web|tests|scripts)/[a-z0-9_./-]+)`")
FENCE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def links(page: Path) -> set[str]:
    """The links of a page, those in its examples left out."""
    return {markdown or html for markdown, html in LINK.findall(FENCE.sub("", page.read_text("utf-8")))}


def headings(page: Path) -> set[str]:
    """What a link may name behind `#`: headings in small letters, spaces as hyphens, other signs gone."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_link_leads_somewhere(page: Path) -> None:
    """Every link within the project names a file that is there, and a heading that is in it."""
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        place, _, heading = unquote(link).partition("#")
        there = page.parent / place if place else page

        assert there.exists(), f"{link}: no such file"
        assert not heading or heading in headings(there), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_file_of_the_code_is_where_a_page_names_it(page: Path) -> None:
    """A page about the code names only files and folders that exist."""
    missing = [path for path in CODE_PATH.findall(page.read_text("utf-8")) if not (PROJECT / path).exists()]

    assert missing == []


def test_each_dependency_has_its_reason() -> None:
    """0005 has one line for each dependency and none for others."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = [re.match(r"[\w-]+", line).group() for line in wanted]  # type: ignore[union-attr]
    page = (PROJECT / "docs" / "decisions" / "0005-dependencies.md").read_text("utf-8")

    assert sorted(re.findall(r"^- `([\w-]+)`", page, re.MULTILINE)) == sorted(names)


def test_each_decision_says_context_choice_and_price() -> None:
    """Decisions are numbered without a gap, and none is without its price."""
    pages = sorted((PROJECT / "docs" / "decisions").glob("*.md"))

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE) == ["Context", "Choice", "Price"], page
