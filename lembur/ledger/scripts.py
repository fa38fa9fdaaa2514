"""The Lua scripts: loaded from their files, run by their hash, answering JSON."""

from __future__ import annotations

import json
import uuid
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError, RedisError

from lembur.domain.errors import LedgerError

if TYPE_CHECKING:
    from lembur.ledger.connection import Server

SEATS = ("_circuit", "_awaited", "_seats")
FRONTS = (
    dict.fromkeys(("enrol", "handle", "order", "stock", "survey"), SEATS)
    | dict.fromkeys(("offer", "claim"), (*SEATS, "_offer"))
    | dict.fromkeys(("answer", "fail", "commit", "confirm", "abandon", "unconfirm", "expired"), (*SEATS, "_lot"))
)
"""What stands in front of a script, after the rule that stands in front of all."""
HARMLESS = frozenset({"answer", "fail", "abandon"})
"""Changes that may be lost with the server's machine: the centre is asked again, and no blank was touched."""
SYNC_MS = 5_000
"""A disk that needs longer than this is as good as none."""


@cache
def source(verb: str) -> str:
    """The text of one verb's script with what stands in front of it."""
    return "\n".join(_texts()[name] for name in ("_rule", *FRONTS.get(verb, ()), verb))


@cache
def _texts() -> dict[str, str]:
    rooms = (files("lembur.ledger") / "lua").iterdir()
    return {script.name.removesuffix(".lua"): script.read_text() for room in rooms for script in room.iterdir()}


class Scripts:
    """Runs verbs on one server; a request token makes a verb that changes something safe to repeat."""

    def __init__(self, server: Server, prefix: str, *, waits_for_disk: bool) -> None:
        self._server = server
        self._prefix = prefix
        self._waits_for_disk = waits_for_disk
        self._hashes: dict[str, str] = {}

    def read(self, verb: str, /, **arguments: Any) -> Any:
        """Run a verb that may run twice without harm."""
        return self._run(verb, "", arguments)

    def change(self, verb: str, token: str | None = None, /, **arguments: Any) -> Any:
        """Run a verb that must take effect once, whatever the network repeats, or its caller with the same token."""
        return self._run(verb, token or uuid.uuid4().hex, arguments)

    def _run(self, verb: str, token: str, arguments: dict[str, Any]) -> Any:
        try:
            return json.loads(self._call(verb, token, json.dumps(arguments)))
        except RedisError as fault:
            raise LedgerError(f"the ledger did not answer '{verb}': {fault}") from fault

    def _call(self, verb: str, token: str, arguments: str) -> Any:
        # Seats share this: between two lines another thread may have loaded the script too, which is the same to all.
        known = self._hashes.get(verb) or self._load(verb)
        given = (known, 1, self._prefix + "clock", self._prefix, token, "", arguments)
        try:
            if token and self._waits_for_disk and verb not in HARMLESS:
                return self._on_disk(given)
            return self._server.evalsha(*given)
        except NoScriptError:
            self._load(verb)
            return self._call(verb, token, arguments)

    def _load(self, verb: str) -> str:
        known = self._hashes[verb] = str(self._server.script_load(source(verb)))
        return known

    def _on_disk(self, given: tuple[Any, ...]) -> Any:
        """Run a script and wait, on the same connection, until the server's disk has what it wrote."""
        pipe = self._server.pipeline(transaction=False)
        pipe.evalsha(*given)
        pipe.execute_command("WAITAOF", 1, 0, SYNC_MS)
        said, (synced, _) = pipe.execute()
        if not synced:
            raise LedgerError("the ledger's disk did not confirm a change in time: it is not acted upon")
        return said
