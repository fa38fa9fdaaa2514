"""The written order of overtime (SPK Lembur): its lines and its pay are those of the plan, and of nothing else."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from console.plan import SavedPlan, save_plan
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import DAY_MS, HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from support.cli import Desk
from support.programs import program

if TYPE_CHECKING:
    from pathlib import Path

JEBRES = StationCode("jebres")
HOUR_RUPIAH = 2_000_000 / 173
"""The wage of the policy `workers`: 1.5 of it in the first hour of an evening, then 2."""
SIGNED = ("--by", "Bu Sri", "--reason", "a backlog")


@pytest.fixture
def setup() -> OfficeSetup:
    """Solo without the overtime it has in writing; its own pay is that of civil servants."""
    return OfficeSetup(load("solo-2016").model_copy(update={"overtime": ()}), 1, 1)


@pytest.fixture
def desk(valkey_url: str, office: str, setup: OfficeSetup, tmp_path: Path) -> Desk:
    """The command line of this office at Thursday 25 August 2016, 08:00."""
    ledger = Ledger(connect(valkey_url), office=office)
    open_office(ledger, setup)
    ledger.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    return Desk(valkey_url, office, tmp_path)


@pytest.fixture
def plan(setup: OfficeSetup, office: str) -> SavedPlan:
    """Two people at Jebres on Thursday from 16:00, one until 18:00 and one until 19:00, by the pay of workers."""
    closing = setup.starts_ms + 8 * HOUR_MS + HOUR_MS // 2
    two = SeatOrder(JEBRES, 2, closing, closing + 2 * HOUR_MS, "planner", "plan")
    one = replace(two, seats=1, from_ms=two.until_ms, until_ms=two.until_ms + HOUR_MS)
    names = (office, setup.scenario.name, setup.seed, setup.starts_ms)
    return SavedPlan(*names, "3 hours", (two, one), policy="workers")


def write(desk: Desk, *words: str) -> str:
    """Write the letter in English, and return its text."""
    file = desk.data / "letter.pdf"
    desk.do("plan", "letter", str(file), "--number", "800/12", "--office", "Dinas", "--english", *words)
    done = subprocess.run([program("pdftotext"), "-layout", file, "-"], capture_output=True, text=True, check=True)
    return done.stdout


def lines_of(letter: str) -> list[list[str]]:
    """Read the hours of each line, and its operators, hours in all and pay; then the total."""
    figures = re.compile(r"(?:(\d\d:\d\d - \d\d:\d\d) +(\d+)|Total) +([\d.]+) +([\d,]+)$", re.MULTILINE)
    return [[field for field in line if field] for line in figures.findall(letter)]


def rupiah(factors: float) -> str:
    """Write the pay of hours by their factors."""
    return f"{factors * HOUR_RUPIAH:,.0f}"


def test_each_person_is_paid_by_the_policy_of_the_plan(desk: Desk, plan: SavedPlan) -> None:
    """One person stays for three hours and one for two; a day's first hour is paid once for each person."""
    save_plan(plan, desk.data)
    desk.do("plan", "apply", "--by", "Bu Sri")

    letter = write(desk)

    assert sorted(lines_of(letter)) == sorted(
        [
            ["16:00 - 19:00", "1", "3", rupiah(1.5 + 2 + 2)],
            ["16:00 - 18:00", "1", "2", rupiah(1.5 + 2)],
            ["5", rupiah(9)],
        ]
    )
    assert "UU 13/2003 Pasal 78" in letter
    assert letter.count("Name: ____") == 2


def test_the_letter_has_the_date_of_its_signature(desk: Desk, plan: SavedPlan) -> None:
    """The office is at Thursday 25 August: the date stands above the signature."""
    save_plan(plan, desk.data)
    desk.do("plan", "apply", "--by", "Bu Sri")

    _, _, signature = write(desk).partition("Total")

    assert re.search(r"Thu 25 August 2016\s+Ordered by,\s+Bu Sri", signature)


def test_each_date_stays_on_one_page_and_the_last_with_the_signature(desk: Desk, plan: SavedPlan) -> None:
    """Eleven people on Thursday and on Friday: two pages, each with the titles; the sum is not alone."""
    thursday = plan.orders[0]
    stations = ("dinas", "laweyan", "pasar-kliwon", "jebres", "banjarsari")
    evenings = [
        replace(
            thursday, station=StationCode(code), from_ms=thursday.from_ms + later, until_ms=thursday.until_ms + later
        )
        for later in (0, DAY_MS)
        for code in stations
    ]
    save_plan(replace(plan, orders=tuple(evenings)), desk.data)
    desk.do("plan", "apply", "--by", "Bu Sri")

    first, second, rest = write(desk).split("\f")

    assert "25 August 2016" in first
    assert "26 August 2016" not in first
    assert second.count("26 August 2016") == len(stations)
    assert "Seat hours" in first
    assert "Seat hours" in second
    assert "Total" in second
    assert "Bu Sri" in second
    assert not rest.strip()


def test_only_what_the_plan_adds_is_in_its_letter(desk: Desk, plan: SavedPlan) -> None:
    """A person ordered before until 17:00 is paid by that order for the first hour, and by this one for the rest."""
    desk.do("seats", "jebres", "1", "--from", "16:00", "--until", "17:00", *SIGNED)
    save_plan(plan, desk.data)
    desk.do("plan", "apply", "--by", "Bu Sri")

    letter = write(desk)

    assert ["17:00 - 19:00", "1", "2", rupiah(2 + 2)] in lines_of(letter)
    assert ["16:00 - 18:00", "1", "2", rupiah(1.5 + 2)] in lines_of(letter)


def test_a_plan_made_later_does_not_take_the_place_of_the_applied_one(desk: Desk, plan: SavedPlan) -> None:
    """A person who asks again after the order still gets its letter."""
    save_plan(plan, desk.data)
    desk.do("plan", "apply", "--by", "Bu Sri")
    save_plan(replace(plan, orders=(), headline="nothing more is needed"), desk.data)

    assert ["5", rupiah(9)] in lines_of(write(desk))


def test_a_cancelled_order_is_not_in_the_letter(desk: Desk, plan: SavedPlan) -> None:
    """Nobody stays for an hour that was cancelled."""
    save_plan(plan, desk.data)
    desk.do("plan", "apply", "--by", "Bu Sri")
    desk.do("seats", "cancel", "2", *SIGNED)

    assert lines_of(write(desk)) == [["16:00 - 18:00", "2", "4", rupiah(7)], ["4", rupiah(7)]]


def test_a_plan_without_overtime_needs_no_letter(desk: Desk, plan: SavedPlan) -> None:
    """Two people in working time are no overtime; a plan that is not applied has no letter either."""
    tomorrow = replace(plan.orders[0], from_ms=plan.made_ms + DAY_MS, until_ms=plan.made_ms + DAY_MS + HOUR_MS)
    save_plan(replace(plan, orders=(tomorrow,)), desk.data)
    words = ("plan", "letter", str(desk.data / "no.pdf"), "--number", "1", "--office", "Dinas")

    assert "order one with 'lembur plan apply --by NAME'" in desk.be_refused(*words)
    desk.do("plan", "apply", "--by", "Bu Sri")
    assert "no overtime: it needs no letter" in desk.be_refused(*words)


def test_a_plan_by_the_offices_own_pay_keeps_its_name_of_older_versions(plan: SavedPlan) -> None:
    """Its file has no policy, so the orders of an office that was upgraded still name their plan."""
    own = replace(plan, policy="")

    assert "policy" not in own.content()
    assert own.name != plan.name
