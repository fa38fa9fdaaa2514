"""Object code of the kernels: compiled once, kept where only this user can write, and loaded without the compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import planner
from planner.simulation.kernel_arrays import AssignmentArrays, types_of
from planner.simulation.object_code import _files, load_kernel

PROGRAM = """
import sys
from planner.simulation.object_code import load_kernel
load_kernel("assignment_kernel")
print("compiled" if "numba" in sys.modules else "loaded")
"""


def load_in_new_process(bytecode: Path, temporary: Path, code: Path | None = None) -> str:
    """Load a kernel in a new process, which keeps its files in these folders. Return what it had to do."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode), "TMPDIR": str(temporary)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=code,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
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


def test_a_changed_source_makes_old_code_unused(tmp_path: Path) -> None:
    """Old code is never run for a new kernel, also where only a file changed that both kernels share."""
    shutil.copytree(Path(planner.__file__).parent, tmp_path / "code" / "planner")

    def load() -> str:
        return load_in_new_process(tmp_path / "bytecode", tmp_path, tmp_path / "code")

    assert load() == "compiled"
    assert load() == "loaded"
    source = tmp_path / "code" / "planner" / "simulation" / "views.py"
    source.write_text(f"{source.read_text()}# changed\n")
    assert load() == "compiled"


@pytest.mark.parametrize(
    "made_of", ["sys.version", "planner.simulation.object_code.version", "planner.simulation.object_code._processor"]
)
def test_another_interpreter_compiler_or_processor_has_another_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made_of: str
) -> None:
    """Code of another machine, or of another numba, may be wrong here."""
    before = set(_files(tmp_path / "kernel.py"))
    other = {"sys.version": "4.0", "planner.simulation.object_code.version": lambda _: "0.1"}
    monkeypatch.setattr(made_of, other.get(made_of, lambda: ("abacus", "")))

    assert not before & set(_files(tmp_path / "kernel.py"))


def test_a_file_that_was_cut_short_is_compiled_again(tmp_path: Path) -> None:
    """A power cut may leave half a file, and half a function must never run."""
    assert load_in_new_process(tmp_path / "bytecode", tmp_path) == "compiled"
    (kept,) = (tmp_path / "bytecode").rglob("assignment_kernel.*.o")
    kept.write_bytes(kept.read_bytes()[:-100])

    assert load_in_new_process(tmp_path / "bytecode", tmp_path) == "compiled"
    assert load_in_new_process(tmp_path / "bytecode", tmp_path) == "loaded"


@pytest.mark.parametrize("wrong", [np.int32, np.float64])
def test_an_array_of_another_type_is_refused(wrong: type) -> None:
    """Compiled code takes every array for what it expects."""
    right = AssignmentArrays._make(np.zeros(1, dtype=kind) for kind in types_of("assignment_kernel"))
    with pytest.raises(TypeError, match="types"):
        load_kernel("assignment_kernel").run(right._replace(heap=np.zeros(1, dtype=wrong)))
