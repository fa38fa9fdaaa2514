"""The catalogue: English sentences in the code and the templates, Indonesian ones in `id.po`."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES: Final = {"id": "Bahasa Indonesia", "en": "English"}
"""The languages by code, each by its own name; the first one is used when the browser asks for another."""

Words = gettext.NullTranslations


@cache
def words_of(language: str) -> Words:
    """Return the sentences of a language; those of the code are English."""
    if language != "id":
        return gettext.NullTranslations()
    with (files("web.language") / "id.po").open("rb") as file:
        catalogue = read_po(file, locale="id", abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def match_language(wanted: str, *, usual: str) -> str:
    """Return the first of our languages in the header Accept-Language; the usual one where it has none."""
    codes = (one.strip()[:2].lower() for one in wanted.split(","))
    return next((code for code in codes if code in LANGUAGES), usual)
