"""The processes of a run: started side by side, restarted with pauses, stopped in order. None is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import current_thread, main_thread

from lembur.settings import child_environment

STOP_S = 4.0
FORCE_S = 0.5
"""Grace after a request to stop, and after SIGKILL. Twice both is less than the ten seconds that a stop may take."""
LONGEST_PAUSE_S = 10.0
STEADY_S = 10.0
"""Age at which a child has recovered. Its next death counts as the first."""
GUARDIAN = Path(__file__).with_name("guardian.py")
LOG_BYTES = 10_000_000
"""A child's log has at most twice this size, in two files."""
LOOPBACK = "127.0.0.1"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that ask a run to stop."""


@contextmanager
def defer_signals() -> Iterator[None]:
    """Let signals wait until this is over, because nothing would end a child that is half started or stopped."""
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for one in came:
        signal.raise_signal(one)


@dataclass(slots=True)
class Child:
    """One supervised process: its command, its log, and its last deaths."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    given: bytes = b""
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    deaths: int = 0
    restart_s: float = 0.0


@dataclass(slots=True)
class Processes:
    """Children of this process, each with its own session and log. A guardian ends them if this process is killed."""

    logs: Path
    held: Sequence[int] = ()
    """Open files that every child holds too. A lock among them is free only when all children are gone."""
    children: list[Child] = field(default_factory=list)
    reserved: list[socket.socket] = field(default_factory=list)
    """The marks of the children's ports."""
    _guardian: subprocess.Popen[bytes] | None = None

    def reserve_port(self, wished: int = 0) -> int:
        """Reserve a port of this machine for a child, the wished one if it is free, until `stop`.

        A reserved port is marked by the UDP port of the same number, so that no other office of this machine takes it
        while the child starts, or starts again after its death. Its readers would get the figures of that office.
        """
        mark = socket.socket(type=socket.SOCK_DGRAM)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, wished))
                mark.bind(probe.getsockname())
            except OSError:
                mark.close()
                return self.reserve_port()
            port = int(probe.getsockname()[1])
        self.reserved.append(mark)
        return port

    def start(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str] | None = None, given: bytes = b""
    ) -> None:
        """Start a child. `given` is written to its standard input, `environment` is added to that of this process."""
        self.logs.mkdir(parents=True, exist_ok=True)
        if self._guardian is None:
            self._guard()
        child = Child(name, command, child_environment(environment or {}), given)
        self.children.append(child)
        self._launch(child)

    def tend(self) -> None:
        """Restart the children that died, each after a pause that doubles with every death in a row."""
        now = time.monotonic()
        if self._guardian is not None and self._guardian.poll() is not None:
            self._guard()
        for child in self.children:
            _rotate(self.logs / f"{child.name}.log")
            if child.process is not None and child.process.poll() is not None:
                self._report(f"-{child.process.pid}")
                child.process = None
                child.deaths = 1 if now - child.started_s > STEADY_S else child.deaths + 1
                child.restart_s = now + min(LONGEST_PAUSE_S, 0.25 * 2**child.deaths)
            if child.process is None and now >= child.restart_s:
                self._launch(child)

    def stop(self) -> None:
        """Stop the children, the last one first. The first one (the server) is stopped when all others are gone."""
        with defer_signals():
            for group in (self.children[1:], self.children[:1]):
                _end(group)
                for child in group:
                    if child.process is not None:
                        self._report(f"-{child.process.pid}")
            self.children.clear()
            while self.reserved:
                self.reserved.pop().close()
            if self._guardian is not None and self._guardian.stdin is not None:
                with suppress(BrokenPipeError):
                    self._guardian.stdin.close()
                self._guardian.wait()
                self._guardian = None

    def deaths(self, name: str) -> int:
        """Return the number of deaths of a child in a row."""
        return next(child.deaths for child in self.children if child.name == name)

    def has_ended(self, name: str) -> bool:
        """Return True if a child has ended."""
        return any(c.process is None or c.process.poll() is not None for c in self.children if c.name == name)

    def last_line(self, name: str) -> str:
        """Return the last line of a child's log, for a sentence about the reason of its end."""
        text = (self.logs / f"{name}.log").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "it wrote nothing"

    def _launch(self, child: Child) -> None:
        with defer_signals(), (self.logs / f"{child.name}.log").open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - commands are built by this program
                child.command,
                env=child.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.held,
            )
            self._report_start(child)
            child.started_s = time.monotonic()
            if child.process.stdin is not None:
                with suppress(BrokenPipeError):  # It died at once. The next look finds that.
                    child.process.stdin.write(child.given)
                    child.process.stdin.close()

    def _guard(self) -> None:
        with defer_signals():
            self._guardian = subprocess.Popen(  # noqa: S603 - a file of this program
                [sys.executable, "-I", str(GUARDIAN)],  # By its path, because its package imports Celery and more.
                stdin=subprocess.PIPE,
                start_new_session=True,
                pass_fds=self.held,
            )
            for child in self.children:
                self._report_start(child)

    def _report_start(self, child: Child) -> None:
        if child.process is not None:
            self._report(f"{'!' if child is self.children[0] else '+'}{child.process.pid}")

    def _report(self, line: str) -> None:
        if self._guardian is not None and self._guardian.stdin is not None:
            with suppress(BrokenPipeError):  # A guardian that was killed gets a successor with the whole list.
                self._guardian.stdin.write(line.encode() + b"\n")
                self._guardian.stdin.flush()


def _rotate(log: Path) -> None:
    """Move the last LOG_BYTES of a log into a second file, and empty the first, to which the child still appends."""
    if log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def _end(children: Sequence[Child]) -> None:
    running = [child.process for child in reversed(children) if child.process is not None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    for process in running:
        try:
            process.wait(max(0.01, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                process.wait(FORCE_S)
