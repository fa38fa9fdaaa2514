"""The catalogue of the web console holds every sentence that a page shows, with the same fields."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
FIELD = re.compile(r"%\((\w+)\)s")
ROOT = Path(__file__).parents[2]
ROOMS = (
    "lembur",
    "producers",
    "planner",
    "web",
    *(f"console/{one}" for one in ("forecast", "papers", "plan", "report")),
)
"""The folders whose sentences a page may show. Commands are English."""
OF_VALUES = {"ScenarioError", "OrderConflictError"}
"""Refusals that are made from values, and have their template inside."""


@cache
def parsed() -> dict[Path, ast.Module]:
    """Read the code of these folders."""
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


@cache
def sentence_classes() -> frozenset[str]:
    """Return the names of the classes that are made from a template: sentences, and every kind of refusal."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for tree in parsed().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"LemburError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found | {"Sentence"}) - OF_VALUES


def made_sentences() -> Iterator[tuple[str, ast.Call]]:
    """Yield each call that makes a sentence or a refusal, with its place."""
    for path, tree in parsed().items():
        for node in ast.walk(tree) if path.name != "errors.py" else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in sentence_classes():
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def templates(call: ast.Call) -> list[str]:
    """Return the template of a sentence, or those for one and for many."""
    return [str(one.value) for one in call.args if isinstance(one, ast.Constant)]


def sentences() -> Iterator[str]:
    """Yield each sentence of the code and the templates; of a pair the singular."""
    keywords = {**DEFAULT_KEYWORDS, **dict.fromkeys(sentence_classes())}
    for room in ROOMS:
        for _, _, message, _, _ in extract_from_dir(str(ROOT / room), METHODS, OPTIONS, keywords, comment_tags=()):
            yield message[0] if isinstance(message, tuple) else message


def catalogue() -> Catalog:
    """Read the Indonesian sentences."""
    with (files("web.language") / "id.po").open("rb") as file:
        return read_po(file, locale="id", abort_invalid=True)


def indonesian() -> dict[str, str]:
    """Return the Indonesian sentence of each English one."""
    found = {}
    for message in catalogue():
        one = message.id[0] if isinstance(message.id, list | tuple) else message.id
        text = message.string[0] if isinstance(message.string, list | tuple) else message.string
        found[str(one)] = str(text)
    return found


def test_every_sentence_has_its_indonesian() -> None:
    """No page shows an English sentence to a person who reads Indonesian."""
    known = indonesian()

    assert sorted({one for one in sentences() if not known.get(one)}) == []


def test_a_sentence_is_made_from_a_template() -> None:
    """A text that was put together before, by an f-string or by `+`, would stay English on an Indonesian page."""
    joined = [where for where, call in made_sentences() if not all(isinstance(one, ast.Constant) for one in call.args)]

    assert joined == []


def test_a_template_has_the_fields_that_it_is_given() -> None:
    """A missing value is a fault at the moment of the refusal, and a value without a field is never shown."""
    wrong = {
        where
        for where, call in made_sentences()
        for part in templates(call)
        if set(FIELD.findall(part)) != {one.arg for one in call.keywords}
    }

    assert wrong == set()


def test_every_template_is_found_for_the_catalogue() -> None:
    """Babel finds the sentences of every folder, wherever they stand in the code."""
    found = set(sentences())
    missing = [where for where, call in made_sentences() if not found.issuperset(templates(call)[:1])]

    assert missing == []


def test_the_module_of_the_pages_is_short() -> None:
    """A reader understands all code that runs in the browser in one sitting."""
    modules = [one for one in (files("web") / "static").iterdir() if one.name.endswith((".js", ".mjs"))]

    assert [len(one.read_text("utf-8").splitlines()) < 250 for one in modules] == [True]


def test_a_translation_has_the_fields_of_its_sentence() -> None:
    """A figure or a name of the English sentence stands in the Indonesian one too."""
    wrong = {
        one: text for one, text in indonesian().items() if one and set(FIELD.findall(one)) != set(FIELD.findall(text))
    }

    assert wrong == {}
