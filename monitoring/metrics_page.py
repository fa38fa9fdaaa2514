"""Write the table of metrics into docs/metrics.md: `python -m monitoring.metrics_page`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from monitoring.metrics import METRICS

PAGE: Final = Path(__file__).parents[1] / "docs" / "metrics.md"
MARK, END = "<!-- table -->\n", "<!-- end -->\n"


def render_table() -> str:
    """Render the table in Markdown."""
    rows = (
        f"| `{row.name}` | {row.kind} | {', '.join(f'`{label}`' for label in row.labels)} | {row.meaning} |"
        for row in METRICS
    )
    return "\n".join(("| metric | kind | labels | meaning |", "|---|---|---|---|", *rows, ""))


def render_page(page: str) -> str:
    """Replace the table between the marks of the page."""
    before, _, rest = page.partition(MARK)
    return f"{before}{MARK}{render_table()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text("utf-8")), "utf-8")
