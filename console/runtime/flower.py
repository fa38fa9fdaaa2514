"""Flower beside an office: with a login, on the same broker, on this machine only unless ordered otherwise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Never

from console.runtime.data_folder import make_private
from console.runtime.embedded_server import read_password
from console.runtime.supervisor import LOOPBACK
from console.text import echo
from lembur.service import become, listen

if TYPE_CHECKING:
    from console.runtime.supervisor import Processes
    from lembur.settings import Settings

PORT = 5555
USER = "lead"
NAME = "flower.password"
COLUMNS = "name,args,state,result,received,runtime,worker,uuid"
"""Columns of the list. People look for the result of a wake-up, so its number, which leads to its page, comes last."""
COMMAND = (sys.executable, "-m", "monitoring.flower")


def start_flower(processes: Processes, settings: Settings) -> str:
    """Start Flower under supervision; return its address and its login."""
    port = processes.reserve_port(PORT)
    processes.start("flower", COMMAND, environment=_environment(settings, host=LOOPBACK, port=port))
    taken = "" if port == PORT else f"; port {PORT} is taken"
    return f"{_address(settings, LOOPBACK, port)}{taken}"


def exec_flower(settings: Settings, *, host: str, port: int) -> Never:
    """Become Flower's process."""
    listen(host, port).close()
    make_private(settings.data)
    environment = _environment(settings, host=host, port=port)
    echo(f"flower   {_address(settings, host, port)}")
    become(COMMAND, environment)


def _address(settings: Settings, host: str, port: int) -> str:
    return f"http://{host}:{port}  (user {USER}, password {read_password(settings.data / NAME)})"


def _environment(settings: Settings, *, host: str, port: int) -> dict[str, str]:
    """Return Flower's options as variables, because other users can read a command line, but not an environment."""
    folder = settings.data / "flower"
    folder.mkdir(exist_ok=True)
    return {
        **settings.environment(),
        "FLOWER_ADDRESS": host,
        "FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": f"{USER}:{read_password(settings.data / NAME)}",
        "FLOWER_TASKS_COLUMNS": COLUMNS,
        "FLOWER_MAX_TASKS": "10000",  # Hours of a busy office; each task stays in its memory.
        "FLOWER_PERSISTENT": "true",
        "FLOWER_DB": str(folder / "state"),
        "FLOWER_STATE_SAVE_INTERVAL": "30000",  # milliseconds
    }
