"""The machine's own Python, such as 3.11.2 of Debian 12: all modules are imported, an office is played and copied."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.runs import small_scenario

PROJECT = Path(__file__).parents[2]
OWN = "/usr/bin/python3"
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if not module.name.endswith("__main__") and not module.name.startswith("monitoring.grafana"):
            importlib.import_module(module.name)
            print(module.name)
"""
"""Programs would start, and what writes the dashboards needs a library that only developers have."""


def run(*command: str | Path, **more: str) -> str:
    """Run a command in the project to its good end, and return its output."""
    done = subprocess.run(command, cwd=PROJECT, env={**os.environ, **more}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install Lembur for that Python, from the lock file, and give the folder of its programs."""
    if not Path(OWN).exists():
        pytest.skip(f"this machine has no {OWN}")
    version = tuple(map(int, run(OWN, "-c", "import sys; print(*sys.version_info[:3])").split()))
    if version < (3, 11) or version == sys.version_info[:3]:
        pytest.skip(f"{OWN} is {'.'.join(map(str, version))}: too old, or the one that runs all tests")
    folder = tmp_path_factory.mktemp("own") / "venv"
    environment = {"UV_PROJECT_ENVIRONMENT": str(folder), "UV_PYTHON_DOWNLOADS": "never"}
    run("sh", "scripts/uv", "sync", "--locked", "--no-dev", "--quiet", "--python", OWN, **environment)
    return folder / "bin"


def test_every_module_is_imported(programs: Path) -> None:
    """No module needs more of the standard library than that Python has."""
    packages = [path.parent.name for path in PROJECT.glob("*/__init__.py") if path.parent.name != "tests"]

    imported = run(programs / "python", "-W", "error::SyntaxWarning", "-c", IMPORT_ALL, *packages).split()

    assert len(imported) > 150


def test_an_office_is_played_copied_and_restored(programs: Path, tmp_path: Path) -> None:
    """Its workers, the server and the report are those of that Python; the copy adds up like the office."""
    lembur, data, copy = programs / "lembur", tmp_path / "data", tmp_path / "copy"
    scenario = small_scenario(tmp_path, cards=20)

    run(lembur, "run", scenario, "--speed", "max", "--data", data, "--report", tmp_path / "report", "--quiet")
    run(lembur, "backup", tmp_path / "office.tar.gz", "--data", data)
    run(lembur, "restore", tmp_path / "office.tar.gz", "--data", copy)

    assert "20 cards" in run(lembur, "reconcile", "--data", copy)
