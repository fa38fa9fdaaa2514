"""`lembur change` on the ledger: the office goes on by new facts, and its past, its cards and its orders stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from console.plan import read_live_problem
from console.report.day import build_period
from console.report.period import PeriodChoice, period_to_json
from lembur.domain.card import Status
from lembur.domain.errors import ChangeError
from lembur.domain.scenario import Scenario, load, preset
from lembur.domain.seats import SeatOrder, SeatPlan, StationCode, Step, Window, seat_ms
from lembur.domain.time import DAY_MS, HOUR_MS, at_ms
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.queries.metrics import seat_steps
from lembur.ledger.types import Lot, SeatTable
from lembur.office import (
    OfficeSetup,
    SetupReader,
    change_office,
    compare_office,
    open_office,
    order_seats,
    read_dated_scenarios,
    read_setup,
)
from lembur.settings import read_settings
from monitoring.exporter import LedgerCollector, OfficeReader
from planner.decision import price_orders
from planner.problem import Terms
from support.changed_office import DINAS, NEW, SIGNED, SOLO, change, later, opened_at, set_time, with_station
from support.small_office import claim, identity, printed
from support.zones import JAKARTA
from web.live import view_now
from web.live.reader import LiveReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_DAY = SOLO.starts.date()
NOON_MS = at_ms(FIRST_DAY + timedelta(days=1), time(10), JAKARTA)
"""Ten o'clock on the second day, a Friday: the office is open."""
NOON_DAY = FIRST_DAY + timedelta(days=1)
TONIGHT_MS = at_ms(NOON_DAY, SOLO.hours.closes, JAKARTA)
"""Closing time on that Friday."""
FIRST_EVENING = SeatOrder(
    DINAS,
    1,
    at_ms(FIRST_DAY, time(16), JAKARTA),
    at_ms(FIRST_DAY, time(19), JAKARTA),
    "Bu Sri",
    "a backlog",
)
"""Three hours of overtime on the first day."""


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give a real office on its second day at ten o'clock, while time stands still."""
    with opened_at(server_url, office, NOON_MS) as found:
        yield found


def test_hours_change_while_a_card_waits_and_the_card_is_printed_once(ledger: Ledger) -> None:
    """The office closes at once; on the next morning it opens by the new hours, and the card is still there."""
    ledger.enrol([identity(1, station=DINAS, ready_ms=NOON_MS)])

    change(
        ledger,
        later(
            opens=time(9),
            closes=time(9, 30),
            break_from=time(9),
            break_until=time(9),
            friday_break_from=time(9),
            friday_break_until=time(9),
        ),
    )

    assert not isinstance(claim(ledger, DINAS), Lot)
    set_time(ledger, NOON_MS + 3 * DAY_MS - 50 * 60_000)  # Monday, 09:10
    printed(ledger, claim(ledger, DINAS))
    assert ledger.counts()[Status.CARD_PRINTED] == 1
    assert not isinstance(claim(ledger, DINAS), Lot)
    assert not reconcile(ledger, [StationCode(one.code) for one in SOLO.stations])


def test_the_seats_of_the_past_stay(ledger: Ledger) -> None:
    """An order or a change writes the seats from now on, whatever the new hours would have given before."""
    past = Window(0, NOON_MS)
    before = seat_ms(seat_steps(ledger, [DINAS])[DINAS], past)

    change(ledger, later(opens=time(6), closes=time(20)))
    order_seats(ledger, SeatOrder(DINAS, 2, NOON_MS + HOUR_MS, NOON_MS + 2 * HOUR_MS, "Bu Sri", "a backlog"))

    assert before > 0
    assert seat_ms(seat_steps(ledger, [DINAS])[DINAS], past) == before
    assert ledger.seats_at(DINAS, at_ms(FIRST_DAY + timedelta(days=1), time(19), JAKARTA)) == SOLO.stations[0].seats
    assert ledger.seats_at(DINAS, at_ms(FIRST_DAY, time(19), JAKARTA)) == 0


