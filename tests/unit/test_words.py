"""The project's words: one meaning a name, and sentences that are understood at first reading."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = ("lembur", "producers", "workers", "planner", "monitoring", "console", "web", "scenarios")
PYTHON = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LUA = sorted((ROOT / "lembur").rglob("*.lua"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES.append(ROOT / "monitoring" / "runbook.md")

BANNED: Final = {
    r"\b(tell|tells|told|telling)\b": "name what the code does: return, list, show, report",
    r"\b(say|says|said|saying)\b": "name what the code does: return, show, state",
    r"\bso (many|much|long|often|far)\b(?! (as|that)\b)": "give the number a name",
    r"\bwhom\b": "repeat the noun",
    r"\bbefall\w*|\bbefell\b": "happens to",
    r"\bnobody is\b": "name what is missing",
    r"\bwho (is|are|has|have|was|were)\b": "begin with the person's role",
    r"\bof which\b": "begin a new sentence",
    r"\bis what\b": "use the noun",
}
"""Phrases that hide the subject of a sentence, each with what to write instead."""

OPENING: Final = re.compile(r"\s*(What|Who|Whose|Whom|How|Where|When|Whether|Whatever|Whoever)\b")
"""A docstring begins with a verb or a noun, not with a clause."""

PARTICIPLES: Final = re.compile(
    r"_?([a-z]+ed|drawn|told|shown|known|given|taken|kept|held|made|found|sent|begun|lost|gone|left|laid|meant|"
    r"written|woken|broken|chosen|heard|seen|built|spent|paid|together|ahead|apart|anew|again|lately|beside)"
)
NOUNS_IN_ED: Final = {"feed", "seed", "speed", "need", "embed"}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the prose of a file by line: docstrings, comments and strings of several words."""
    source = path.read_text("utf-8")
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            is_prose = token.type == tokenize.STRING and " " in token.string
            if token.type == tokenize.COMMENT or is_prose or token.type == getattr(tokenize, "FSTRING_MIDDLE", None):
                yield token.start[0], token.string
    elif path.suffix == ".lua":
        for number, line in enumerate(source.splitlines(), 1):
            if "--" in line:
                yield number, line.split("--", 1)[1]
    else:
        prose = re.sub(
            r"^```.*?^```|`[^`\n]*`", lambda code: "\n" * code[0].count("\n"), source, flags=re.MULTILINE | re.DOTALL
        )
        yield from enumerate(prose.splitlines(), 1)


def docstrings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of modules, classes, functions and constants."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                value = statement.value.value
                if isinstance(value, str):
                    yield statement.lineno, value


def faults_in(path: Path) -> list[str]:
    """List the banned phrases of a file, with what to write instead."""
    found = [
        f"{path.relative_to(ROOT)}:{start + text[: match.start()].count(chr(10))}: {match[0]!r}: {advice}"
        for start, text in texts(path)
        for phrase, advice in BANNED.items()
        for match in re.finditer(phrase, text, re.IGNORECASE)
    ]
    if path.suffix == ".py":
        found += [
            f"{path.relative_to(ROOT)}:{line}: a docstring begins with {match[1]!r}: begin with a verb or a noun"
            for line, text in docstrings(ast.parse(path.read_text("utf-8")))
            if (match := OPENING.match(text))
        ]
    return found


@pytest.mark.parametrize("path", [*PYTHON, *LUA, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_are_understood_at_first_reading(path: Path) -> None:
    """No docstring, comment, message, help text or page holds a phrase that must be read twice."""
    assert not faults_in(path)


def test_the_search_for_phrases_finds_one(tmp_path: Path) -> None:
    """A banned phrase is found in a docstring, a comment, a string and a page."""
    for text in ('"""Tell it."""', "# so many", 'x = "who is it"', '"""How it is."""'):
        (tmp_path / "one.py").write_text(text + "\n")
        path = tmp_path / "one.py"
        assert list(texts(path))
        assert any(re.search(p, t, re.IGNORECASE) for _, t in texts(path) for p in BANNED) or any(
            OPENING.match(t) for _, t in docstrings(ast.parse(text))
        )


def test_a_class_name_has_one_meaning() -> None:
    """No two classes of the product share a name."""
    names = Counter(
        node.name
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    )

    assert [name for name, count in names.items() if count > 1] == []


def test_functions_are_verbs_or_nouns() -> None:
    """No function is named by a bare participle or adverb; properties and fields may be."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and PARTICIPLES.fullmatch(node.name)
        and node.name.lstrip("_") not in NOUNS_IN_ED
        and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]

    assert found == []


def test_rules_and_planner_name_no_option() -> None:
    """Their sentences also appear on pages and in REST, which have no options: a command adds the name of its own."""
    folders = (ROOT / "planner", ROOT / "producers", ROOT / "lembur" / "domain")
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()}"
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        for line, text in texts(path)
        if re.search(r"(^|[\s'\"(])--[a-z]", text)
    ]

    assert found == []
