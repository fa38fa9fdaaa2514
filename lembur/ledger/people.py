"""The verbs of people: they handle cards, move stock and order seats. Each keeps who did it, and why."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from lembur.domain.card import MOVES, SHELVES, CardId, Priority, Status
from lembur.domain.errors import CardError, LemburError, OrderError, StockError
from lembur.domain.observation import WAIT_S
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.core import Core, read_wakes, seat_rows
from lembur.ledger.schema import EXPEDITED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.card import Collector
    from lembur.domain.seats import SeatOrder, StationCode
    from lembur.ledger.types import Finding, SeatTable, Wakes

DONE: Final = {"hold": "held", "release": "released", "expedite": "expedited", "ship": "shipped", "issue": "issued"}
MOST_ON_A_SHELF: Final = 1_000_000
"""Blanks or cards of ribbon in one movement: more than any city has people (Surakarta: 416,000)."""


class People(Core):
    """Actions of a person on cards, stock and seats."""

    def hold(self, card: CardId, *, by: str, reason: str) -> Wakes:
        """Take a waiting card out of the queue until it is released."""
        return self._handle("hold", card, by, reason, _may_move_to(Status.HELD))

    def release(self, card: CardId, *, by: str, reason: str) -> Wakes:
        """Let a held or shelved card go on: to the printer it waited for, or to the centre once more."""
        return self._handle("release", card, by, reason, SHELVES - {Status.PRINT_UNCONFIRMED})

    def expedite(self, card: CardId, *, by: str, reason: str) -> Wakes:
        """Let a waiting card go before all others."""
        return self._handle("expedite", card, by, reason, _may_move_to(Status.HELD))

    def ship(self, card: CardId, *, to: str, by: str) -> None:
        """Note that a printed card is carried to another counter."""
        self._hand_over("ship", card, by, to, Status.CARD_SHIPPED)

    def issue(self, card: CardId, *, to: Collector, by: str) -> None:
        """Note that a card was handed over; `by` looked at the identity of the collector."""
        self._hand_over("issue", card, by, to, Status.CARD_ISSUED)

    def restore(self, card: CardId, record: str, *, by: str, reason: str) -> None:
        """Bring an archived card back, with the record that the archive has of it."""
        reply = self._scripts.run_once("restore", card=card, record=record, by=by, reason=reason)
        if not reply["restored"]:
            raise CardError(f"card {card} is in the ledger: there is nothing to restore")

    def confirm(self, card: CardId, *, finding: Finding, by: str) -> Wakes:
        """Settle an unconfirmed card as the person `by` found it at the printer.

        A second person corrects a wrong finding in the same way, while nothing else has happened to the card.
        """
        reply = self._scripts.run_once(
            "confirm",
            card=card,
            finding=finding,
            by=_check_text(by, "who looked at the printer", CardError),
            wait_edges=WAIT_S,
            unconfirmed=Status.PRINT_UNCONFIRMED,
            printed=Status.CARD_PRINTED,
            ready=Status.PRINT_READY_RECORD,
        )
        if "wakes" not in reply:
            raise CardError(_why_not_confirmed(card, reply) or self._why_unknown(card))
        return read_wakes(reply)

    def receive(self, station: StationCode, *, blanks: int, ribbon_cards: int, minutes: str, by: str) -> Wakes:
        """Put a delivery on the station's shelf."""
        return self._move_stock("receive", station, blanks, ribbon_cards, minutes=minutes, by=by)

    def transfer(
        self, station: StationCode, *, to: StationCode, blanks: int, ribbon_cards: int, minutes: str, by: str
    ) -> Wakes:
        """Carry stock from one station to another."""
        if to == station:
            raise StockError(f"a transfer from {station} to itself moves nothing: give another station")
        return self._move_stock("transfer", station, blanks, ribbon_cards, minutes=minutes, by=by, to=to)

    def destroy(self, station: StationCode, *, blanks: int, minutes: str, by: str) -> Wakes:
        """Destroy blanks by the minutes with this number."""
        return self._move_stock("destroy", station, blanks, 0, minutes=minutes, by=by)

    def order(
        self, orders: Sequence[SeatOrder], *, known: int, seats: Mapping[StationCode, SeatTable], reference: str = ""
    ) -> Wakes | None:
        """Let seat orders take effect together, with the seats that each station has by all orders.

        None when other orders came since the `known` ones. A `reference` (of a plan) is used once.
        """
        for order in orders:
            _check_text(order.by, "who orders the seats", OrderError)
            _check_text(order.reason, "why the seats are ordered", OrderError)
        reply = self._scripts.run_once(
            "order",
            orders=[json.dumps(asdict(order)) for order in orders],
            known=known,
            stations=[{"code": code, **seat_rows(table.steps, table.plan)} for code, table in seats.items()],
            **({"reference": f"plan|{reference}"} if reference else {}),
        )
        if "used" in reply:
            raise OrderError(f"this plan was applied already by {reply['used']['by']}: make a new one")
        return None if "stale" in reply else read_wakes(reply)

    @translate_redis_errors
    def note_action(self, what: str, *, by: str, reason: str = "", **details: str) -> None:
        """Keep in the log what a person did besides cards, stock and seats: users, logins, files."""
        now_ms, real_ms = self.time()[0], round(time.time() * 1000)
        row = {**details, "what": what, "by": by, "reason": reason, "at": now_ms, "real": real_ms}
        self.server.rpush(self.key("actions"), json.dumps(row))

    def _handle(self, verb: str, card: CardId, by: str, reason: str, allowed: frozenset[Status]) -> Wakes:
        reply = self._scripts.run_once(
            verb,
            card=card,
            by=_check_text(by, f"who lets the card be {DONE[verb]}", CardError),
            reason=_check_text(reason, f"why the card is {DONE[verb]}", CardError),
            allowed=sorted(allowed),
            held=Status.HELD,
            fresh=Status.BIO_CAPTURED,
            expedited=EXPEDITED,
            **{"class": int(Priority.EXPEDITED)},
        )
        self._check_moved(verb, card, reply)
        return read_wakes(reply)

    def _hand_over(self, what: str, card: CardId, by: str, to: str, status: Status) -> None:
        self._check_moved(
            what,
            card,
            self._scripts.run_once(
                "hand_over",
                card=card,
                what=what,
                by=_check_text(by, f"who lets the card be {DONE[what]}", CardError),
                reason=f"to {_check_text(to, 'where the card goes', CardError)}",
                allowed=sorted(_may_move_to(status)),
                to=status,
            ),
        )

    def _check_moved(self, verb: str, card: CardId, reply: Mapping[str, Any]) -> None:
        if reply.get("refused") == "":
            raise CardError(self._why_unknown(card))
        if "refused" in reply:
            raise CardError(f"card {card} is {reply['refused']}: it cannot be {DONE[verb]} now")

    @translate_redis_errors
    def _why_unknown(self, card: CardId) -> str:
        if int(card) > int(self.server.get(self.key("serial")) or 0):
            return f"there is no card {card}"
        return f"card {card} is archived: `lembur archive restore {card}` brings it back"

    def _move_stock(
        self, verb: str, station: StationCode, blanks: int, ribbon_cards: int, *, minutes: str, by: str, **more: str
    ) -> Wakes:
        number = _check_text(minutes, "the number of the minutes", StockError)
        _check_amounts(f"{verb} at {station}", blanks, ribbon_cards)
        reply = self._scripts.run_once(
            verb,
            station=station,
            blank=blanks,
            ribbon=ribbon_cards,
            minutes=number,
            by=_check_text(by, "who moves the stock", StockError),
            reason=f"minutes {number}",
            reference="minutes|" + " ".join(number.casefold().split()),
            **more,
        )
        if "unknown" in reply:
            raise StockError(f"there is no station '{reply['unknown']}' with a shelf")
        if "used" in reply:
            raise StockError(f"minutes {number} are booked already: {_describe(reply['used'])}")
        if "short" in reply:
            raise StockError(f"{verb} at {station}: only {reply['blank']} blanks on the shelf, {blanks} asked for")
        return read_wakes(reply)


