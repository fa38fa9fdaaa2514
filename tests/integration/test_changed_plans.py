"""Plans, letters and reports of an office that is changed: each shows what held when it was made."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest

from console.plan import PlanPromise, SavedPlan, find_letter, save_plan
from console.report.day import build_period
from console.report.period import PeriodChoice, period_to_json
from lembur.domain.scenario import Scenario, preset
from lembur.domain.seats import SeatOrder
from lembur.domain.time import HOUR_MS, at_ms
from lembur.office import (
    read_dated_scenarios,
    read_setup,
)
from support.changed_office import DINAS, NEW, SOLO, change, later, opened_at, set_time, with_station
from support.cli import Desk
from support.small_office import claim, identity, printed
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from console.plan.overtime_lines import OvertimeLine
    from lembur.domain.scenario import Scenario
    from lembur.ledger import Ledger

MADE_MS = at_ms(SOLO.starts.date(), time(10), JAKARTA)
"""Ten o'clock on a Thursday: the plan is made."""
TONIGHT_MS = at_ms(SOLO.starts.date(), SOLO.hours.closes, JAKARTA)
PAID = 2 * (3 * 17_000 + 35_000)
"""Pay of two people of grade II for three hours, each with a meal."""


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give a real office at ten o'clock, while time stands still."""
    with opened_at(valkey_url, office, MADE_MS) as found:
        yield found


@pytest.fixture
def desk(valkey_url: str, ledger: Ledger, tmp_path: Path) -> Desk:
    """Give its command line, with a plan that was made at ten o'clock."""
    found = Desk(valkey_url, ledger.office_code, tmp_path)
    save_plan(evening_plan(found.office), tmp_path)
    return found


def change_after(ledger: Ledger, after: Scenario) -> None:
    """Change the office an hour after the plan."""
    set_time(ledger, MADE_MS + HOUR_MS)
    change(ledger, after)


def evening_plan(office: str) -> SavedPlan:
    """Return a plan made at ten o'clock: two people at the dinas from 16:00 until 19:00, and their promise."""
    orders = [SeatOrder(DINAS, 2, TONIGHT_MS, TONIGHT_MS + 3 * HOUR_MS, "planner", "plan")]
    stations, at = len(SOLO.stations), TONIGHT_MS + HOUR_MS
    promise = PlanPromise(at, (MADE_MS + 1,) * stations, 0.95, (at, at, at), (0, 0, 0), 6.0, PAID)
    return SavedPlan(office, SOLO.name, 1, MADE_MS, "six hours", tuple(orders), promise)


def letter_lines(ledger: Ledger, folder: Path) -> list[OvertimeLine]:
    """Return the lines of the letter of the plan applied last."""
    dated, orders = read_dated_scenarios(ledger, read_setup(ledger)), ledger.orders()
    return find_letter(dated, orders, folder, "1", "Dinas", now_ms=ledger.time()[0], english=True).lines


def test_the_letter_of_a_plan_has_the_hours_and_the_pay_for_which_it_was_made(ledger: Ledger, desk: Desk) -> None:
    """Longer hours and another pay came after it: the letter stays, and a note names the way to a present one."""
    write = ("plan", "letter", str(desk.data / "spk.pdf"), "--number", "1", "--office", "Dinas")
    desk.do("plan", "apply", "--by", "Bu Sri")
    lines = letter_lines(ledger, desk.data)
    assert [(one.hours, one.rupiah) for one in lines] == [(6.0, PAID)]
    assert "was changed" not in desk.do(*write)

    change_after(ledger, later(closes=time(18)).model_copy(update={"overtime_pay": preset("civil-iv")}))

    assert letter_lines(ledger, desk.data) == lines
    assert "the office was changed after this plan" in " ".join(desk.do(*write).split())


def test_a_plan_for_the_older_office_is_not_ordered(ledger: Ledger, desk: Desk) -> None:
    """Its price and its chance are those of other hours, so the refusal names the way to a new plan."""
    change_after(ledger, later(closes=time(18)))

    assert "make a new one with 'lembur plan --live --by ...'" in desk.be_refused("plan", "apply", "--by", "Bu Sri")
    assert not ledger.orders()


def test_a_report_compares_a_plan_with_an_office_that_has_a_station_more(ledger: Ledger, desk: Desk) -> None:
    """Cards of the new station are not in the plan. Its overtime is that of each time, and the reason is the change."""
    desk.do("plan", "apply", "--by", "Bu Sri")

    stations = with_station(SOLO.stations[0].seats).stations
    change_after(ledger, later(closes=time(17)).model_copy(update={"stations": stations}))
    ledger.enrol([identity(1, station=NEW, ready_ms=MADE_MS + HOUR_MS)])
    printed(ledger, claim(ledger, NEW))
    set_time(ledger, TONIGHT_MS + 4 * HOUR_MS)

    report = period_to_json(build_period(ledger, desk.data, PeriodChoice(day="today")))
    [hours] = [one for one in report["promises"] if one["figure"] == "overtime seat hours"]
    assert (hours["fact"], hours["why"]) == (4.0, ["the office was changed"])
