"""Flower beside an office: on this machine only, with a login, on the same broker."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from console.server import free_port, password_in

if TYPE_CHECKING:
    from console.processes import Processes
    from lembur.settings import Settings

USER = "lead"
NAME = "flower.password"


def start(processes: Processes, settings: Settings) -> str:
    """Start Flower under supervision and answer its address with the login people type."""
    port, password = free_port(), password_in(settings.data / NAME)
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "flower", "--address=127.0.0.1", f"--port={port}"]
    # By the environment, which other users cannot read as they can a command line.
    environment = {**settings.environment(), "FLOWER_BASIC_AUTH": f"{USER}:{password}"}
    processes.start("flower", command, environment=environment)
    return f"http://127.0.0.1:{port}  (user {USER}, password in {settings.data / NAME})"
