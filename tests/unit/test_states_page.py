"""The page of states agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path

from lembur.domain.card import MOVES, Status

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_page_lists_every_state_with_its_legal_moves() -> None:
    """Each row of docs/states.md is a state and the moves of MOVES, none missing, none invented."""
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    listed = {row[0].strip(" `"): set(re.findall(r"`(\w+)`", row[3])) for row in rows}

    assert listed == {status.value: {after.value for after in MOVES[status]} for status in Status}
