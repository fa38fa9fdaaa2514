"""The log of people: every action on cards, stock and seats in order, with its person and reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lembur.ledger.connection import translate_redis_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.ledger.ledger import Ledger

PAGE: Final = 1_000
COMMON: Final = frozenset({"what", "by", "reason", "at", "real"})


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a person: verb, person, reason, office time, real time, and its object."""

    what: str
    by: str
    reason: str
    at_ms: int
    real_ms: int
    details: Mapping[str, str | int]


@translate_redis_errors
def read_actions(ledger: Ledger) -> list[Action]:
    """Read all actions of people in this office, the oldest first."""
    key = ledger.key("actions")
    found: list[Action] = []
    while page := ledger.server.lrange(key, len(found), len(found) + PAGE - 1):
        found += [parse_action(json.loads(text)) for text in page]
    return found


@translate_redis_errors
def count_actions(ledger: Ledger) -> int:
    """Count the actions of people in this office."""
    return int(ledger.server.llen(ledger.key("actions")))


def parse_action(row: dict[str, str | float]) -> Action:
    """Read one row of the log."""
    details = {name: int(value) if isinstance(value, float) else value for name, value in row.items()}
    return Action(
        str(row["what"]),
        str(row["by"]),
        str(row.get("reason", "")),
        int(row["at"]),
        int(row["real"]),
        {name: value for name, value in details.items() if name not in COMMON},
    )
