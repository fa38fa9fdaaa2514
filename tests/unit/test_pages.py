"""Pages that are generated from the code are up to date."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

import pytest

PAGES = run_path(str(Path(__file__).parents[2] / "scripts" / "pages.py"))["PAGES"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_up_to_date(path: Path) -> None:
    """`make pages` would change nothing."""
    present = path.read_text("utf-8")

    assert PAGES[path](present) == present, "run `make pages`"
