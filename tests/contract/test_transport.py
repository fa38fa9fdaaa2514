"""The bus without scripts and copies: old tables of bindings are deleted, young ones stay."""

from __future__ import annotations

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


@pytest.fixture
def channel(server_url: str, office: str) -> Iterator[Any]:
    """Open a channel of the bus."""
    app = bus.make_app(Settings(redis_url=server_url, office=office))
    with app.connection() as connection:
        yield connection.default_channel


def test_a_wakeup_leaves_nothing_on_the_server_while_a_seat_works_on_it(
    channel: Any, server_url: str, office: str
) -> None:
    """The sweep sends a lost one again; a copy would cost two round trips a message, and stay behind a dead worker."""
    queue = channel.connection.client.SimpleQueue("print.hall")
    queue.put({})
    message = queue.get(timeout=10)
    with connect(server_url) as server:
        kept = list(redis_of(server).scan_iter(f"bus:{{{office}}}:*"))

    assert [key for key in kept if "_kombu.binding" not in key] == []
    message.ack()


def test_messages_are_sent_by_one_client(channel: Any) -> None:
    """Kombu makes a client a message."""
    with channel.conn_or_acquire() as one, channel.conn_or_acquire() as other:
        assert one is other


def test_a_station_has_one_list_of_wakeups(channel: Any) -> None:
    """Kombu asks for one list for each of four priorities, and a wake-up has none."""
    asked = [channel._q_for_pri("print.hall", step) for step in channel.priority_steps]

    assert asked == ["print.hall"]
    assert channel._q_for_pri("print.hall", 9) == "print.hall"


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
