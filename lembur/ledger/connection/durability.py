"""Signs that the server keeps cards safe: its disk, its memory, its replicas."""

from __future__ import annotations

import time
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from redis.exceptions import NoPermissionError

from lembur.ledger.connection.server import translate_redis_errors, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lembur.ledger.connection.server import Server

REWRITE_LOOK_S = 0.1
WAITAOF_VERSION = (7, 2)
TRIES, TRY_MS = 3, 300


class Durability(StrEnum):
    """The moment at which a change is on the server's disk, compared with its answer."""

    ALWAYS = "appendfsync always"
    WAITAOF = "WAITAOF"
    TOO_SOON = "WAITAOF answers before the disk"
    NONE = "none"


@translate_redis_errors
def read_durability(server: Server) -> Durability:
    """Read the server's promise: fsync with every write, a wait for its disk on demand, or none."""
    info = server.info()
    if not info.get("aof_enabled"):
        return Durability.NONE
    try:
        if server.config_get("appendfsync").get("appendfsync") == "always":
            return Durability.ALWAYS
    except NoPermissionError:
        pass  # A shared server may hide its settings. Its version shows its abilities.
    modern = "valkey_version" in info or version_of(info) >= WAITAOF_VERSION
    return Durability.WAITAOF if modern else Durability.NONE


@translate_redis_errors
def prove_durability(server: Server, *, prefix: str) -> Durability:
    """Return the server's promise after a trial, because some servers answer WAITAOF before their disk has the change.

    With `everysec` two syncs begin a second apart. So the disk cannot have each of three changes in a row at once. Seen
    on Valkey 9.1.2, and reported for Redis from 7.4 on (redis/redis pull request 13793, which mends it).
    """
    found = read_durability(server)
    if found != Durability.WAITAOF:
        return found
    synced = 0
    for number in range(TRIES):
        pipe = server.pipeline(transaction=False)
        pipe.set(prefix + "reply:try", number, ex=60)
        pipe.execute_command("WAITAOF", 1, 0, TRY_MS)
        synced += pipe.execute()[1][0]
    return Durability.TOO_SOON if synced == TRIES else found


@translate_redis_errors
def health(server: Server, *, prefix: str) -> dict[str, object]:
    """Read the facts that decide whether this server keeps cards safe: version, persistence, eviction, memory."""
    info = server.info()
    return {
        "version": ".".join(map(str, version_of(info))),
        "kind": "valkey" if "valkey_version" in info else "redis",
        "append_only_file": "yes" if info.get("aof_enabled") else "no",
        "durability": prove_durability(server, prefix=prefix),
        "replicas": replicas(info),
        "eviction": info.get("maxmemory_policy", "unknown"),
        "memory": info.get("used_memory_human", "unknown"),
    }


@translate_redis_errors
def memory_share(server: Server) -> float:
    """Return the used share of the server's memory limit; 0 without a limit."""
    info = server.info("memory")
    limit = int(info.get("maxmemory", 0))
    return int(info["used_memory"]) / limit if limit else 0.0


def replicas(info: Mapping[str, object]) -> str:
    """Describe the replicas that may replace this server, and the changes that a failover may cost."""
    if info.get("role") == "slave":
        return "this is one itself: changes belong to its master"
    count = int(str(info.get("connected_slaves", 0)))
    return f"{count}; a failover to one may lose the last changes" if count else "none"


@contextmanager
def pause_rewrites(server: Server) -> Iterator[None]:
    """Keep the server from replacing its append-only file while the file is copied."""
    name = "auto-aof-rewrite-percentage"
    before = server.config_get(name)[name]
    server.config_set(name, 0)
    try:
        while any(server.info("persistence").get(f"aof_rewrite_{state}") for state in ("in_progress", "scheduled")):
            time.sleep(REWRITE_LOOK_S)
        yield
    finally:
        server.config_set(name, before)
