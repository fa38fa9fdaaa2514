"""The server of a data folder starts wherever the folder lies, and whatever its password is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.runtime import Processes
from console.runtime.embedded_server import start_server
from lembur.ledger import connect

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["o'brien", 'a "quoted" folder', "back\\slash", "kantor é", "two\nlines", "#5 {x} $y"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """The server keeps its files in the folder itself."""
    data = tmp_path / name
    data.mkdir()
    (data / "redis.password").write_text('p "w" \\ #/?@\n')
    processes = Processes(data / "logs")
    try:
        server = connect(start_server(processes, data))
        assert server.config_get("dir")["dir"] == str(data / "redis")
    finally:
        processes.stop()
