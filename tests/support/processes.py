"""Processes of benchmarks: their processor time, memory and connections, and their end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STOP_S = 10.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
ESTABLISHED = "01"
"""The state of a connection in /proc/net/tcp."""


def processor_s(pids: Iterable[int]) -> float:
    """Sum the processor time of processes, of their living descendants, and of children that ended."""
    return sum(_ticks(pid) for pid in pids for pid in _family(pid)) / TICKS_PER_S


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """Ask a process group to stop, and kill what is left of it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])  # utime, stime, and both of children that were waited for


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def connections_to(pid: int, port: int) -> int:
    """Count the open TCP connections of a process to a port of this machine."""
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    wanted = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(f":{port:04X}") and row[3] == ESTABLISHED}
    return sum(str(file.readlink()) in wanted for file in Path(f"/proc/{pid}/fd").iterdir())
