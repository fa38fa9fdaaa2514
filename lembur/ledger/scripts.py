"""The Lua scripts: functions of the server, called by name, with JSON as arguments and answers.

A server keeps its functions over a restart. So a user can work without the right to load scripts.
"""

from __future__ import annotations

import copy
import hashlib
import uuid
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from lembur.domain.errors import LedgerError
from lembur.domain.observation import DURATION_S, LAG_MS, WAIT_S
from lembur.ledger.schema.keys import STEMS
from lembur.ledger.schema.records import CODES, IN_HAND, NOTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.ledger.connection import Server

FUNCTIONS = "lembur_"
"""Prefix of the names of all functions."""
SHARED = (
    "_rule",
    "_cards",
    "_circuit",
    "_waits",
    "_seats",
    "_wake",
    "_offer",
    "_lot",
    "_person",
    "_blanks",
    "_card",
    "_stock",
)
"""The shared files, each before those that use it."""
TABLES: dict[str, Mapping[Any, str]] = {
    "STEMS": STEMS,
    "CODE": CODES,
    "MARK": {status: f"|{code}" for status, code in CODES.items()},
    "NOTE": NOTES,
    "STATUS": {code: status for status, code in CODES.items()},
    "IN_HAND": IN_HAND,
}
"""Names of keys, and statuses with their codes, for Lua, because no script spells one."""
EDGES = {"duration": DURATION_S, "wait": WAIT_S, "lag": LAG_MS}
"""Edges of the buckets, for Lua: seconds, of the lag milliseconds."""
HARMLESS = frozenset({"answer", "end_asking", "hear", "take_overdue", "fail", "abandon"})
"""Verbs that do not wait for the disk. A lost answer is asked for again, and no blank was touched."""
SYNC_MS = 5_000
"""Longest wait for the disk, milliseconds."""
PAGE = 1_000
NOT_THERE = "function not found"
"""The answer of a server without our functions."""


@cache
def source() -> str:
    """Return all scripts in one text: the names of keys and statuses, the shared files, then a function a verb."""
    texts = _texts()
    tables = [f"local {name} = {{ {_rows(table)} }}\n" for name, table in TABLES.items()]
    edges = ", ".join(f"{what} = {{ {', '.join(map(str, values))} }}" for what, values in EDGES.items())
    shared = [texts[name] for name in SHARED]
    functions = [f"register('{verb}', function()\n{texts[verb]}end)\n" for verb in verbs()]
    return "\n".join([*tables, f"local EDGES = {{ {edges} }}\n", *shared, *functions])


def _rows(table: Mapping[Any, str]) -> str:
    return ", ".join(f"['{name}'] = '{value}'" for name, value in table.items())


@cache
def version() -> str:
    """Return a short hash of all scripts: programs of two versions each call their own."""
    return hashlib.sha256(source().encode()).hexdigest()[:12]


def library_name() -> str:
    """Return the name of this version's library on the server."""
    return f"{FUNCTIONS}{version()}"


def function_name(verb: str) -> str:
    """Return the name of a verb among the functions of the server."""
    return f"{FUNCTIONS}{verb}_{version()}"


def verbs() -> list[str]:
    """Return the names of all verbs."""
    return sorted(name for name in _texts() if not name.startswith("_"))


@cache
def _texts() -> dict[str, str]:
    folders = (files("lembur.ledger") / "lua").iterdir()
    return {script.name.removesuffix(".lua"): script.read_text() for folder in folders for script in folder.iterdir()}


def load(server: Server) -> None:
    """Load all verbs; to load them once more changes nothing."""
    head = f"#!lua name={library_name()}\nlocal VERSION = '{version()}'\n"
    try:
        server.function_load(head + source(), replace=True)
    except NoPermissionError as fault:
        raise LedgerError(
            "the server does not have the functions of this version, and this user may not load them: "
            "run 'lembur board' once as the user of the console"
        ) from fault


