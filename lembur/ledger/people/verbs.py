"""The verbs of people. Each keeps the person and the reason."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from lembur.domain.errors import OrderError, Sentence
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.core import read_wakes, seat_rows
from lembur.ledger.people.cards import CardVerbs
from lembur.ledger.people.stock import StockVerbs
from lembur.ledger.people.text import check_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import SeatOrder
    from lembur.ledger.types import SeatTables, Wakes


class People(CardVerbs, StockVerbs):
    """Actions of a person on cards, stock and seats."""

    def order(
        self, orders: Sequence[SeatOrder], *, known: int, seats: SeatTables, changes: int = 0, reference: str = ""
    ) -> Wakes | None:
        """Make seat orders effective together, with the seats that each station has by all orders.

        None when others came since these `known` orders and `changes` of the office. A `reference` is used once.
        """
        for order in orders:
            check_text(order.by, Sentence("who orders the seats"), OrderError)
            check_text(order.reason, Sentence("why the seats are ordered"), OrderError)
        reply = self._scripts.run_once(
            "order",
            orders=[json.dumps(asdict(order)) for order in orders],
            known=known,
            changes=changes,
            stations=[{"code": code, **seat_rows(table.steps, table.plan)} for code, table in seats.items()],
            **({"reference": f"plan|{reference}"} if reference else {}),
        )
        if "used" in reply:
            raise OrderError("this plan was applied already by %(by)s: make a new one", by=reply["used"]["by"])
        return None if "stale" in reply else read_wakes(reply)

    @translate_redis_errors
    def note_action(self, what: str, *, by: str, reason: str = "", **details: str) -> None:
        """Keep in the log the other acts of a person: users, logins, files."""
        now_ms, real_ms = self.time()[0], round(time.time() * 1000)
        row = {**details, "what": what, "by": by, "reason": reason, "at": now_ms, "real": real_ms}
        self.server.rpush(self.key("actions"), json.dumps(row))
