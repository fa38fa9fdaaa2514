"""Indonesian and English: one catalogue, and the formats of Indonesia."""

from web.language.catalogue import LANGUAGES, Words, words_of
from web.language.formats import Formats

__all__ = ["LANGUAGES", "Formats", "Words", "words_of"]