def test_the_report_of_the_day_before_stays(ledger: Ledger, tmp_path: Path) -> None:
    """Hours, pay and stations of yesterday are those that held then, also for its overtime and its cost."""
    set_time(ledger, OfficeSetup(SOLO, 1, 1).starts_ms)
    order_seats(ledger, FIRST_EVENING)
    ledger.enrol([identity(1, station=DINAS, ready_ms=NOON_MS - DAY_MS)])
    set_time(ledger, NOON_MS - DAY_MS)
    printed(ledger, claim(ledger, DINAS))
    set_time(ledger, NOON_MS)
    yesterday = PeriodChoice(day=FIRST_DAY.isoformat())
    before = period_to_json(build_period(ledger, tmp_path, yesterday))

    change(ledger, later(opens=time(9), closes=time(19), closed=(FIRST_DAY + timedelta(days=4),)))
    change(ledger, with_station().model_copy(update={"overtime_pay": preset("civil-iv"), "title": "Another"}))

    assert before["overtime"]["rupiah"] > 0
    assert before["stations"][0]["printed"] == 1
    assert period_to_json(build_period(ledger, tmp_path, yesterday)) == before
    set_time(ledger, NOON_MS + HOUR_MS)
    today = period_to_json(build_period(ledger, tmp_path, PeriodChoice(day="today")))
    assert [one["code"] for one in today["stations"]][-1] == NEW


def test_the_overtime_that_was_paid_never_becomes_less(ledger: Ledger) -> None:
    """A counter of the exporter goes on, by the hours and the pay of each time."""
    set_time(ledger, OfficeSetup(SOLO, 1, 1).starts_ms)
    order_seats(ledger, FIRST_EVENING)
    set_time(ledger, NOON_MS)
    before = exported(ledger)

    change(ledger, later(opens=time(6), closes=time(20)))

    assert before[0] == 3.0
    assert exported(ledger) == before


def exported(ledger: Ledger) -> tuple[float, float]:
    """Return the hours and the pay of a station's overtime as the exporter shows them."""
    setup = read_setup(ledger)
    found = OfficeReader(ledger, setup, read_dated_scenarios(ledger, setup), 0).read().overtime
    return found.seat_hours[DINAS], found.rupiah[DINAS]


def test_a_new_station_prints_and_its_blanks_add_up(ledger: Ledger) -> None:
    """It begins with the stock in its file, which the report counts as received on that day."""
    change(ledger, with_station())
    ledger.enrol([identity(1, station=NEW, ready_ms=NOON_MS)])

    assert ledger.seats_at(NEW, NOON_MS - HOUR_MS) == 0
    printed(ledger, claim(ledger, NEW))

    assert ledger.counts()[Status.CARD_PRINTED] == 1
    assert not reconcile(ledger, read_setup(ledger).stations)


def test_the_change_is_an_act_with_person_reason_and_values(ledger: Ledger) -> None:
    """`lembur log` lists it, and the earlier office is kept."""
    change(ledger, later(sla_days=5))

    act = read_actions(ledger)[-1]
    assert (act.what, act.by, act.reason) == ("change", SIGNED["by"], SIGNED["reason"])
    assert act.details["changed"] == f"hours.sla_days: {SOLO.hours.sla_days} -> 5"
    [(until_ms, earlier)] = ledger.earlier_offices()
    assert until_ms == NOON_MS
    assert Scenario.model_validate(earlier["scenario"]) == SOLO


def test_exporter_and_console_follow_a_change(ledger: Ledger, server_url: str) -> None:
    """Their next reading has the new station, without a restart."""
    collector = LedgerCollector(read_settings(redis_url=server_url, office=ledger.office_code), 0)
    console = LiveReader(ledger)
    assert NEW not in {*collector.read().stations, *console.refresh().setup.stations}

    change(ledger, with_station())

    exported, reading = collector.read(), console.refresh()
    assert exported.stations[-1] == reading.setup.stations[-1] == console.setup.stations[-1] == NEW
    assert exported.snapshot.stations[NEW].open == reading.metrics.stations[NEW].open == 1
    assert [row.code for row in view_now(reading).stations][-1] == NEW


def test_a_reader_sees_the_change_by_one_number(ledger: Ledger) -> None:
    """Each program asks for the number of changes, and reads the office only when it has risen."""
    setups = SetupReader(ledger)
    first = setups.read()

    assert setups.read() is first
    change(ledger, later(sla_days=5))
    assert setups.read().scenario.hours.sla_days == 5
    assert setups.read().changes == 1


