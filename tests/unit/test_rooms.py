"""The project's rooms: small folders, modules and functions, and no leftovers of a merge."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
PACKAGES = ("lembur", "producers", "workers", "planner", "monitoring", "console", "web")
PYTHON = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

MOST_ENTRIES: Final = 14
MOST_LINES: Final = 400
LONGEST_FUNCTION: Final = 60
CONFLICT_MARKER: Final = re.compile(rb"^(<{7}|>{7}|\|{7})( |$)|^={7}$", re.MULTILINE)


def tracked() -> list[Path]:
    """List the files that git tracks; outside of a checkout there are none to look at."""
    git = shutil.which("git")
    if git is None:
        return []
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name]


def test_no_file_holds_a_conflict_marker() -> None:
    """A merge that was not finished is no page a reader should meet."""
    left = [path for path in tracked() if path.is_file() and CONFLICT_MARKER.search(path.read_bytes())]

    assert left == []


def test_the_search_for_conflict_markers_finds_one() -> None:
    """Each of git's markers is found at the beginning of a line, and nowhere else."""
    for marker in (b"<" * 7 + b" HEAD", b"=" * 7, b">" * 7 + b" branch", b"|" * 7 + b" base"):
        assert CONFLICT_MARKER.search(b"text\n" + marker + b"\n"), marker
    assert not CONFLICT_MARKER.search(b"Title\n========\na " + b"<" * 7 + b" b\n")


def test_a_folder_is_read_at_one_look() -> None:
    """No folder of product code has more entries than fit one look."""
    steps = {step for path in tracked() for step in (path, *path.parents) if ROOT in step.parents}
    entries = Counter(step.parent.relative_to(ROOT) for step in steps if step.relative_to(ROOT).parts[0] in PACKAGES)
    crowded = {str(folder): count for folder, count in entries.items() if count > MOST_ENTRIES}

    assert crowded == {}


def test_modules_and_functions_are_small() -> None:
    """No module has 400 lines, and no function more than 60."""
    long_modules = {path: lines for path in PYTHON if (lines := path.read_text("utf-8").count("\n")) >= MOST_LINES}
    long_functions = {
        f"{path.relative_to(ROOT)}: {node.name}": length
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert long_modules == {}
    assert long_functions == {}


def test_no_benchmark_hides_a_package() -> None:
    """A script's folder comes first where Python looks for imports: `console.py` there hid that package."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert "console" in packages
    assert [path.name for path in (ROOT / "tests" / "bench").glob("*.py") if path.stem in packages] == []
