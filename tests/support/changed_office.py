"""An office that `lembur change` changes: Solo without people, orders and deliveries, and its edited files."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lembur.domain.scenario import Arrivals, Backlog, Scenario, load
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, change_office, compare_office, open_office
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator

DINAS, NEW = StationCode("dinas"), StationCode("loket-9")
SOLO = load("solo-2016").model_copy(
    update={
        "demonstration": False,
        "backlog": Backlog(cards=0),
        "overtime": (),
        "deliveries": (),
        "arrivals": Arrivals(),
        "ends": datetime(2016, 12, 31, tzinfo=JAKARTA),
    }
)
SIGNED = {"by": "Bu Sri", "reason": "a letter of the mayor"}


@contextmanager
def opened_at(url: str, office: str, at_ms: int) -> Iterator[Ledger]:
    """Give the office at a moment, while time stands still."""
    with connect(url) as server:
        found = Ledger(server, office=office)
        open_office(found, OfficeSetup(SOLO, seed=1, lot_cards=1))
        set_time(found, at_ms)
        yield found


def set_time(ledger: Ledger, at_ms: int) -> None:
    """Let the clock stand at a moment."""
    ledger.set_clock(virtual_ms=at_ms, speed=1e-9, ends_ms=OfficeSetup(SOLO, 1, 1).ends_ms, exact=False)


def edited(**tables: Any) -> Scenario:
    """Return the office's scenario with some tables replaced."""
    return SOLO.model_copy(update=tables)


def later(**fields: Any) -> Scenario:
    """Return the scenario with other hours."""
    return edited(hours=SOLO.hours.model_copy(update=fields))


def with_station(seats: int = 1) -> Scenario:
    """Return the scenario with a station more."""
    own = SOLO.stations[0].model_copy(
        update={"code": NEW, "name": "Loket 9", "seats": seats, "serves": {}, "blanks": 40, "ribbons": 1}
    )
    return edited(stations=(*SOLO.stations, own))


def change(ledger: Ledger, after: Scenario) -> None:
    """Change the office."""
    change_office(ledger, compare_office(ledger, after), **SIGNED)
