"""How a worker holds the wake-ups it has no seat for yet: one that outlived its connection is forgotten."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kombu.transport import redis


class WakeupChannel(redis.Channel):
    """A channel that restores and acknowledges no wake-up while its server is away: the sweep sends lost ones anew.

    Kombu 5.7 tries both on a closed channel, and its AttributeError ends the whole worker: one that held wake-ups when
    the server went away did not go on by itself.
    """

    do_restore = False

    def basic_ack(self, delivery_tag: str, *args: Any, **kwargs: Any) -> None:
        """Acknowledge where that is possible: a wake-up that comes again finds nothing to do."""
        if not self.closed:
            with suppress(*redis.Transport.connection_errors):
                super().basic_ack(delivery_tag, *args, **kwargs)


def install() -> None:
    """Let every connection of this process use it."""
    redis.Transport.Channel = WakeupChannel
