"""Waiting for what other processes do: a condition is looked at until it holds or its time is up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = TypeVar("Seen")

LOOK_AGAIN_S = 0.01


def eventually(condition: Callable[[], Seen], deadline_s: float = 60.0) -> Seen:
    """Answer what `condition` says as soon as it is true; after the deadline fail with what it said last.

    A condition that asserts may be given too: it holds when nothing is raised and the answer is not False.
    """
    deadline = time.monotonic() + deadline_s
    while True:
        over = time.monotonic() >= deadline
        try:
            seen = condition()
        except AssertionError:
            if over:
                raise
        else:
            if seen:
                return seen
            if over:
                pytest.fail(f"still {seen!r} after {deadline_s:g} s")
        time.sleep(LOOK_AGAIN_S)
