"""What every trial under faults needs."""

from __future__ import annotations

import os

import pytest

from chaos.machine import TRACER


@pytest.fixture(scope="session", autouse=True)
def _strace() -> None:
    """Without strace nobody knows which bytes a power cut takes."""
    if TRACER is None:
        if "CI" in os.environ:
            pytest.fail("strace is not installed, and CI needs it: see .ci/run")
        pytest.skip("strace is not installed")
