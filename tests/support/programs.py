"""Programs that tests start: those of the system, and `lembur` itself."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

LEMBUR = str(Path(sys.executable).with_name("lembur"))
"""The command as it is installed beside this interpreter."""


def program(name: str) -> str:
    """Find a program of the system: without it the test is skipped on a laptop and fails in CI."""
    found = shutil.which(name)
    if found is None:
        skip_outside_ci(f"{name} is not installed")
    return str(found)


def skip_outside_ci(reason: str) -> None:
    """Skip the test with a reason; in CI, which must run every test, fail."""
    if "CI" in os.environ:
        pytest.fail(f"{reason}, and CI must test it: see .ci/run")
    pytest.skip(reason)


def free_port() -> int:
    """Find a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
