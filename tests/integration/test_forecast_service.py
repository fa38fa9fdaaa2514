"""The forecast service: each sign of a change calls for a forecast, and nothing else does; between two it rests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from console.forecast import service
from console.forecast.service import EVERY_MS, SCORE_S, Forecaster, Signs, read_signs
from lembur.domain import world
from lembur.domain.circuit_breaker import Trouble
from lembur.domain.observation import Coverage
from lembur.domain.scenario import load
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Window
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.queries import forecasts
from lembur.office import OfficeSetup, SetupReader, open_office, order_seats
from support.small_office import claim, failed, identity

if TYPE_CHECKING:
    from collections.abc import Callable

DINAS, JEBRES = StationCode("dinas"), StationCode("jebres")
SIGNS = Signs(changes=0, orders=1, stock=(1, 2), centre="closed", broken=(0, 1), enrolled=1000, now_ms=10 * EVERY_MS)
WAITING = 400.0
"""Cards in the queue: five percent are 20."""


@pytest.mark.parametrize(
    "then",
    [
        replace(SIGNS, changes=1),
        replace(SIGNS, orders=0),
        replace(SIGNS, stock=(1, 3)),
        replace(SIGNS, stock=(0, 2)),
        replace(SIGNS, centre="open"),
        replace(SIGNS, broken=(1, 1)),
        replace(SIGNS, broken=(0, 0)),
        replace(SIGNS, enrolled=1000 - 21),
        replace(SIGNS, now_ms=SIGNS.now_ms - EVERY_MS),
    ],
    ids=["changes", "orders", "stock less", "stock more", "centre", "broken", "repaired", "enrolled", "half an hour"],
)
def test_each_sign_alone_calls_for_a_forecast(then: Signs) -> None:
    """Whichever way it changed."""
    assert SIGNS.call_for_another(then, WAITING)


@pytest.mark.parametrize(
    ("then", "waiting"),
    [
        (SIGNS, WAITING),
        (replace(SIGNS, enrolled=1000 - 20), WAITING),
        (replace(SIGNS, enrolled=999), 0.0),
        (replace(SIGNS, now_ms=SIGNS.now_ms - EVERY_MS + 1), WAITING),
    ],
    ids=["nothing", "arrivals of five percent", "one arrival", "a moment less than half an hour"],
)
def test_without_a_change_none_is_called_for(then: Signs, waiting: float) -> None:
    """Arrivals count above five percent of the queue, and never one alone."""
    assert not SIGNS.call_for_another(then, waiting)


@dataclass
class Office:
    """An open office, whose forecasts take as long as the test says."""

    ledger: Ledger
    setup: OfficeSetup
    now_s: float = 100.0
    takes_s: float = 0.0
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.forecaster = Forecaster(self.ledger, SetupReader(self.ledger), self._hear, clock=lambda: self.now_s)

    def _hear(self, line: str) -> None:
        self.lines.append(line)
        self.now_s += self.takes_s

    def count(self) -> int:
        """Look once, and count the forecasts saved."""
        self.forecaster.look()
        return len(forecasts.read(self.ledger))

    def move_to(self, hours: float) -> None:
        """Set the office's clock, in hours after its start."""
        self.ledger.set_clock(
            virtual_ms=self.setup.starts_ms + round(hours * HOUR_MS), speed=1e-6, ends_ms=self.setup.ends_ms
        )


@pytest.fixture
def office_now(valkey_url: str, office: str) -> Office:
    """Solo without a card at its start."""
    ledger, setup = Ledger(connect(valkey_url), office=office), OfficeSetup(load("solo-2016"), 1, 1)
    open_office(ledger, setup)
    found = Office(ledger, setup)
    found.move_to(0)
    return found


def order(found: Office) -> None:
    """Order a seat."""
    now = found.ledger.time()[0]
    order_seats(found.ledger, SeatOrder(JEBRES, 2, now, now + HOUR_MS, "Bu Sri", "a test"))


def receive(found: Office) -> None:
    """Receive blanks."""
    found.ledger.receive(DINAS, blanks=5, ribbon_cards=0, minutes="BA 1", by="Bu Sri")


def transfer(found: Office) -> None:
    """Carry blanks to another station."""
    found.ledger.transfer(DINAS, to=JEBRES, blanks=5, ribbon_cards=0, minutes="BA 2", by="Bu Sri")


def destroy(found: Office) -> None:
    """Destroy a blank."""
    found.ledger.destroy(DINAS, blanks=1, minutes="BA 3", by="Bu Sri")


def fail_the_centre(found: Office) -> None:
    """Let the centre fail until its circuit opens."""
    while read_signs(found.ledger, found.setup).centre == "closed":
        assert failed(found.ledger, claim(found.ledger, CENTRE), Trouble.REFUSED) is not None


