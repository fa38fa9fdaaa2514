"""The kombu transport of the bus: it drops malformed messages, and runs no script on the server."""

from __future__ import annotations

import logging
from queue import Empty
from time import time
from typing import Any

from kombu.transport import redis
from kombu.utils.encoding import bytes_to_str

MALFORMED = (AttributeError, LookupError, TypeError, ValueError)
"""Errors of a message that is no JSON, or lacks what every message has; kombu lets them end the worker."""

log = logging.getLogger(__name__)


class WakeupChannel(redis.Channel):
    """A channel that restores no wake-up.

    The sweep sends lost wake-ups again. Kombu 5.7 tries both on a closed channel, and its AttributeError ends the
    worker: a worker that held wake-ups did not survive the loss of its server. Kombu keeps its tables of bindings by
    scripts; here they are plain commands, so that no user of the bus needs the right to load a script.
    """

    do_restore = False
    _one_client: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as kombu has it
        """Return one client for all that is sent: kombu makes one a message, which takes longer than to send it."""
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._one_client is None or self._one_client.connection_pool is not self.pool:
            self._one_client = super()._create_client()
        return self._one_client

    def _refresh_binding(self, *, keys: list[str], args: list[Any], client: Any) -> None:  # noqa: ANN401 - as kombu has it
        table, (member, exchange, ttl_ms) = keys[0], args
        client.sadd(table, member)
        client.zadd(self.keyprefix_binding_deadlines, {exchange: time() * 1000 + ttl_ms}, gt=True)

    def sweep_bindings(self, limit: int = 100) -> int:
        """Delete tables of bindings that no consumer has refreshed in time, and return their number."""
        with self.conn_or_acquire() as client:
            found = client.zrange(self.keyprefix_binding_deadlines, 0, time() * 1000, byscore=True, offset=0, num=limit)
            for exchange in map(bytes_to_str, found):
                if not client.smembers(self.keyprefix_binding_permanent % (exchange,)):
                    client.delete(self.keyprefix_queue % (exchange,))
                client.zrem(self.keyprefix_binding_deadlines, exchange)
        return len(found)

    def basic_ack(self, delivery_tag: str, *args: Any, **kwargs: Any) -> None:
        """Forget a wake-up that was worked on, unless the loss of the server has closed this channel."""
        if not self.closed:
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
    """Kombu's Redis transport with our channel; the bus names it in `broker_transport`."""

    Channel = WakeupChannel


class SentinelWakeupChannel(WakeupChannel, redis.SentinelChannel):
    """The same channel to the server that Sentinel names as the master."""


class SentinelWakeupTransport(redis.SentinelTransport):
    """Kombu's transport for Sentinel with our channel."""

    Channel = SentinelWakeupChannel
