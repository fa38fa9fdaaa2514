"""Private servers for tests: on a free port, with a password, an append-only file and a folder of their own."""

from __future__ import annotations

import secrets
import socket
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import redis

from waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_S = 20.0
STOP_S = 10.0


@contextmanager
def running(program: Path, folder: Path, *, appendonly: str = "yes", appendfsync: str = "always") -> Iterator[str]:
    """Run a server in an empty folder while inside, and give its address; it is stopped by its own pid."""
    port, password = _free_port(), secrets.token_urlsafe(16)
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "requirepass": password,
        "dir": str(folder),
        "appendonly": appendonly,
        "appendfsync": appendfsync,
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": str(folder / "log"),
    }
    config = "".join(f'{name} "{value}"\n' for name, value in settings.items())
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    with subprocess.Popen([program, "-"], stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin
        process.stdin.write(config)
        process.stdin.close()
        try:
            eventually(lambda: process.poll() is not None or _answers(url), START_S)
            assert process.poll() is None, f"{program.name} ended: {(folder / 'log').read_text()}"
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url) as server:
        try:
            return bool(server.ping())
        except redis.ConnectionError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
