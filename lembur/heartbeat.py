"""The heartbeat of a service that is no Celery worker, so that `lembur doctor` sees whether it runs."""

from __future__ import annotations

from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING

from lembur.ledger import Ledger, connect
from lembur.retry import Outage, repeat

if TYPE_CHECKING:
    from lembur.settings import Settings

EVERY_S = 1.0


def start_heartbeat(settings: Settings, node: str) -> None:
    """Send a heartbeat every second, in a thread of its own; the service itself logs outages."""

    @cache
    def ledger() -> Ledger:
        return Ledger(connect(settings.redis_url), office=settings.office)

    work = {"every_s": EVERY_S, "outage": Outage(node, lambda _: None), "stopping": Event()}
    Thread(
        target=repeat, args=(lambda: ledger().send_heartbeat(node),), kwargs=work, name="heartbeat", daemon=True
    ).start()
