"""The scripts of the ledger as they are sent to the server: checked like the Python around them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from lembur.ledger import scripts
from lembur.ledger.schema import KEYS
from support.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator

LUA = Path(scripts.__file__).parent / "lua"
CHECK = ("--std", "lua51", "--globals", "redis", "cjson", "--no-max-line-length", "--no-color", "--quiet")


def test_the_scripts_have_no_warning(tmp_path: Path) -> None:
    """No global is set, no name is hidden by another or unused, nothing is read before it has a value."""
    library = tmp_path / "library.lua"
    library.write_text(f"local VERSION = ''\n{scripts.source()}")

    found = subprocess.run(
        [program("luacheck"), *CHECK, "--", str(library)], capture_output=True, text=True, check=False
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
    assert [path.name for path in files() if re.search(r"\bNAMES\b|prefix \.\.", path.read_text())] == ["_rule.lua"]


def test_the_library_has_every_script_once() -> None:
    """Each shared file stands before the verbs, and each verb is a function."""
    text = scripts.source()

    for path in files():
        assert text.count(path.read_text()) == 1, path
    assert {path.stem for path in files() if path.stem.startswith("_")} == set(scripts.SHARED)