def first_repair(found: Office) -> Window:
    """Find the first stretch in which a printer stands still."""
    codes, until = found.setup.stations, found.setup.ends_ms
    return min(
        (repair for code in codes for repair in world.repairs(found.setup.scenario, 1, code, until_ms=until)),
        key=lambda repair: repair.start_ms,
    )


def break_a_printer(found: Office) -> None:
    """Move to the first moment at which a printer stands still."""
    found.move_to((first_repair(found).start_ms - found.setup.starts_ms) / HOUR_MS)


def enrol(found: Office) -> None:
    """Enrol two people in an empty queue."""
    found.ledger.enrol([identity(number, station=DINAS) for number in range(2)])


@pytest.mark.parametrize("change", [order, receive, transfer, destroy, break_a_printer, enrol])
def test_a_change_of_the_office_is_seen(office_now: Office, change: Callable[[Office], None]) -> None:
    """The signs before and after it differ enough for another forecast; without it they do not."""
    before = read_signs(office_now.ledger, office_now.setup)
    assert not read_signs(office_now.ledger, office_now.setup).call_for_another(before, 0.0)

    change(office_now)

    after = read_signs(office_now.ledger, office_now.setup)
    assert replace(after, now_ms=before.now_ms).call_for_another(before, 0.0)


def test_a_centre_that_fails_is_seen(office_now: Office) -> None:
    """Its circuit opens."""
    office_now.ledger.enrol([identity(number, first_issue=True, station=DINAS) for number in range(40)])
    office_now.ledger.advance(office_now.setup.all_stations, fed_ms=NEVER_MS)
    before = read_signs(office_now.ledger, office_now.setup)

    fail_the_centre(office_now)

    assert read_signs(office_now.ledger, office_now.setup).call_for_another(before, WAITING)


def test_a_forecast_is_made_at_once_and_then_on_changes_only(office_now: Office) -> None:
    """A second look without a change makes none; an order does; so does half an hour of the office."""
    first, again = office_now.count(), office_now.count()
    order(office_now)
    after_order, after_that = office_now.count(), office_now.count()
    office_now.move_to(0.51)

    assert (first, again, after_order, after_that, office_now.count()) == (1, 1, 2, 2, 3)
    assert len(office_now.lines) == 3


def test_before_its_time_an_office_has_no_forecast(office_now: Office) -> None:
    """Nothing is known of a day that has not begun."""
    office_now.move_to(-1)

    assert office_now.count() == 0


def test_forecasts_take_a_quarter_of_a_processor(office_now: Office) -> None:
    """After one that took eight seconds it rests for 24 more, whatever changes."""
    office_now.takes_s = 8.0
    began = office_now.now_s
    assert office_now.count() == 1
    order(office_now)

    office_now.now_s = began + 31.9
    assert office_now.count() == 1
    office_now.now_s = began + 32.0
    assert office_now.count() == 2


def test_earlier_forecasts_are_scored_once_a_minute(office_now: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each forecast carries the share of earlier ones that came true, as it was last counted."""
    counted = iter([Coverage(0, 0), Coverage(4, 3), Coverage(4, 2)])
    monkeypatch.setattr(service, "count_covered", lambda _: next(counted))
    for pause_s in (0.0, SCORE_S - 0.1, 0.1, SCORE_S):
        office_now.now_s += pause_s
        order(office_now)
        office_now.count()

    assert [made.coverage for made in forecasts.read(office_now.ledger)] == [None, None, 0.75, 0.5]


def test_a_printer_is_broken_from_its_fault_until_its_repair(office_now: Office) -> None:
    """The first moment belongs to the repair, and the last one after it does not."""
    repair = first_repair(office_now)
    moments = (repair.start_ms - 1, repair.start_ms, repair.start_ms + 1, repair.end_ms - 1, repair.end_ms)

    def broken(at_ms: int) -> int:
        office_now.ledger.set_clock(virtual_ms=at_ms, speed=1e-9, ends_ms=office_now.setup.ends_ms)
        return sum(read_signs(office_now.ledger, office_now.setup).broken)

    assert [broken(at) for at in moments] == [0, 1, 1, 1, 0]


def test_arrivals_count_against_the_queue_as_it_is(office_now: Office) -> None:
    """Beside a hundred waiting cards five are no news, and six are."""
    office_now.ledger.enrol([identity(number, station=DINAS) for number in range(100)])
    assert office_now.count() == 1

    office_now.ledger.enrol([identity(number, station=DINAS) for number in range(100, 105)])
    assert office_now.count() == 1
    office_now.ledger.enrol([identity(105, station=DINAS)])
    assert office_now.count() == 2
