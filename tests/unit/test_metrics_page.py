"""The page of metrics holds the table of metrics.py."""

from __future__ import annotations

from monitoring.metrics import METRICS
from monitoring.metrics_page import PAGE, render_page
from monitoring.samples import SAMPLES


def test_the_page_holds_the_table() -> None:
    """`python -m monitoring.metrics_page` changes no byte."""
    page = PAGE.read_text("utf-8")

    assert render_page(page) == page


def test_every_row_is_shown() -> None:
    """What samples.py shows, and the two figures of the scrape itself, are the table."""
    own = {"lembur_exporter_scrape_success", "lembur_exporter_scrape_duration_seconds"}

    assert set(SAMPLES) | own == {row.name for row in METRICS}
