"""Movements of blanks and ribbon, each by minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lembur.domain.errors import StockError
from lembur.office import read_setup

if TYPE_CHECKING:
    from lembur.actions.office_link import OfficeLink

StockVerb = Literal["receive", "transfer", "destroy"]


@dataclass(frozen=True, slots=True)
class StockMove:
    """A delivery, a transfer to the station `to`, or a destruction, by the minutes with this number."""

    verb: StockVerb
    station: str
    blanks: int
    ribbons: int
    minutes: str
    by: str
    to: str = ""


def move_stock(office: OfficeLink, move: StockMove) -> None:
    """Carry out a movement of stock, and wake the stations that waited for it."""
    setup = read_setup(office.ledger)
    station = setup.find_station(move.station)
    if move.verb == "destroy" and move.ribbons:
        raise StockError("only blanks are destroyed by minutes: leave the ribbons out")
    ledger, signed = office.ledger, {"minutes": move.minutes, "by": move.by}
    ribbon_cards = move.ribbons * setup.scenario.printing.ribbon_cards
    match move.verb:
        case "receive":
            wakes = ledger.receive(station, blanks=move.blanks, ribbon_cards=ribbon_cards, **signed)
        case "transfer":
            to = setup.find_station(move.to)
            wakes = ledger.transfer(station, to=to, blanks=move.blanks, ribbon_cards=ribbon_cards, **signed)
        case _:
            wakes = ledger.destroy(station, blanks=move.blanks, **signed)
    office.wake(wakes)
