"""An answer in JSON holds each moment for people too, and no number that means never."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.context import print_json
from lembur.domain.time import NEVER_MS


def answer(value: object, capsys: pytest.CaptureFixture[str]) -> Any:
    """Print an answer and read it again."""
    print_json(value)
    return json.loads(capsys.readouterr().out)


def test_a_moment_stands_beside_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    """In UTC, however deep; a duration has no such text."""
    found = answer({"cards": [{"due_ms": 1_472_120_400_000, "waited_ms": 90_000}]}, capsys)

    assert found == {"cards": [{"due": "2016-08-25T10:20:00Z", "due_ms": 1_472_120_400_000, "waited_ms": 90_000}]}


@pytest.mark.parametrize("never", [NEVER_MS, None])
def test_never_is_null(never: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    """A program must not compare with a magic number."""
    assert answer({"clear_ms": never}, capsys) == {"clear": None, "clear_ms": None}
    assert answer({"clear_ms": [1_472_120_400_000, never]}, capsys) == {
        "clear": ["2016-08-25T10:20:00Z", None],
        "clear_ms": [1_472_120_400_000, None],
    }


def test_no_answer_holds_a_number_that_json_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    """Infinity and nan are null."""
    assert answer({"runway_s": float("inf"), "share": float("nan")}, capsys) == {"runway_s": None, "share": None}
