"""The kombu transport of workers: it drops malformed messages, and wake-ups whose connection is lost."""

from __future__ import annotations

import logging
from contextlib import suppress
from queue import Empty
from typing import Any

from kombu.transport import redis

MALFORMED = (AttributeError, LookupError, TypeError, ValueError)
"""Errors of a message that is no JSON, or lacks what every message has; kombu lets them end the worker."""

log = logging.getLogger(__name__)


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

    def _brpop_read(self, **options: Any) -> Any:  # noqa: ANN401 - as kombu has it
        try:
            return super()._brpop_read(**options)
        except MALFORMED as fault:
            raise _drop(fault) from fault

    def _receive_one(self, c: Any) -> Any:  # noqa: ANN401 - the same
        try:
            return super()._receive_one(c)
        except MALFORMED as fault:
            raise _drop(fault) from fault


def _drop(fault: Exception) -> Empty:
    """Log that a message is dropped, without its text; return what kombu raises when there was none."""
    log.warning("a malformed message on the bus is dropped (%s)", type(fault).__name__)
    return Empty()


class WakeupTransport(redis.Transport):
    """Kombu's Redis transport with our channel; workers name it in `broker_transport`."""

    Channel = WakeupChannel
