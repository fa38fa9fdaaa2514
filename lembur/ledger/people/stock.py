"""The verbs of people on stock: each keeps the person and the number of the minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lembur.domain.errors import Sentence, StockError
from lembur.ledger.core import Core, read_wakes
from lembur.ledger.people.text import check_text
from lembur.typed_text import fold_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.domain.seats import StationCode
    from lembur.ledger.types import Wakes

MOST_ON_A_SHELF: Final = 1_000_000
"""Most blanks, or cards of ribbon, in one movement: more than any city has people (Surakarta: 416,000)."""


class StockVerbs(Core):
    """Actions of a person on stock."""

    def receive(self, station: StationCode, *, blanks: int, ribbon_cards: int, minutes: str, by: str) -> Wakes:
        """Put a delivery on the station's shelf."""
        return self._move_stock("receive", station, blanks, ribbon_cards, minutes=minutes, by=by)

    def transfer(
        self, station: StationCode, *, to: StationCode, blanks: int, ribbon_cards: int, minutes: str, by: str
    ) -> Wakes:
        """Carry stock from one station to another."""
        if to == station:
            raise StockError(
                "a transfer from %(station)s to itself moves nothing: give another station", station=station
            )
        return self._move_stock("transfer", station, blanks, ribbon_cards, minutes=minutes, by=by, to=to)

    def destroy(self, station: StationCode, *, blanks: int, minutes: str, by: str) -> Wakes:
        """Book blanks as destroyed, by the minutes with this number."""
        return self._move_stock("destroy", station, blanks, 0, minutes=minutes, by=by)

    def destroy_spoiled(self, station: StationCode, *, minutes: str, witness: str, by: str) -> int:
        """Book the spoiled blanks of a station as destroyed that no earlier minutes have; return their number.

        Their known serials are in the log of people, with the minutes.
        """
        number = check_text(minutes, Sentence("the number of the minutes"), StockError)
        reply = self._scripts.run_once(
            "destroy_spoiled",
            station=station,
            witness=check_text(witness, Sentence("who watched"), StockError),
            **_minutes_of(number, by),
        )
        if "none" in reply:
            raise StockError(
                "%(station)s has no spoiled blank that is not in minutes yet: there is nothing to destroy",
                station=station,
            )
        _check_stock(number, reply)
        return int(reply["blanks"])

    def _move_stock(
        self, verb: str, station: StationCode, blanks: int, ribbon_cards: int, *, minutes: str, by: str, **more: str
    ) -> Wakes:
        number = check_text(minutes, Sentence("the number of the minutes"), StockError)
        _check_amounts(blanks, ribbon_cards)
        reply = self._scripts.run_once(
            verb,
            station=station,
            blank=blanks,
            ribbon=ribbon_cards,
            **_minutes_of(number, by),
            **more,
        )
        _check_stock(number, reply)
        if "short" in reply:
            raise StockError(
                "%(station)s: only %(num)s blank on the shelf, %(asked)s asked for",
                "%(station)s: only %(num)s blanks on the shelf, %(asked)s asked for",
                station=station,
                num=int(reply["blank"]),
                asked=blanks,
            )
        return read_wakes(reply)


def _minutes_of(number: str, by: str) -> dict[str, str]:
    return {
        "minutes": number,
        "by": check_text(by, Sentence("who moves the stock"), StockError),
        "reason": f"minutes {number}",
        "reference": "minutes|" + fold_number(number),
    }


def _check_stock(number: str, reply: Mapping[str, Any]) -> None:
    if "unknown" in reply:
        raise StockError("there is no station '%(station)s' with a shelf", station=reply["unknown"])
    if "used" in reply:
        raise StockError(
            "minutes %(number)s are booked already: %(movement)s", number=number, movement=_describe(reply["used"])
        )


def _check_amounts(blanks: int, ribbon_cards: int) -> None:
    if blanks < 0 or ribbon_cards < 0 or blanks + ribbon_cards == 0:
        raise StockError("the number of blanks or ribbons must be above zero")
    if max(blanks, ribbon_cards) > MOST_ON_A_SHELF:
        raise StockError(
            "%(number)s are more than any shelf holds: correct the number", number=max(blanks, ribbon_cards)
        )


def _describe(action: Mapping[str, Any]) -> Sentence:
    blanks = Sentence("%(num)s blank", "%(num)s blanks", num=int(action["blanks"]))
    station, by = action["station"], action["by"]
    match action["what"]:
        case "receive":
            return Sentence("%(blanks)s received at %(station)s by %(by)s", blanks=blanks, station=station, by=by)
        case "transfer":
            return Sentence(
                "%(blanks)s carried from %(station)s to %(to)s by %(by)s",
                blanks=blanks,
                station=station,
                to=action["to"],
                by=by,
            )
    return Sentence("%(blanks)s destroyed at %(station)s by %(by)s", blanks=blanks, station=station, by=by)
