"""The kombu transport of workers: it drops unacknowledged wake-ups when its connection is lost."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kombu.transport import redis


class WakeupChannel(redis.Channel):
    """A channel that neither restores nor acknowledges wake-ups while its server is away.

    The sweep sends lost wake-ups again. Kombu 5.7 tries both on a closed channel, and its AttributeError ends the
    worker: a worker that held wake-ups did not survive the loss of its server.
    """

    do_restore = False

    def basic_ack(self, delivery_tag: str, *args: Any, **kwargs: Any) -> None:
        """Acknowledge if the server is there; a wake-up that comes twice finds no work the second time."""
        if not self.closed:
            with suppress(*redis.Transport.connection_errors):
                super().basic_ack(delivery_tag, *args, **kwargs)


class WakeupTransport(redis.Transport):
    """Kombu's Redis transport with our channel; workers name it in `broker_transport`."""

    Channel = WakeupChannel