def other_libraries(server: Server) -> list[str]:
    """List the libraries of other versions; none for a user who may not list them."""
    try:
        found = server.function_list(f"{FUNCTIONS}*")
    except NoPermissionError:
        return []
    # A row is a list in RESP2, and a map in RESP3.
    names = [str(row["library_name"] if isinstance(row, dict) else row[1]) for row in found]
    return [name for name in names if name != library_name()]


def delete_others(server: Server, prefix: str) -> int:
    """Delete the libraries of other versions and return their number; none while another office is on the server.

    That office may need them, and its workers may lack the right to load them again.
    """
    others = other_libraries(server)
    try:
        if others and all(key.startswith(prefix) for key in server.scan_iter(f"lembur:{{*}}:{STEMS['clock']}", PAGE)):
            pipe = server.pipeline(transaction=False)
            for name in others:
                pipe.function_delete(name)
            return len(pipe.execute())
    except NoPermissionError:
        pass
    return 0


class Scripts:
    """Runs verbs on one server. A request token makes it safe to repeat a verb that changes something."""

    def __init__(self, server: Server, prefix: str, *, waits_for_disk: bool) -> None:
        self._server = server
        self._prefix = prefix
        self._waits_for_disk = waits_for_disk
        self._token: str | None = None

    def with_token(self, token: str) -> Scripts:
        """Return the same scripts, whose changes carry this request token."""
        found = copy.copy(self)
        found._token = token  # noqa: SLF001 - a copy of this very object
        return found

    def query(self, verb: str, /, **arguments: Any) -> Any:
        """Run a verb that only reads. The server refuses any write in it."""
        return self._run(verb, "", arguments, read_only=True)

    def run(self, verb: str, /, **arguments: Any) -> Any:
        """Run a verb that does no harm when the network repeats it."""
        return self._run(verb, "", arguments)

    def run_once(self, verb: str, token: str | None = None, ends_ms: Sequence[int] = (), /, **arguments: Any) -> Any:
        """Run a verb that takes effect once for each token, also if the network repeats it.

        The ends of a lot's cards go to the server as a text, which it keeps as it comes.
        """
        return self._run(verb, token or self._token or uuid.uuid4().hex, arguments, ends_ms)

    def _run(
        self,
        verb: str,
        token: str,
        arguments: dict[str, Any],
        ends_ms: Sequence[int] = (),
        *,
        read_only: bool = False,
    ) -> Any:
        ends = [_compact(list(map(str, ends_ms)))] if ends_ms else []
        given = (self._prefix + STEMS["clock"], self._prefix, token, _compact(arguments), *ends)
        try:
            return from_json(self._call(verb, given, read_only=read_only))
        except RedisError as fault:
            raise LedgerError("the ledger did not answer '%(verb)s': %(fault)s", verb=verb, fault=fault) from fault

    def _call(self, verb: str, given: tuple[str, ...], *, read_only: bool) -> Any:
        name = function_name(verb)
        try:
            if given[2] and self._waits_for_disk and verb not in HARMLESS:
                return self._on_disk(name, given)
            return self._server.fcall_ro(f"{name}_ro", 1, *given) if read_only else self._server.fcall(name, 1, *given)
        except ResponseError as fault:
            if NOT_THERE not in str(fault).lower():
                raise
            load(self._server)
            return self._call(verb, given, read_only=read_only)

    def _on_disk(self, name: str, given: tuple[str, ...]) -> Any:
        """Run a script, and wait on the same connection until its changes are on the server's disk."""
        pipe = self._server.pipeline(transaction=False)
        pipe.fcall(name, 1, *given)
        pipe.execute_command("WAITAOF", 1, 0, SYNC_MS)
        answer, (synced, _) = pipe.execute()
        if not synced:
            raise LedgerError("the ledger's disk did not confirm a change in time: it is not acted upon")
        return answer


def _compact(given: object) -> str:
    return to_json(given).decode()
