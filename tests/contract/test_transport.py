"""The bus without scripts: old wake-ups and old tables of bindings are forgotten, young ones stay."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any

import pytest

from lembur import bus
from lembur.ledger import connect
from lembur.settings import Settings
from support.servers import redis_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# Kombu has no transport for a cluster: there the bus has a server of its own.
pytestmark = pytest.mark.parametrize("server_url", ["valkey", "redis"], indirect=True)

DAY_S = 86_400


@pytest.fixture
def channel(server_url: str, office: str) -> Iterator[Any]:
    """Open a channel of the bus."""
    app = bus.make_app(Settings(redis_url=server_url, office=office))
    with app.connection() as connection:
        yield connection.default_channel


def test_a_wakeup_that_a_dead_worker_took_is_forgotten_after_a_day(channel: Any, server_url: str, office: str) -> None:
    """The sweep sent it again long ago; without an end the list of taken ones would only grow."""
    with connect(server_url) as server:
        raw, prefix = redis_of(server), f"bus:{{{office}}}:"
        for tag, taken_s in (("old", time() - DAY_S - 60), ("young", time() - 60)):
            raw.zadd(f"{prefix}unacked_index", {tag: taken_s})
            raw.hset(f"{prefix}unacked", tag, "x")

        channel.qos.restore_visible(num=None, interval=1)

        assert raw.zrange(f"{prefix}unacked_index", 0, -1) == raw.hkeys(f"{prefix}unacked") == ["young"]


def test_a_table_of_bindings_is_deleted_when_nobody_refreshes_it(channel: Any, server_url: str, office: str) -> None:
    """But for one that a lasting queue is in."""
    with connect(server_url) as server:
        raw, prefix = redis_of(server), f"bus:{{{office}}}:_kombu.binding"
        for table in ("gone", "lasting", "young"):
            raw.sadd(f"{prefix}.{table}", "member")
            raw.zadd(f"{prefix}_deadlines", {table: 1.0})
        raw.sadd(f"{prefix}_permanent.lasting", "member")
        channel._refresh_binding(
            keys=["_kombu.binding.young", channel._script_binding_deadlines],
            args=["member", "young", 60_000],
            client=channel.client,
        )

        assert channel.sweep_bindings() == 2

        assert {key.removeprefix(f"{prefix}.") for key in raw.keys(f"{prefix}.*")} == {"lasting", "young"}
        assert raw.zrange(f"{prefix}_deadlines", 0, -1) == ["young"]
