"""The server's machine: its server can be killed, and its power cut, which takes what the disk was not told to keep.

Which bytes that is, the kernel knows: `strace` notes every write and every completed fdatasync of the append-only file.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.runtime.embedded_server import valkey_binary
from console.runtime.supervisor import Processes
from lembur.domain.errors import LedgerError
from lembur.ledger import connect
from support.programs import free_port
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

TRACER = shutil.which("strace")
TRACE = ("-D", "-f", "--seccomp-bpf", "-y", "-s", "0", "-e", "trace=write,fdatasync,truncate")
CALL = re.compile(r"^(\d+) +(write|fdatasync)\(\d+<[^>]*/([^/>]+\.incr\.aof)>.*?(?:= (-?\d+)|<unfinished \.\.\.>)$")
TRUNCATED = re.compile(r'^\d+ +truncate\("[^"]*/([^/"]+\.incr\.aof)", (\d+)\) += 0')
"""A server that starts takes away a record that was torn."""
RESUMED = re.compile(r"^(\d+) +<\.\.\. (write|fdatasync) resumed>.*= (-?\d+)")
TORN = b"*3\r\n$4\r\nHINC"
"""The beginning of a record whose writing the power cut ended."""


@dataclass(slots=True)
class Machine:
    """One server with its append-only file, and what of that is on the disk."""

    folder: Path
    appendfsync: str
    addresses: Sequence[str] = ("127.0.0.1",)
    url: str = ""
    lost_bytes: int = 0
    _processes: Processes = field(init=False)
    _config: str = ""
    _lives: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)
    _synced: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start the server, and wait until it takes commands."""
        self.folder.mkdir(parents=True)
        self._processes = Processes(self.folder / "logs")
        port, password = free_port(), secrets.token_urlsafe(16)
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._config = (
            f'bind {" ".join(self.addresses)}\nport {port}\nrequirepass {password}\ndir "{self.folder}"\n'
            f'appendonly yes\nappendfsync {self.appendfsync}\nsave ""\nmaxmemory-policy noeviction\n'
        )
        self._processes.start("server", self._command(), given=self._config.encode())
        eventually(self._answers)

    def url_at(self, address: str) -> str:
        """Tell the server's address as seen from another host."""
        return self.url.replace("127.0.0.1", address)

    def stop(self) -> None:
        """Stop the server for good."""
        self._processes.stop()

    def kill(self) -> None:
        """Kill the server and start it again: what it wrote is still in the machine's memory, and nothing is lost."""
        self._end()
        self._launch()

    def keep(self) -> None:
        """Wait until the disk has all that is written by now."""
        sizes = {path.name: path.stat().st_size for path in (self.folder / "appendonlydir").glob("*.incr.aof")}

        def kept() -> bool:
            found = synced(self._trace, self._sizes, self._synced)
            return all(found[name] >= size for name, size in sizes.items())

        eventually(kept)

    def cut_power(self, chance: Random) -> None:
        """Cut the machine's power: of what was not synced a random part got to the disk, the last record torn."""
        self._end()
        for path in (self.folder / "appendonlydir").glob("*.incr.aof"):
            written, synced = path.stat().st_size, self._synced[path.name]
            kept = chance.choice((synced, chance.randint(synced, written)))
            self.lost_bytes += written - kept
            with path.open("r+b") as file:
                file.truncate(kept)
                file.seek(kept)
                file.write(TORN if kept == written else b"")
        self._synced = {}
        self._launch()

    def _end(self) -> None:
        process = self._processes.children[0].process
        if process is None:
            return
        process.kill()
        process.wait()
        eventually(lambda: re.search(rf"^{process.pid} +\+\+\+", _tail(self._trace), re.MULTILINE))
        self._synced = synced(self._trace, self._sizes, self._synced)

    def _launch(self) -> None:
        server = self._processes.children[0]
        server.command = self._command()
        self._processes.tend()
        server.restart_s = 0.0  # a machine that boots waits for no back-off
        self._processes.tend()
        eventually(self._answers)  # it has taken away what was torn

    def _command(self) -> list[str]:
        assert TRACER, "strace is not installed: see .ci/run"
        self._lives += 1
        self._sizes = {path.name: path.stat().st_size for path in (self.folder / "appendonlydir").glob("*.incr.aof")}
        self._synced = self._sizes | self._synced
        return [TRACER, *TRACE, "-o", str(self._trace), str(valkey_binary()), "-"]

    @property
    def _trace(self) -> Path:
        return self.folder / f"trace.{self._lives}"

    def _answers(self) -> bool:
        try:
            connect(self.url).close()
        except LedgerError:
            return False
        return True


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 500))
        return file.read().decode(errors="replace")


def synced(trace: Path, sizes: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """How many bytes of each file were on the disk: what was written when the last sync that succeeded began."""
    written, found = Counter(sizes), Counter(before)
    under_way: dict[str, tuple[str, int]] = {}
    for line in trace.read_text(errors="replace").splitlines():
        if torn := TRUNCATED.match(line):
            path, size = torn[1], int(torn[2])
            written[path], found[path] = size, min(found[path], size)
            continue
        if begun := CALL.match(line):
            pid, call, path, said = begun.groups()
            under_way[pid] = (path, written[path])
        elif resumed := RESUMED.match(line):
            pid, call, said = resumed.groups()
        else:
            continue
        if said is None or pid not in under_way:
            continue
        path, size = under_way.pop(pid)
        if call == "write":
            written[path] += max(0, int(said))
        elif said == "0":
            found[path] = max(found[path], size)
    return dict(found)
