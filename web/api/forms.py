"""The forms of text in a request, each with the sentence about it: a pattern is for programs, not for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lembur.domain.errors import Sentence
from web.answers import CURSOR

if TYPE_CHECKING:
    from collections.abc import Mapping

CARD: Final = r"^[0-9]{8}$"
DAY: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
KELURAHAN: Final = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"
LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
NIK: Final = r"^[0-9]{16}$"

RULES: Final[Mapping[str, Sentence]] = {
    CARD: Sentence("must be the number of a card, 8 digits"),
    CURSOR: Sentence("must be the `next` of the page before"),
    DAY: Sentence("must be a day like 2016-08-25"),
    KELURAHAN: Sentence("must be like 33.72.04.1001"),
    LINE: Sentence("must be one line of text, and not empty"),
    NIK: Sentence("must be a NIK, 16 digits"),
}
