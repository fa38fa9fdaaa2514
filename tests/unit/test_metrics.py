"""The table of metrics and the samples of the exporter."""

from __future__ import annotations

from monitoring.metrics import METRICS
from monitoring.samples import SAMPLES


def test_every_metric_has_its_samples() -> None:
    """The metrics of samples.py, and the two of the scrape itself, are the table."""
    own = {"lembur_exporter_scrape_success", "lembur_exporter_scrape_duration_seconds"}

    assert set(SAMPLES) | own == {row.name for row in METRICS}
