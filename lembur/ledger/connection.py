"""The way to the server, and whether it may be trusted with cards."""

from __future__ import annotations

import time
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Self, TypeVar, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.retry import Retry

from lembur.address import parse_address
from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Value = str | int | float
"""A value as the server is given it."""


class Pipeline(Protocol):
    """Calls that go to the server together; `execute` returns their replies in order."""

    def execute_command(self, /, *args: Value) -> object: ...
    def execute(self) -> list[Any]: ...
    def fcall(self, function: str, numkeys: int, /, *keys_and_args: str) -> object: ...
    def function_delete(self, library: str, /) -> object: ...
    def function_load(self, code: str, /, *, replace: bool) -> object: ...
    def get(self, name: str, /) -> object: ...
    def hget(self, name: str, key: str, /) -> object: ...
    def hgetall(self, name: str, /) -> object: ...
    def hmget(self, name: str, /, *keys: str) -> object: ...
    def hset(self, name: str, key: str, value: Value, /) -> object: ...
    def ltrim(self, name: str, start: int, end: int, /) -> object: ...
    def rename(self, src: str, dst: str, /) -> object: ...
    def rpush(self, name: str, /, *values: Value) -> object: ...
    def set(self, name: str, value: Value, /, *, ex: int) -> object: ...
    def unlink(self, /, *names: str) -> object: ...
    def xrevrange(self, name: str, /, *, count: int) -> object: ...
    def zcard(self, name: str, /) -> object: ...
    def zcount(self, name: str, low: Value, high: Value, /) -> object: ...
    def zrange(self, name: str, start: int, end: int, /) -> object: ...
    def zrevrangebyscore(self, name: str, high: Value, low: Value, /, *, start: int, num: int) -> object: ...


class Server(Protocol):
    """Calls of redis-py that the ledger makes. Its own types give `bytes | str`; this connection decodes to `str`."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: object, fault: object, trace: object, /) -> None: ...
    def close(self) -> None: ...
    def config_get(self, pattern: str, /) -> dict[str, str]: ...
    def config_set(self, name: str, value: Value, /) -> object: ...
    def exists(self, /, *names: str) -> int: ...
    def fcall(self, function: str, numkeys: int, /, *keys_and_args: str) -> str: ...
    def fcall_ro(self, function: str, numkeys: int, /, *keys_and_args: str) -> str: ...
    def function_list(self, library: str, /) -> list[Any]: ...
    def get(self, name: str, /) -> str | None: ...
    def hget(self, name: str, key: str, /) -> str | None: ...
    def hgetall(self, name: str, /) -> dict[str, str]: ...
    def hincrby(self, name: str, key: str, amount: int, /) -> int: ...
    def hmget(self, name: str, keys: str, /, *args: str) -> list[str | None]: ...
    def hscan_iter(self, name: str, /, *, count: int) -> Iterator[tuple[str, str]]: ...
    def hset(self, name: str, key: str, value: Value, /) -> int: ...
    def info(self, section: str = "default", /) -> dict[str, Any]: ...
    def llen(self, name: str, /) -> int: ...
    def lrange(self, name: str, start: int, end: int, /) -> list[str]: ...
    def pipeline(self, *, transaction: bool) -> Pipeline: ...
    def rpush(self, name: str, /, *values: str) -> int: ...
    def scan_iter(self, match: str, count: int, /) -> Iterator[str]: ...
    def set(self, name: str, value: Value, /, *, nx: bool = ...) -> bool | None: ...
    def time(self) -> tuple[int, int]: ...
    def xread(self, streams: dict[str, str], count: int, block: int, /) -> Any: ...  # noqa: ANN401 - list or map, by protocol
    def xrevrange(
        self, name: str, newest: str = ..., oldest: str = ..., /, *, count: int
    ) -> list[tuple[str, dict[str, str]]]: ...
    def zrange(self, name: str, start: int, end: int, /, *, withscores: bool) -> list[tuple[str, float]]: ...
    def zrevrangebyscore(self, name: str, high: Value, low: Value, /, *, start: int, num: int) -> list[str]: ...


Given = ParamSpec("Given")
Said = TypeVar("Said")

REWRITE_LOOK_S = 0.1
WAITAOF_VERSION = (7, 2)
TRIES, TRY_MS = 3, 300
LOWEST_VERSION = (7, 0)
"""`ZADD LT`, `EXPIRE` options and script effects as used here are all in Redis 7.0 and every Valkey."""


def connect(url: str, *, patience_s: float = 10.0) -> Server:
    """Open the server at `url`; refuses one that is out of reach, too old, or evicts keys under pressure."""
    address = parse_address(url)
    server = cast(
        "Server",
        redis.Redis.from_url(
            address.url,
            decode_responses=True,
            socket_timeout=patience_s,
            socket_connect_timeout=patience_s / 2,
            retry=Retry(ExponentialBackoff(cap=1, base=0.05), 3),
        ),
    )
    try:
        info = server.info("server")
        policy = server.info("memory").get("maxmemory_policy", "noeviction")
        loading = server.info("persistence").get("loading", 0)
    except AuthenticationError as fault:
        raise LedgerError(f"{address} refuses the password: correct it in LEMBUR_REDIS_URL or --redis") from fault
    except (RedisError, OSError, ValueError) as fault:
        raise LedgerError(f"{address} cannot be reached ({fault}): is it running, and is the address right?") from fault
    if loading:  # it answers questions about itself, but not yet truly: its append-only file seems to be off
        raise LedgerError(f"{address} still reads what it kept on its disk: try again in a moment")
    if policy != "noeviction":
        raise LedgerError(
            f"{address} throws keys away when memory is short (maxmemory-policy {policy}): set noeviction"
        )
    version = version_of(info)
    if version < LOWEST_VERSION:
        raise LedgerError(f"{address} is version {'.'.join(map(str, version))}: at least 7.0 is needed")
    return server


def translate_redis_errors(reading: Callable[Given, Said]) -> Callable[Given, Said]:
    """Raise a LedgerError for a server that does not answer, as a user needs it."""

    @wraps(reading)
    def read(*args: Given.args, **kwargs: Given.kwargs) -> Said:
        try:
            return reading(*args, **kwargs)
        except RedisError as fault:
            raise LedgerError(f"the ledger did not answer: {fault}") from fault

    return read


def version_of(info: dict[str, object]) -> tuple[int, ...]:
    """Return the server's own version; Valkey also reports a Redis version that it is compatible with."""
    text = str(info.get("valkey_version") or info["redis_version"])
    return tuple(int(part) for part in text.split(".")[:3])


class Durability(StrEnum):
    """Way of a change to the server's disk before it is acted upon."""

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
        pass  # a shared server shows its settings to no user; its version shows what it can do
    modern = "valkey_version" in info or version_of(info) >= WAITAOF_VERSION
    return Durability.WAITAOF if modern else Durability.NONE


@translate_redis_errors
def prove_durability(server: Server, *, prefix: str) -> Durability:
    """Return the server's promise after a trial: some servers answer WAITAOF before their disk has the change.

    With `everysec` two syncs begin a second apart, so of three changes in a row the disk cannot have all at once. Seen
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
    """Read everything that decides whether this server keeps cards safe: version, persistence, eviction, memory."""
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
    """Return the share of its limit that the server's memory has reached; 0 without a limit."""
    info = server.info("memory")
    limit = int(info.get("maxmemory", 0))
    return int(info["used_memory"]) / limit if limit else 0.0


def replicas(info: Mapping[str, object]) -> str:
    """Describe the replicas that may take this server's place, and the price of that."""
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
