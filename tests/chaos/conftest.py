"""What every trial under faults needs."""

from __future__ import annotations

import pytest

from support.programs import program


@pytest.fixture(scope="session", autouse=True)
def _strace() -> None:
    """Without strace nobody knows which bytes a power cut takes."""
    program("strace")