def _may_move_to(status: Status) -> frozenset[Status]:
    return frozenset(before for before, after in MOVES.items() if status in after)


def _check_text(text: str, what: str, fault: type[LemburError]) -> str:
    if not text.strip():
        raise fault(f"give {what}: it is kept in the log and may not be empty")
    return text.strip()


def _check_amounts(movement: str, blanks: int, ribbon_cards: int) -> None:
    if blanks < 0 or ribbon_cards < 0 or blanks + ribbon_cards == 0:
        raise StockError(f"{movement}: the number must be above zero")
    if max(blanks, ribbon_cards) > MOST_ON_A_SHELF:
        raise StockError(f"{movement}: {max(blanks, ribbon_cards):,} are more than any shelf holds: correct the number")


def _why_not_confirmed(card: CardId, reply: Mapping[str, Any]) -> str:
    if "settled" in reply:
        finding, by = reply["settled"]
        return f"card {card} is settled as {finding} by {by}: only another person can correct it, by another finding"
    if "short" in reply:
        return f"card {card}: its untouched blank was used meanwhile, so the finding cannot be corrected any more"
    if not reply["refused"]:
        return ""
    return f"card {card} is {reply['refused']}, not {Status.PRINT_UNCONFIRMED}: there is nothing to confirm"


def _describe(action: Mapping[str, Any]) -> str:
    to = f" to {action['to']}" if "to" in action else ""
    return f"{action['what']} {int(action['blanks'])} blanks at {action['station']}{to}, by {action['by']}"
