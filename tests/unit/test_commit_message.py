"""The commit-msg hook keeps `git log --oneline` readable."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

HOOK = Path(__file__).parents[2] / "scripts" / "commit-msg"


def refusal(tmp_path: Path, message: str) -> str:
    """Return what the hook prints when it refuses a message; nothing when it accepts."""
    (tmp_path / "message").write_text(message)
    done = subprocess.run([HOOK, tmp_path / "message"], capture_output=True, text=True, check=False)
    assert bool(done.stderr) == bool(done.returncode)
    return done.stderr


@pytest.mark.parametrize("subject", ["planner: refuse an empty roster", "lembur/ledger: drop a key", "x: " + "y" * 69])
def test_a_short_subject_with_its_room_is_accepted(tmp_path: Path, subject: str) -> None:
    """72 characters, a room and a verb are enough; the body is free, and so are git's own comments."""
    assert not refusal(tmp_path, f"# a comment of git\n{subject}\n\n{'z' * 100}\n")


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("x: " + "y" * 70, "73 characters"),
        ("Refuse an empty roster", "room"),
        ("planner: Refuse", "room"),
        ("", "room"),
    ],
)
def test_another_subject_is_refused(tmp_path: Path, subject: str, reason: str) -> None:
    """A long subject, or one without its room, is refused with a sentence."""
    assert reason in refusal(tmp_path, f"{subject}\n\nbody\n")
