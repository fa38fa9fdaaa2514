"""Flower beside an office: with a login, on the same broker, on this machine only unless told otherwise."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Never

from console.runtime.data_folder import make_private
from console.runtime.embedded_server import free_port, read_password
from lembur.settings import child_environment

if TYPE_CHECKING:
    from console.runtime.supervisor import Processes
    from lembur.settings import Settings

LOOPBACK = "127.0.0.1"
USER = "lead"
NAME = "flower.password"
COLUMNS = "name,args,state,result,received,runtime,worker,uuid"
"""What a wake-up came to is what people look for; the number Celery gave it leads to its page, and comes last."""


def start_flower(processes: Processes, settings: Settings) -> str:
    """Start Flower under supervision and answer its address with the login people type."""
    port = free_port()
    processes.start("flower", _command(host=LOOPBACK, port=port), environment=_environment(settings))
    return f"http://{LOOPBACK}:{port}  (user {USER}, password in {settings.data / NAME})"


def exec_flower(settings: Settings, *, host: str, port: int) -> Never:
    """Become Flower's process."""
    make_private(settings.data)
    command = _command(host=host, port=port)
    os.execvpe(command[0], command, child_environment(_environment(settings)))  # noqa: S606 - our own command


def _command(*, host: str, port: int) -> list[str]:
    """The command of Flower's process."""
    return [sys.executable, "-m", "celery", "-A", "workers.app", "flower", f"--address={host}", f"--port={port}"]


def _environment(settings: Settings) -> dict[str, str]:
    """What Flower is told: the login by the environment, which other users cannot read as they can a command line."""
    return {
        **settings.environment(),
        "FLOWER_BASIC_AUTH": f"{USER}:{read_password(settings.data / NAME)}",
        "FLOWER_TASKS_COLUMNS": COLUMNS,
        "FLOWER_MAX_TASKS": "10000",  # hours of a busy office; each stays in its memory
    }
