"""A TCP relay before a server: one address that can be cut, stopped after so many bytes, or moved to another server."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

CHUNK = 65_536
LOOK_AGAIN_S = 0.2


class Relay:
    """Passes bytes on between its own port and the port of a server on this machine, in threads."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.budget: int | None = None
        """Bytes that clients may still send before the line is cut; None: as many as they like."""
        self.delay_s = 0.0
        """Time for which each piece of an answer is held back."""
        self._stalled = False
        self._lock = Lock()
        self._open: list[socket.socket] = []
        self._silent: list[socket.socket] = []
        """Calls that nothing is passed on for: no thread closes them."""
        self._up = True
        self._over = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.settimeout(LOOK_AGAIN_S)
        self.port = int(self._door.getsockname()[1])

    def __enter__(self) -> Self:
        """Open the door."""
        Thread(target=self._answer, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the door and all lines."""
        self._over = True
        self.cut()
        self._door.close()

    def cut(self) -> None:
        """Cut all lines, and whoever calls from now on."""
        with self._lock:
            self._up = self._stalled = False
            for line in self._open:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            for line in self._silent:
                line.close()
            self._open.clear()
            self._silent.clear()

    def stall(self) -> None:
        """Accept calls and pass nothing on: half-open lines, as behind a firewall that forgot them."""
        self.cut()
        self._up = self._stalled = True

    def heal(self) -> None:
        """Let calls through again."""
        self._up, self.budget, self.delay_s, self._stalled = True, None, 0.0, False

    def move(self, target: int) -> None:
        """Lead this address to another server, as a failover does: old lines are cut."""
        self.cut()
        self.target = target
        self.heal()

    def _answer(self) -> None:
        while not self._over:
            with suppress(TimeoutError, OSError):
                self._connect(self._door.accept()[0])

    def _connect(self, caller: socket.socket) -> None:
        with self._lock:
            if self._stalled:
                self._silent.append(caller)
                return
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            caller.close()
            return
        with self._lock:
            up = self._up
            self._open += [caller, server] if up else []
        if not up:
            caller.close()
            server.close()
            return
        Thread(target=self._pass, args=(caller, server), kwargs={"counted": True}, daemon=True).start()
        Thread(target=self._pass, args=(server, caller), kwargs={"counted": False}, daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while data := one.recv(CHUNK):
                if self.delay_s and not counted:
                    time.sleep(self.delay_s)
                other.sendall(data)
                if counted and self.budget is not None:
                    self.budget -= len(data)
                    if self.budget < 0:
                        self.cut()
        for line in (one, other):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
