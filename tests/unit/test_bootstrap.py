"""`scripts/uv` on machines that lack something: it goes on where it can, and says in a sentence what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NO_ENSUREPIP = 'case "$*" in *ensurepip*) exit 1;; esac'
"""A python3 as Debian ships it without python3-venv."""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the script, with a PATH that holds no more than `dirname` and what a test adds."""
    (tmp_path / "project" / "scripts").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    shutil.copy(PROJECT / "scripts" / "uv", tmp_path / "project" / "scripts")
    (tmp_path / "bin" / "dirname").symlink_to(str(shutil.which("dirname")))
    return tmp_path


def program(place: Path, does: str) -> None:
    """Put a program there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{does}\n")
    place.chmod(0o755)


def uv(machine: Path) -> subprocess.CompletedProcess[str]:
    """Run `scripts/uv sync` there."""
    return subprocess.run(
        ["/bin/sh", machine / "project" / "scripts" / "uv", "sync"],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_uv_of_the_machine_is_used(machine: Path) -> None:
    """Who has uv gets no second one."""
    program(machine / "bin" / "uv", 'echo "theirs: $*"')

    assert uv(machine).stdout == "theirs: sync\n"


def test_the_uv_of_the_project_is_used(machine: Path) -> None:
    """What was installed once is not installed again; a shim with nothing behind it counts as no uv."""
    program(machine / "bin" / "uv", "exit 127")
    program(machine / "project" / ".uv" / "bin" / "uv", 'echo "ours: $*"')

    assert uv(machine).stdout == "ours: sync\n"


def test_a_machine_without_python_is_told(machine: Path) -> None:
    """Nothing can be done without Python: say which."""
    found = uv(machine)

    assert (found.returncode, found.stderr) == (1, "lembur: python3 is not here: install Python 3.11 or newer\n")


def test_a_python_without_ensurepip_is_told(machine: Path) -> None:
    """Debian's bare python3 cannot make environments: name the package that mends it."""
    program(machine / "bin" / "python3", NO_ENSUREPIP)

    found = uv(machine)

    assert found.returncode == 1
    assert "python3-venv" in found.stderr
    assert found.stderr.count("\n") == 1


def test_an_index_out_of_reach_is_told(machine: Path) -> None:
    """Without a network the first installation fails with a sentence of ours after pip's own words."""
    program(machine / "bin" / "python3", "exit 0")
    program(machine / "project" / ".uv" / "bin" / "python", "exit 1")

    found = uv(machine)

    assert found.returncode == 1
    assert found.stderr.endswith("is a package index within reach?\n")
