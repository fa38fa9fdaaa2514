"""Prometheus beside an office is a matter of what the machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.runtime import prometheus
from console.runtime.supervisor import Processes
from lembur.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_machine_without_prometheus_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what is missing and what to install, and the office goes on without it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    processes = Processes(tmp_path / "logs")

    told = prometheus.start_prometheus(
        processes,
        Settings(redis_url="redis://127.0.0.1", data=tmp_path),
        exporter="127.0.0.1:9273",
        web_console="http://127.0.0.1:8080",
    )

    assert told == "not here: install Prometheus (on Debian the package prometheus) to keep the figures and see alerts"
    assert processes.children == []
