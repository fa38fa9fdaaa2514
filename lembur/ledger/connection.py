"""The way to the server, and whether it may be trusted with cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from redis import Redis

LOWEST_VERSION = (7, 0)
"""`ZADD LT`, `EXPIRE` options and script effects as used here are all in Redis 7.0 and every Valkey."""


def connect(url: str) -> Redis:
    """Open the server at `url`; refuses one that is out of reach, too old, or evicts keys under pressure."""
    server = redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=10,
        socket_connect_timeout=5,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), 3),
    )
    place = shown(url)
    try:
        info = server.info("server")
        policy = server.info("memory").get("maxmemory_policy", "noeviction")
    except AuthenticationError as fault:
        raise LedgerError(f"{place} refuses the password: correct it in LEMBUR_REDIS_URL or --redis") from fault
    except (RedisError, OSError, ValueError) as fault:
        raise LedgerError(f"{place} cannot be reached ({fault}): is it running, and is the address right?") from fault
    if policy != "noeviction":
        raise LedgerError(f"{place} throws keys away when memory is short (maxmemory-policy {policy}): set noeviction")
    version = version_of(info)
    if version < LOWEST_VERSION:
        raise LedgerError(f"{place} is version {'.'.join(map(str, version))}: at least 7.0 is needed")
    return server


def version_of(info: dict[str, object]) -> tuple[int, ...]:
    """The server's own version, Valkey's rather than the Redis version it is compatible with."""
    text = str(info.get("valkey_version") or info["redis_version"])
    return tuple(int(part) for part in text.split(".")[:3])


def shown(url: str) -> str:
    """The server's address as people may see it, without its password."""
    return "redis at " + url.rpartition("@")[2].removeprefix("redis://").removeprefix("rediss://")
