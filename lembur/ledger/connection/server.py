"""The calls of the server, and the way to it."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Self, TypeVar, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisClusterException, RedisError
from redis.retry import Retry

from lembur.address import parse_address
from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Value = str | int | float
"""A value as the server takes it."""


class Pipeline(Protocol):
    """Calls that go to the server together. `execute` returns their replies in order."""

    def execute_command(self, /, *args: Value) -> object: ...
    def execute(self) -> list[Any]: ...
    def fcall(self, function: str, numkeys: int, /, *keys_and_args: str) -> object: ...
    def function_delete(self, library: str, /) -> object: ...
    def get(self, name: str, /) -> object: ...
    def hget(self, name: str, key: str, /) -> object: ...
    def hgetall(self, name: str, /) -> object: ...
    def hmget(self, name: str, /, *keys: str) -> object: ...
    def hset(self, name: str, key: str, value: Value, /) -> object: ...
    def ltrim(self, name: str, start: int, end: int, /) -> object: ...
    def rename(self, src: str, dst: str, /) -> object: ...
    def rpush(self, name: str, /, *values: Value) -> object: ...
    def set(self, name: str, value: Value, /, *, ex: int) -> object: ...
    def setbit(self, name: str, offset: int, value: int, /) -> object: ...
    def unlink(self, /, *names: str) -> object: ...
    def xrevrange(self, name: str, /, *, count: int) -> object: ...
    def zcard(self, name: str, /) -> object: ...
    def zcount(self, name: str, low: Value, high: Value, /) -> object: ...
    def zrange(self, name: str, start: int, end: int, /, *, withscores: bool = ...) -> object: ...
    def zrevrangebyscore(self, name: str, high: Value, low: Value, /, *, start: int, num: int) -> object: ...


class Server(Protocol):
    """Calls of redis-py that the ledger makes. Its own types give `bytes | str`; this connection decodes to `str`."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: object, fault: object, trace: object, /) -> None: ...
    def close(self) -> None: ...
    def config_get(self, pattern: str, /) -> dict[str, str]: ...
    def copy(self, source: str, target: str, /) -> bool: ...
    def config_set(self, name: str, value: Value, /) -> object: ...
    def exists(self, /, *names: str) -> int: ...
    def fcall(self, function: str, numkeys: int, /, *keys_and_args: str) -> str: ...
    def fcall_ro(self, function: str, numkeys: int, /, *keys_and_args: str) -> str: ...
    def function_list(self, library: str, /) -> list[Any]: ...
    def function_load(self, code: str, /, *, replace: bool) -> object: ...
    def get(self, name: str, /) -> str | None: ...
    def hdel(self, name: str, /, *keys: str) -> int: ...
    def hget(self, name: str, key: str, /) -> str | None: ...
    def hgetall(self, name: str, /) -> dict[str, str]: ...
    def hincrby(self, name: str, key: str, amount: int, /) -> int: ...
    def hmget(self, name: str, keys: str, /, *args: str) -> list[str | None]: ...
    def hscan(self, name: str, cursor: int, /, *, count: int) -> tuple[int, dict[str, str]]: ...
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


Arguments = ParamSpec("Arguments")
Reply = TypeVar("Reply")

LOWEST_VERSION = (7, 0)
"""`ZADD LT`, the options of `EXPIRE` and effects of scripts exist in Redis 7.0 and every Valkey."""


def connect(url: str, *, patience_s: float = 10.0) -> Server:
    """Open the server at `url`. Refuse one that is out of reach, too old, or evicts keys under pressure."""
    address = parse_address(url)
    for name, path in address.certificates:
        if not Path(path).is_file():
            raise LedgerError(
                "%(name)s in the address of the server names no file: there is no %(path)s", name=name, path=path
            )
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
        raise LedgerError(
            "%(address)s refuses the password: correct it in LEMBUR_REDIS_URL or --redis", address=address
        ) from fault
    except (RedisError, OSError, ValueError) as fault:
        if "CERTIFICATE_VERIFY_FAILED" in str(fault):
            raise LedgerError(
                "%(address)s has a certificate of an authority that is unknown here: name the authority's file behind "
                "the address, as ?ssl_ca_certs=FILE",
                address=address,
            ) from fault
        raise LedgerError(
            "%(address)s cannot be reached (%(fault)s): is it running, and is the address right?",
            address=address,
            fault=fault,
        ) from fault
    if loading:  # The server answers, but not correctly yet: its append-only file seems to be off.
        raise LedgerError("%(address)s still reads what it kept on its disk: try again in a moment", address=address)
    if policy != "noeviction":
        raise LedgerError(
            "%(address)s throws keys away when memory is short (maxmemory-policy %(policy)s): set noeviction",
            address=address,
            policy=policy,
        )
    version = version_of(info)
    if version < LOWEST_VERSION:
        raise LedgerError(
            "%(address)s is version %(version)s: at least 7.0 is needed",
            address=address,
            version=".".join(map(str, version)),
        )
    return server


def translate_redis_errors(reading: Callable[Arguments, Reply]) -> Callable[Arguments, Reply]:
    """Raise a LedgerError in the user's words for a server that does not answer."""

    @wraps(reading)
    def read(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Reply:
        try:
            return reading(*args, **kwargs)
        except NoPermissionError as fault:
            raise LedgerError(
                "the server refuses this to the user of the address (%(fault)s): take the user for this command, and "
                "the code of its office as LEMBUR_OFFICE",
                fault=fault,
            ) from fault
        except (RedisError, RedisClusterException) as fault:
            raise LedgerError("the ledger did not answer: %(fault)s", fault=fault) from fault

    return read


def version_of(info: dict[str, object]) -> tuple[int, ...]:
    """Return the server's own version. Valkey also reports the Redis version with which it is compatible."""
    text = str(info.get("valkey_version") or info["redis_version"])
    return tuple(int(part) for part in text.split(".")[:3])
