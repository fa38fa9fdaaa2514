"""An office on a Redis Cluster: one connection to the master that has the office's keys.

All keys of an office share a hash tag, so one node has them all. Every call goes to that node, also a call that names
no key, such as INFO, WAITAOF and FUNCTION LOAD. After a failover the next call finds the new master.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import redis
from redis.exceptions import ClusterDownError, MovedError, ReadOnlyError, RedisClusterException

from lembur.ledger.connection.server import Server, translate_redis_errors

if TYPE_CHECKING:
    from socket import socket

MOVED = (MovedError, ReadOnlyError, ClusterDownError)
"""Answers of a node that no longer has the office's keys."""


@translate_redis_errors
def is_cluster(server: Server) -> bool:
    """Return True if the server is a node of a cluster."""
    return bool(server.info("cluster").get("cluster_enabled"))


@translate_redis_errors
def office_server(server: Server, key: str) -> Server:
    """Return the server itself, or the master with the office's `key` where the server is a node of a cluster."""
    if not is_cluster(server):
        return server
    pool = cast("redis.Redis", server).connection_pool
    encrypted = issubclass(pool.connection_class, redis.SSLConnection)
    settings = {name: value for name, value in pool.connection_kwargs.items() if name != "db"}  # a cluster has only one
    place = OfficePlace(redis.RedisCluster(ssl=encrypted, **settings), key)
    way = EncryptedOfficeConnection if encrypted else OfficeConnection
    return cast("Server", redis.Redis(connection_pool=redis.ConnectionPool(way, place=place, **settings)))


@dataclass(frozen=True, slots=True)
class OfficePlace:
    """Finds the node that has the keys of an office."""

    cluster: redis.RedisCluster
    key: str

    def find(self) -> tuple[str, int]:
        """Return host and port of the master that was found last."""
        node = self.cluster.get_node_from_key(self.key)  # type: ignore[no-untyped-call]
        if node is None:
            raise redis.ConnectionError("no node of the cluster has this office's keys")
        return node.host, node.port

    def look_again(self) -> None:
        """Ask any node that answers for the present masters."""
        try:
            self.cluster.nodes_manager.initialize()
        except RedisClusterException as fault:
            raise redis.ConnectionError(f"no node of the cluster answers: {fault}") from fault


class OfficeConnection(redis.Connection):
    """A connection to the master of an office. Where the office has moved, redis-py connects and sends again."""

    def __init__(self, *, place: OfficePlace, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        self._place = place

    def _connect(self) -> socket:
        self.host, self.port = self._place.find()
        try:
            return cast("socket", super()._connect())  # type: ignore[no-untyped-call]
        except OSError:
            self._place.look_again()
            raise

    def read_response(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as redis-py has it
        """Read an answer. An answer of a node that lost the office is treated as a lost connection."""
        try:
            return super().read_response(*args, **options)
        except MOVED as fault:
            self.disconnect()  # type: ignore[no-untyped-call]
            self._place.look_again()
            raise redis.ConnectionError(f"the office's keys have moved: {fault}") from fault


class EncryptedOfficeConnection(OfficeConnection, redis.SSLConnection):
    """The same connection over TLS."""
