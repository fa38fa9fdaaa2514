"""The scripts of the ledger as they are sent to the server: checked like the Python around them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lembur.ledger import scripts
from lembur.ledger.schema import KEYS
from support.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator

LUA = Path(scripts.__file__).parent / "lua"
CHECK = ("--std", "lua51", "--globals", "redis", "cjson", "ARGV", "--no-max-line-length", "--no-color", "--quiet")
SHARED = "211"
"""Unused names: a script takes whole shared files, and needs a part of each."""


def test_the_scripts_have_no_warning(tmp_path: Path) -> None:
    """No global is set, no name is hidden by another, nothing is read before it has a value."""
    for verb in scripts.verbs():
        (tmp_path / f"{verb}.lua").write_text(scripts.source(verb))

    found = subprocess.run(
        [program("luacheck"), *CHECK, "--ignore", SHARED, "--", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


def files() -> Iterator[Path]:
    """Yield every Lua file."""
    yield from sorted(LUA.rglob("*.lua"))


def test_keys_are_spelled_in_the_table_only() -> None:
    """Scripts name keys by the table, and build none from the prefix."""
    names = {key.name.partition(":")[0] for key in KEYS}
    used = {name for path in files() for name in re.findall(r"\bK\.(\w+)", path.read_text())}

    assert used
    assert used <= names
    assert [path.name for path in files() if "ARGV[1]" in path.read_text()] == []


@pytest.mark.parametrize("verb", scripts.verbs())
def test_a_script_includes_what_it_needs(verb: str) -> None:
    """Each shared file stands once, and before those that include it; the rule is first."""
    text = scripts.source(verb)
    shared = [path for path in files() if path.name.startswith("_") and path.read_text() in text]

    assert text.count((LUA / "shared" / "_rule.lua").read_text()) == 1
    for path in shared:
        first, _, _ = path.read_text().partition("\n")
        needed = first.removeprefix(scripts.INCLUDE).split(", ") if first.startswith(scripts.INCLUDE) else []
        for name in needed:
            assert text.index((LUA / "shared" / f"{name}.lua").read_text()) < text.index(path.read_text())
