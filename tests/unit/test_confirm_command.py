"""`lembur confirm` takes one finding."""

from __future__ import annotations

import pytest

from console.commands.cards import confirm
from lembur.domain.errors import CardError


@pytest.mark.parametrize(
    ("printed", "not_printed", "spoiled"),
    [(False, False, False), (True, True, False), (True, False, True), (True, True, True)],
)
def test_contradictory_findings_are_refused(*, printed: bool, not_printed: bool, spoiled: bool) -> None:
    """A card was printed or it was not; the sentence names the options, before any server is asked."""
    with pytest.raises(CardError, match="name what you found: --printed, or --not-printed"):
        confirm("1", by="Bu Sri", printed=printed, not_printed=not_printed, spoiled=spoiled)
