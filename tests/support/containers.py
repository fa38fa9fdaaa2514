"""Containers without Docker: a root of its own for each process, as the Dockerfile and docker-compose.yml say.

A mount namespace holds what the image and the volumes would, the network is one of its own in which every service has
its name, and the process has the user, the rights and the read-only file system of its container. Needs root, as Docker
does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.programs import skip_outside_ci

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PROGRAMS = ("ip", "unshare", "chroot", "setpriv", "mount", "redis-server", "prometheus", "prometheus-alertmanager")

ENTER = r"""
set -e
root=$1 user=$2 folder=$3; shift 3
mount -t tmpfs -o mode=755 tmpfs "$root"
while [ "$1" != -- ]; do
    kind=$1 from=$2 to=$3; shift 3
    if [ "$kind" = tmp ]; then
        mkdir -p "$root$to"; mount -t tmpfs -o "${from:-mode=1777}" tmpfs "$root$to"; continue
    fi
    if [ -d "$from" ]; then mkdir -p "$root$to"; else mkdir -p "$root${to%/*}"; [ -e "$root$to" ] || : >"$root$to"; fi
    mount --rbind "$from" "$root$to"
    [ "$kind" = rw ] || mount -o remount,bind,ro "$root$to"
done
shift
for link in bin sbin lib lib64; do [ ! -L "/$link" ] || ln -s "usr/$link" "$root/$link"; done
mkdir -p "$root$folder"
mount -o remount,ro "$root"
rights="--bounding-set=-all --inh-caps=-all --no-new-privs"
[ "$user" != 0:0 ] || rights=
exec chroot "$root" setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups $rights \
    env --chdir="$folder" "$@"
"""
"""Lays out the root, gives up every right, and becomes the command: the process started is the container's own."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A place of the container: `ro` or `rw` from a path of this machine, or `tmp` with its options."""

    kind: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Container:
    """What a process finds around it."""

    environment: Mapping[str, str]
    mounts: Sequence[Mount] = ()
    user: str = "0:0"
    folder: str = "/"
    network: str = ""
    """The network namespace; empty for the machine's own."""

    def command(self, root: Path, words: Sequence[str]) -> list[str]:
        """Say how a command is started in it."""
        outside = ["ip", "netns", "exec", self.network] if self.network else []
        laid = [word for one in (*_system(), *self.mounts) for word in (one.kind, one.source, one.target)]
        given = [f"{name}={value}" for name, value in self.environment.items()]
        enter = ["unshare", "--mount", "--propagation=private", "sh", "-c", ENTER, "sh"]
        return [*outside, *enter, str(root), self.user, self.folder, *laid, "--", "-i", *given, *words]


def _system() -> Iterator[Mount]:
    """What every Linux image has, from this machine, and its Python, wherever that is."""
    for place in ("/dev", "/proc"):
        yield Mount("rw", place, place)
    etc = ("passwd", "group", "nsswitch.conf", "resolv.conf", "ld.so.cache", "alternatives", "ssl")
    for place in ("/usr", *(f"/etc/{name}" for name in etc)):
        if os.path.exists(place):  # noqa: PTH110 - a path of the machine, as text like all here
            yield Mount("ro", place, place)
    if not sys.base_prefix.startswith("/usr"):
        yield Mount("ro", sys.base_prefix, sys.base_prefix)


@dataclass(slots=True)
class Machine:
    """Where containers run: their folder, their network, and the processes that are up."""

    folder: Path
    network: str = field(default_factory=lambda: f"lembur-{uuid.uuid4().hex[:8]}")
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, container: Container, words: Sequence[str]) -> None:
        """Start a container under a name; its output goes to a log."""
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                container.command(self._root(), words), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )

    def run(self, container: Container, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in a container to its end."""
        return subprocess.run(container.command(self._root(), words), capture_output=True, text=True, check=False)

    def log(self, name: str) -> Path:
        """Say where the output of a container goes."""
        return self.folder / f"{name}.log"

    def stop(self, name: str, *, grace_s: float) -> int:
        """Ask a container to end, as Docker does; its exit code, -9 when it had to be forced."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            return process.wait(grace_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _root(self) -> Path:
        root = self.folder / "roots" / uuid.uuid4().hex
        root.mkdir(parents=True)
        return root


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Give a machine with a network of its own; every container on it is ended after the block."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing or os.geteuid() != 0 or not sys.platform.startswith("linux"):
        why = f"containers are played with root's namespaces on Linux, with {', '.join(PROGRAMS)}"
        skip_outside_ci(why)
    found = Machine(folder)
    _ip("netns", "add", found.network)
    try:
        _ip("-n", found.network, "link", "set", "lo", "up")
        yield found
    finally:
        for process in found.processes.values():
            process.kill()
            process.wait()
        _ip("netns", "del", found.network)


def _ip(*words: str) -> None:
    subprocess.run([str(shutil.which("ip")), *words], check=True)
