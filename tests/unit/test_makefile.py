"""`make` alone tells what can be done."""

from __future__ import annotations

import re
from pathlib import Path

MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text()


def test_every_target_is_listed() -> None:
    """Each target has its line of help, in the order in which they are declared."""
    declared = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)

    assert declared
    assert re.findall(r"^([a-z-]+):.* ## .+$", MAKEFILE, re.MULTILINE) == declared[1].split()
