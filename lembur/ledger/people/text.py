"""A person's own words in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.errors import Sentence

if TYPE_CHECKING:
    from lembur.domain.errors import LemburError


def check_text(text: str, what: Sentence, fault: type[LemburError]) -> str:
    """Return a text without blanks around it, or refuse an empty one."""
    if not text.strip():
        raise fault.of(Sentence("give %(what)s: it is kept in the log and may not be empty", what=what))
    return text.strip()
