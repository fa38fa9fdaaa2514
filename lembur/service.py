"""Parts of a service that is no Celery worker: its port, its heartbeat for `lembur doctor`, the office's clock."""

from __future__ import annotations

import os
import socket
from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import LedgerError, SettingsError
from lembur.ledger import Ledger, connect
from lembur.retry import Outage, repeat

if TYPE_CHECKING:
    from lembur.settings import Settings

EVERY_S: Final = 1.0
LONGEST_WAIT_S = 0.5
"""Longest sleep without a look at the clock, which may jump."""


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


def wait_until(ledger: Ledger, *, virtual_ms: int, stopping: Event) -> bool:
    """Wait for a moment of virtual time; False when `stopping` came first. At full speed every moment is now."""
    last_ms = -1
    while True:
        try:
            now_ms, speed = ledger.time()
        except LedgerError:  # the server is away: look again later
            now_ms, speed = last_ms, 1.0
        if speed == 0 or now_ms >= virtual_ms:
            return not stopping.is_set()
        stands = now_ms == last_ms
        last_ms = now_ms
        if stopping.wait(LONGEST_WAIT_S if stands else min(LONGEST_WAIT_S, (virtual_ms - now_ms) / speed / 1000)):
            return False


def start_heartbeat(settings: Settings, node: str) -> None:
    """Send a heartbeat every second, in a thread of its own; the service itself logs outages."""

    @cache
    def ledger() -> Ledger:
        return Ledger(connect(settings.redis_url), office=settings.office)

    work = {"every_s": EVERY_S, "outage": Outage(node, lambda _: None), "stopping": Event()}
    Thread(
        target=repeat, args=(lambda: ledger().send_heartbeat(node),), kwargs=work, name="heartbeat", daemon=True
    ).start()
