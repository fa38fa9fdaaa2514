"""Queue and task names, the Celery application, and how a wake-up is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from celery import Celery
from kombu.exceptions import BatchPublishError, OperationalError

from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, StationCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from kombu.messaging import Producer

    from lembur.ledger.types import Wakes
    from lembur.settings import Settings

VERIFY_NEXT = "verify.next"
PRINT_NEXT = "print.next"
TRANSPORTS = {
    "redis": "lembur.bus.transport:WakeupTransport",
    "rediss": "lembur.bus.transport:WakeupTransport",
    "sentinel": "lembur.bus.transport:SentinelWakeupTransport",
}
"""Our transports, by the scheme of the bus's address."""


def queue_of(station: StationCode) -> str:
    """Return the queue that wakes a station's workers."""
    return "verify" if station == CENTRE else f"print.{station}"


def node_of(station: StationCode) -> str:
    """Return the name under which people see a station's worker."""
    return "verify@centre" if station == CENTRE else f"print@{station}"


def make_app(settings: Settings) -> Celery:
    """Build the Celery application; messages are JSON and carry nothing but a station."""
    app = Celery("lembur")
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        task_ignore_result=True,
        task_acks_late=False,  # a wake-up is worth nothing: the sweep sends lost ones anew
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a server may be away for a night
        broker_channel_error_retry=True,  # one that refuses writes would end the worker
        task_create_missing_queues=True,
        enable_utc=True,
        **_transport(settings.broker_url or settings.redis_url, settings.office),
    )
    return app


def _transport(url: str, office: str) -> dict[str, Any]:
    """Return the settings of the bus's server; a transport that is not Redis's is used as Celery has it."""
    address, _, query = url.partition("?")
    transport = TRANSPORTS.get(address.partition("://")[0])
    if transport is None:
        return {"broker_url": url}
    options = {
        "global_keyprefix": f"bus:{{{office}}}:",  # with the hash tag all keys are in one slot of a cluster
        "priority_steps": [0],  # a wake-up has no priority: a question to the server names one list a station, not four
        "ack_emulation": False,  # no copy of a wake-up is kept on the server while a seat works on it
        "socket_timeout": 10.0,  # without it a publisher waits for ever for a server that stands still
        "socket_connect_timeout": 5.0,
    }
    master = parse_qs(query).get("master_name")  # only Sentinel's address has one, and kombu takes it as an option
    if master:
        url, options = address, {**options, "master_name": master[0]}
    return {"broker_url": url, "broker_transport": transport, "broker_transport_options": options}


def send(app: Celery, wakes: Wakes) -> None:
    """Send each station its number of wake-ups, all of them in one round trip where the bus can."""
    if not wakes:
        return
    try:
        with app.producer_or_acquire() as producer:
            try:
                with producer.batch():
                    # Workers declare the queues. Only a second try declares and repeats: both cost each wake-up time.
                    _publish(app, producer, wakes, declare=[], retry=False)
            except (BatchPublishError, OperationalError, RuntimeError):
                # A batch does not survive the loss of its connection. A wake-up that comes twice does no harm.
                _publish(app, producer, wakes)
    except (OperationalError, *app.connection_for_write().channel_errors) as fault:  # out of reach, or refuses writes
        raise LedgerError("the bus took no wake-up: %(fault)s", fault=fault) from fault


def _publish(app: Celery, producer: Producer, wakes: Wakes, **options: Any) -> None:
    for station, count in wakes.items():
        name, arguments = (VERIFY_NEXT, []) if station == CENTRE else (PRINT_NEXT, [station])
        shown = {"argsrepr": str(arguments), "kwargsrepr": "{}"}  # as Celery's own printing for people, which is slow
        for _ in range(count):
            app.send_task(name, args=arguments, queue=queue_of(station), producer=producer, **shown, **options)


def sender(settings: Settings) -> Callable[[Wakes], None]:
    """Return a function that wakes the workers, for a process that is no worker."""
    app = make_app(settings)
    return lambda wakes: send(app, wakes)
