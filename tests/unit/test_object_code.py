"""Object code of the kernels: compiled once, kept where only this user can write, and loaded without the compiler."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from planner.simulation.object_code import _files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PROGRAM = """
import sys
from planner.simulation.object_code import load_kernel
load_kernel("assignment_kernel")
print("compiled" if "numba" in sys.modules else "loaded")
"""


def load_in_new_process(bytecode: Path, temporary: Path) -> str:
    """Load a kernel in a new process, which keeps its files in these folders. Return what it had to do."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode), "TMPDIR": str(temporary)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    return ended.stdout.strip()


def test_the_first_process_compiles_and_the_next_loads(tmp_path: Path) -> None:
    """The second process finds the object code beside the bytecode, and never imports numba."""
    assert load_in_new_process(tmp_path / "bytecode", tmp_path) == "compiled"
    assert load_in_new_process(tmp_path / "bytecode", tmp_path) == "loaded"
    assert not list(tmp_path.glob("lembur-*/*.o"))


def test_where_bytecode_cannot_be_written_a_folder_of_this_user_keeps_it(tmp_path: Path) -> None:
    """In an installation that belongs to another user, the folder is in the temporary one, and closed to others."""
    (tmp_path / "file").write_text("")

    assert load_in_new_process(tmp_path / "file", tmp_path) == "compiled"
    assert load_in_new_process(tmp_path / "file", tmp_path) == "loaded"

    (folder,) = tmp_path.glob("lembur-*")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_code_of_another_user_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that others can write, or a link to one, is not read."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source, own = tmp_path / "kernel.py", tmp_path / f"lembur-{os.getuid()}"
    source.write_text("")

    assert own in [file.parent for file in _files(source)]

    own.chmod(0o770)
    assert own not in [file.parent for file in _files(source)]

    own.rmdir()
    (tmp_path / "other").mkdir(mode=0o700)
    own.symlink_to(tmp_path / "other")
    assert own not in [file.parent for file in _files(source)]


def test_a_changed_source_has_another_file(tmp_path: Path) -> None:
    """Old code is never run for a new kernel."""
    source = tmp_path / "kernel.py"
    source.write_text("one")
    before = set(_files(source))
    source.write_text("other")

    assert not before & set(_files(source))
