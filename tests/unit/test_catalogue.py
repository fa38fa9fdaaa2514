"""The catalogue of the web console holds every sentence of its pages, with the same fields."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
FIELD = re.compile(r"%\((\w+)\)s")


def sentences() -> Iterator[str]:
    """Yield each sentence of the code and the templates; of a pair the singular."""
    for _, _, message, _, _ in extract_from_dir(str(files("web")), METHODS, OPTIONS, comment_tags=()):
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
