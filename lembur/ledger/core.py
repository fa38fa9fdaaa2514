"""The base of every group of verbs: the server, the keys' prefix, the scripts, and the office's time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Self

from lembur.domain.seats import StationCode
from lembur.ledger.connection import Durability, office_server, read_durability, translate_redis_errors
from lembur.ledger.schema.keys import STEMS, prefix
from lembur.ledger.scripts import Scripts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.seats import SeatPlan, Step
    from lembur.ledger.connection import Server
    from lembur.ledger.types import Wakes


class Core:
    """One office's ledger on a server, with the parts that every verb needs."""

    def __init__(self, server: Server, *, office: str) -> None:
        self.office_code = office
        self.prefix = prefix(office)
        self.server = office_server(server, self.prefix)
        self.durability = read_durability(self.server)
        self._scripts = Scripts(self.server, self.prefix, waits_for_disk=self.durability == Durability.WAITAOF)

    def with_token(self, token: str) -> Self:
        """Return this ledger for one request.

        A change under this token is made once; its repetition gets the same answer.
        """
        found = copy.copy(self)
        found._scripts = self._scripts.with_token(token)  # noqa: SLF001 - a copy of this very object
        return found

    @translate_redis_errors
    def knows_token(self, token: str) -> bool:
        """Return True if a change was made under this token lately."""
        return bool(self.server.exists(self.key("reply", token)))

    def key(self, name: str, part: str = "") -> str:
        """Return a key of this office by its name in the table of keys, and by its station, lot or request."""
        return f"{self.prefix}{STEMS[name]}{part}"

    @translate_redis_errors
    def serial(self) -> int:
        """Return the last card number given."""
        return int(self.server.get(self.key("serial")) or 0)

    def time(self) -> tuple[int, float]:
        """Return virtual time now, and its speed."""
        reply = self._scripts.query("clock")
        return int(reply["now"]), float(reply["speed"])

    def query(self, verb: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - JSON, as the script answers
        """Run a script that only reads. The server refuses any write in it."""
        return self._scripts.query(verb, **arguments)


def seat_rows(steps: Sequence[Step], plan: Sequence[SeatPlan]) -> dict[str, list[tuple[int, ...]]]:
    """Return the seats of a station in the form that scripts take."""
    return {
        "steps": [(step.at_ms, step.seats) for step in steps],
        "plan": [(step.at_ms, step.base, step.wanted) for step in plan],
    }


def read_wakes(reply: Mapping[str, Any]) -> Wakes:
    """Return the wake-ups that a script asks for. An empty table of Lua is a list in JSON."""
    return {StationCode(station): int(count) for station, count in dict(reply["wakes"]).items()}
