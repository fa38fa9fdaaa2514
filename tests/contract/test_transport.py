"""The bus without scripts and copies: old tables of bindings are deleted, young ones stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lembur import bus
from lembur.domain.errors import LedgerError
from lembur.domain.seats import StationCode
from lembur.ledger import connect
from lembur.settings import Settings
from support.servers import redis_of
from support.waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.ledger.connection import Server

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
    message = queue.get(timeout=PATIENCE_S)
    with connect(server_url) as server:
        kept = list(redis_of(server).scan_iter(f"bus:{{{office}}}:*"))

    assert [key for key in kept if "_kombu.binding" not in key] == []
    message.ack()


def test_messages_are_sent_by_one_client(channel: Any) -> None:
    """Kombu makes a client a message."""
    with channel.conn_or_acquire() as one, channel.conn_or_acquire() as other:
        assert one is other


def test_wakeups_go_out_together(server_url: str, office: str) -> None:
    """A hundred for ten stations are one write to the server; one by one the feed would keep its clock waiting."""
    app = bus.make_app(Settings(redis_url=server_url, office=office))
    wakes = {StationCode(f"hall-{number}"): 10 for number in range(10)}
    bus.send(app, wakes)  # the first one for a station makes its queue known
    with connect(server_url) as server:
        before = count_pushes(server)
        bus.send(app, wakes)
        pushes, reads = (now - then for now, then in zip(count_pushes(server), before, strict=True))
        queued = [redis_of(server).llen(f"bus:{{{office}}}:print.{station}") for station in wakes]

    assert queued == [20] * 10
    assert pushes == 100
    assert reads <= 20  # the server reads some kilobytes at a time


def test_a_wakeup_is_all_that_its_sender_writes(server_url: str, office: str) -> None:
    """Its worker declares the queue. Flower shows the station as Celery itself would print it."""
    app = bus.make_app(Settings(redis_url=server_url, office=office))
    bus.send(app, {StationCode("hall"): 1})
    with connect(server_url) as server:
        raw, queue = redis_of(server), f"bus:{{{office}}}:print.hall"
        message = json.loads(raw.lindex(queue, 0))

        assert list(raw.scan_iter(f"bus:{{{office}}}:*")) == [queue]
        assert [message["headers"][part] for part in ("argsrepr", "kwargsrepr")] == ["['hall']", "{}"]


def test_wakeups_go_out_over_a_connection_that_was_lost(server_url: str, office: str) -> None:
    """The server closed it meanwhile: they are sent once more, over a new one."""
    app = bus.make_app(Settings(redis_url=server_url, office=office))
    station = StationCode("hall")
    bus.send(app, {station: 1})
    with connect(server_url) as server:
        redis_of(server).client_kill_filter(_type="normal", skipme=True)
        bus.send(app, {station: 3})

        assert redis_of(server).llen(f"bus:{{{office}}}:print.{station}") == 4


def test_a_batch_that_is_refused_is_an_answer_of_the_bus(server_url: str, office: str) -> None:
    """The feed and the seats wait for a bus that took no wake-up; kombu has a fault of its own for a batch."""
    app = bus.make_app(Settings(redis_url=server_url, office=office))
    wakes = {StationCode("hall"): 2, StationCode("wing"): 1}
    bus.send(app, wakes)  # makes both queues known
    with connect(server_url) as server:
        redis_of(server).set(f"bus:{{{office}}}:print.wing", "no list")

        with pytest.raises(LedgerError, match="the bus took no wake-up"):
            bus.send(app, wakes)

        assert redis_of(server).llen(f"bus:{{{office}}}:print.hall") >= 4


def count_pushes(server: Server) -> tuple[int, int]:
    """Return the messages that the server has taken, and its reads from all connections."""
    pushes = server.info("commandstats").get("cmdstat_lpush", {"calls": 0})["calls"]
    return int(pushes), int(server.info("stats")["total_reads_processed"])


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