def test_a_refused_difference_changes_nothing(ledger: Ledger) -> None:
    """Also beside others that would be allowed."""
    after = later(sla_days=5).model_copy(update={"stations": SOLO.stations[1:]})

    with pytest.raises(ChangeError, match="stay in the books"):
        change(ledger, after)

    assert (ledger.changes(), read_setup(ledger).scenario, read_actions(ledger)) == (0, SOLO, [])


def test_an_order_that_was_made_from_the_older_hours_is_made_again(ledger: Ledger) -> None:
    """Between its reading and its writing the office changed: its seats would be those of the older hours."""
    change(ledger, later(sla_days=5))
    order = SeatOrder(DINAS, 2, NOON_MS, NOON_MS + HOUR_MS, "Bu Sri", "a backlog")
    seats = {DINAS: SeatTable([Step(0, 2)], [SeatPlan(0, 1, 2)])}

    assert ledger.order([order], known=0, changes=0, seats=seats) is None
    assert ledger.order([order], known=0, changes=1, seats=seats) is not None


def test_of_two_changes_at_once_the_second_is_refused(ledger: Ledger) -> None:
    """Its person saw differences from an office that is no more."""
    first, second = compare_office(ledger, later(sla_days=5)), compare_office(ledger, later(sla_days=7))
    change_office(ledger, first, **SIGNED)

    with pytest.raises(ChangeError, match="another person changed the office"):
        change_office(ledger, second, **SIGNED)

    assert read_setup(ledger).scenario.hours.sla_days == 5


def test_orders_in_force_stay_through_a_change(ledger: Ledger) -> None:
    """The seats that a person ordered for tonight are open by the new hours too."""
    tonight = at_ms(FIRST_DAY + timedelta(days=1), time(20), JAKARTA)
    order_seats(ledger, SeatOrder(DINAS, 1, tonight, tonight + HOUR_MS, "Bu Sri", "a backlog"))

    change(ledger, later(closes=time(15)))

    assert ledger.seats_at(DINAS, tonight) == 1
    assert ledger.seats_at(DINAS, tonight + HOUR_MS) == 0


def test_a_demonstration_stays_as_it_was_opened(server_url: str, office: str) -> None:
    """Its people come by its file, and another file would bring some twice and others never."""
    with connect(server_url) as server:
        played = Ledger(server, office=office)
        setup = OfficeSetup(load("solo-2016"), seed=1, lot_cards=1)
        open_office(played, setup)

        with pytest.raises(ChangeError, match="is a demonstration"):
            compare_office(played, replace(setup, seed=2).scenario)


def test_overtime_around_a_change_is_one_evening(ledger: Ledger, tmp_path: Path) -> None:
    """Report and exporter count the full hours and the meal of a person's day once, also where a change cuts it."""
    order_seats(ledger, replace(FIRST_EVENING, from_ms=TONIGHT_MS, until_ms=TONIGHT_MS + 3 * HOUR_MS))
    set_time(ledger, TONIGHT_MS + HOUR_MS * 3 // 2)
    change(ledger, later(sla_days=5))
    set_time(ledger, TONIGHT_MS + 4 * HOUR_MS)

    today = period_to_json(build_period(ledger, tmp_path, PeriodChoice(day="today")))

    assert exported(ledger) == (3.0, 3 * 17_000 + 35_000)
    assert (today["overtime"]["seat_hours"], today["overtime"]["rupiah"]) == exported(ledger)


def test_a_plan_after_overtime_of_the_same_day_pays_only_what_it_adds(ledger: Ledger) -> None:
    """Two people were there from 16:00. At 18:30 a third and a fourth hour have no second meal, and no hour twice."""
    order_seats(ledger, replace(FIRST_EVENING, seats=2, from_ms=TONIGHT_MS, until_ms=TONIGHT_MS + 5 * HOUR_MS // 2))
    change(ledger, later(sla_days=5))
    set_time(ledger, TONIGHT_MS + 5 * HOUR_MS // 2)
    setup = read_setup(ledger)
    live = read_live_problem(ledger, setup, Terms(deadline_ms=TONIGHT_MS + 6 * HOUR_MS, worlds=1))
    more = SeatOrder(DINAS, 2, TONIGHT_MS + 5 * HOUR_MS // 2, TONIGHT_MS + 4 * HOUR_MS, "planner", "plan")

    assert live.problem.worked[DINAS] == {(NOON_DAY, 0): 2.5, (NOON_DAY, 1): 2.5}
    assert price_orders(live.problem, [more]) == [2 * 17_000]
