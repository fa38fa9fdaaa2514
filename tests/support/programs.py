"""Programs that tests start: those of the system, and `lembur` itself."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from console.runtime import Processes

LEMBUR = str(Path(sys.executable).with_name("lembur"))
"""The command as it is installed beside this interpreter."""
_ports = Processes(Path())


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
    """Reserve a port of this machine until the tests end: nothing else takes it before its server listens."""
    return _ports.reserve_port()
