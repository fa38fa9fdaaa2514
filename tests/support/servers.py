"""Private servers for tests: on a free port, with a password, an append-only file and a folder of their own."""

from __future__ import annotations

import os
import secrets
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

import redis

from console.runtime.embedded_server import MEMORY
from support.programs import free_port
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from lembur.ledger.connection import Server as LedgerServer

STOP_S = 10.0


@contextmanager
def running(program: Path, folder: Path, *, appendonly: str = "yes", appendfsync: str = "always") -> Iterator[str]:
    """Run a server in an empty folder while inside, and give its address; it is stopped by its own pid."""
    with Server(program, folder, appendonly=appendonly, appendfsync=appendfsync) as server:
        yield server.url


class Server:
    """A server with a folder, a port and a password of its own, that can be killed and started again."""

    def __init__(self, program: Path, folder: Path, *, password: str = "", **settings: str) -> None:
        self.port = free_port()
        self.password = password or secrets.token_urlsafe(16)
        self.process: subprocess.Popen[str] | None = None
        self._program = program
        self._folder = folder
        self._settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "masterauth": self.password,
            "dir": str(folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": str(folder / "log"),
        } | settings

    @property
    def url(self) -> str:
        """The server's address."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it, if it is there."""
        if self.process:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_S)
            self.kill()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        config = "".join(f'{name} "{value}"\n' for name, value in self._settings.items())
        process = self.process = subprocess.Popen(
            [self._program, "-"], stdin=subprocess.PIPE, text=True, env=os.environ | MEMORY
        )
        assert process.stdin
        process.stdin.write(config)
        process.stdin.close()
        eventually(lambda: process.poll() is not None or _answers(self.url))
        assert process.poll() is None, f"{self._program.name} ended: {(self._folder / 'log').read_text()}"

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it without a warning."""
        if self.process:
            self.process.kill()
            self.process.wait()


def redis_of(server: LedgerServer) -> Any:
    """Give the ledger's connection with every call of redis-py: a test may look behind the door."""
    return server


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url) as server:
        try:
            return bool(server.ping())
        except redis.ConnectionError:
            return False
