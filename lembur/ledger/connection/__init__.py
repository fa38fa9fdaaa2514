"""The connection to the server of one office, and the checks whether the server may keep cards."""

from lembur.ledger.connection.cluster import is_cluster, office_server
from lembur.ledger.connection.durability import (
    Durability,
    health,
    memory_share,
    pause_rewrites,
    prove_durability,
    read_durability,
)
from lembur.ledger.connection.server import Server, connect, translate_redis_errors

__all__ = [
    "Durability",
    "Server",
    "connect",
    "health",
    "is_cluster",
    "memory_share",
    "office_server",
    "pause_rewrites",
    "prove_durability",
    "read_durability",
    "translate_redis_errors",
]
