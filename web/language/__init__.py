"""Indonesian and English: one catalogue, and the formats of Indonesia."""

from web.language.catalogue import LANGUAGES, Words, match_language, words_of
from web.language.formats import Formats, read_field

__all__ = ["LANGUAGES", "Formats", "Words", "match_language", "read_field", "words_of"]
