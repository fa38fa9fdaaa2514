"""Another host: a network namespace with a cable to this one that can be pulled, where the machine allows it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

IP = shutil.which("ip") or "ip"


@dataclass(slots=True)
class Host:
    """Lives while inside; `here` is the address of this machine as seen from there."""

    name: str = ""
    here: str = ""
    cut_off: bool = False

    def __enter__(self) -> Self:
        """Set the namespace and the cable up."""
        number = secrets.randbelow(16_384)  # others may make namespaces beside us
        self.name, self.here = f"lembur{number}", f"10.213.{number // 64}.{number % 64 * 4 + 1}"
        there = f"10.213.{number // 64}.{number % 64 * 4 + 2}"
        _ip("netns", "add", self.name)
        _ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("addr", "add", f"{self.here}/30", "dev", self.name)
        _ip("link", "set", self.name, "up")
        for device, address in (("eth0", f"{there}/30"), ("lo", "")):
            if address:
                _ip("-n", self.name, "addr", "add", address, "dev", device)
            _ip("-n", self.name, "link", "set", device, "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take both away again."""
        _ip("link", "del", self.name)
        _ip("netns", "del", self.name)

    def inside(self, *command: str) -> list[str]:
        """A command as it is run on that host."""
        return [IP, "netns", "exec", self.name, *command]

    def cut(self) -> None:
        """Pull the cable."""
        self.cut_off = True
        _ip("-n", self.name, "link", "set", "eth0", "down")

    def heal(self) -> None:
        """Plug it in again."""
        _ip("-n", self.name, "link", "set", "eth0", "up")
        self.cut_off = False


def impossible() -> str:
    """Why this machine allows no other host; empty when it does."""
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    try:
        with Host():
            return ""
    except subprocess.CalledProcessError as fault:
        return f"no network namespaces here: {fault.stderr.strip()}"


def _ip(*words: str) -> None:
    subprocess.run([IP, *words], check=True, capture_output=True, text=True)
