"""Runs tests in a process of its own, so that each change meets fresh modules."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST_S: Final = 600
"""Longest run of the tests for one change; one that never ends counts as noticed."""
OPTIONS: Final = ("-q", "-x", "-p", "no:cacheprovider", "-n0", "--timeout=120")


def run_in_child(arguments: Sequence[str], prepare: Callable[[], None] = lambda: None) -> bool:
    """Run tests after a preparation, both in a forked process; True when a test fails."""
    child = os.fork()
    if not child:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        prepare()
        os._exit(int(pytest.main([*OPTIONS, *arguments])))
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _has_failed(os.waitstatus_to_exitcode(status))
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _has_failed(exit_code: int) -> bool:
    if exit_code in {pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.USAGE_ERROR}:
        sys.exit(f"the tests did not run (exit code {exit_code})")
    return exit_code != pytest.ExitCode.OK
