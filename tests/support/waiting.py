"""Waiting for what other processes do: a condition is looked at until it holds or its time is up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = TypeVar("Seen")

LOOK_AGAIN_S = 0.01
PATIENCE_S = 300.0
"""Longer than anything takes that a test waits for, on a slow machine that others use too."""


def eventually(condition: Callable[[], Seen], deadline_s: float = PATIENCE_S) -> Seen:
    """Return the answer of `condition` as soon as it is true. After the deadline fail with its last answer.

    A condition that raises does not hold yet: what it reads may begin, change or vanish meanwhile. After the deadline
    its last fault is raised.
    """
    deadline = time.monotonic() + deadline_s
    while True:
        over = time.monotonic() >= deadline
        try:
            seen = condition()
        except Exception:
            if over:
                raise
        else:
            if seen:
                return seen
            if over:
                pytest.fail(f"still {seen!r} after {deadline_s:g} s")
        time.sleep(LOOK_AGAIN_S)
