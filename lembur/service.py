"""Parts of a service: its start by a command, its port, and its heartbeat for `lembur doctor`."""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from threading import Event
from typing import TYPE_CHECKING, Final, Never

from lembur.domain.errors import SettingsError
from lembur.ledger import Ledger, connect
from lembur.retry import Outage, start_repeating
from lembur.settings import child_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.settings import Settings

EVERY_S: Final = 1.0


def become(command: tuple[str, ...] | list[str], environment: Mapping[str, str]) -> Never:
    """Go on as another program of Lembur, with these variables added to the environment."""
    sys.stdout.flush()
    os.execvpe(command[0], command, child_environment(environment))  # noqa: S606 - our own command


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address of this machine; refuse one that is taken or not of this machine."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as fault:
        reason = fault.strerror if isinstance(fault, socket.gaierror) else os.strerror(fault.errno or 0)
        raise SettingsError(
            "%(host)s:%(port)s cannot be listened on (%(reason)s): give another --port or --host",
            host=host,
            port=str(port),
            reason=reason,
        ) from fault


def start_heartbeat(settings: Settings, node: str) -> None:
    """Send a heartbeat every second, in a thread of its own; the service itself logs outages."""

    @cache
    def ledger() -> Ledger:
        return Ledger(connect(settings.redis_url), office=settings.office)

    start_repeating(
        lambda: ledger().send_heartbeat(node),
        name="heartbeat",
        every_s=EVERY_S,
        outage=Outage(node, lambda _: None),
        stopping=Event(),
    )
