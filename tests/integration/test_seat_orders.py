"""Seat orders as people give them: for tonight, for tomorrow, for every station, and from a plan."""

from __future__ import annotations

import json
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
SIGNED = ("--by", "Bu Sri", "--reason", "a backlog")


@pytest.fixture
def setup() -> OfficeSetup:
    """Solo without the overtime it has in writing."""
    return OfficeSetup(load("solo-2016").model_copy(update={"overtime": ()}), 1, 1)


@pytest.fixture
def ledger(valkey_url: str, office: str, setup: OfficeSetup) -> Ledger:
    """An open office without cards at Thursday 25 August 2016, 08:00."""
    found = Ledger(connect(valkey_url), office=office)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    return found


@pytest.fixture
def desk(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> Desk:
    """The command line of this office."""
    assert ledger.orders() == []
    return Desk(valkey_url, office, tmp_path)


def seats_at(ledger: Ledger, hour: float, station: StationCode = JEBRES) -> int:
    """Count the open seats of a station, hours after 08:00."""
    return ledger.seats_at(station, ledger.time()[0] + round(hour * HOUR_MS))


def test_an_order_for_tomorrow_opens_no_seat_tonight(desk: Desk, ledger: Ledger) -> None:
    """It begins at its moment and ends at 21:00 of its own day."""
    told = desk.do("seats", "jebres", "2", "--from", "besok 16:00", *SIGNED)

    assert told == "jebres: 2 seats from Fri 26 Aug 16:00 until Fri 26 Aug 21:00, by order of Bu Sri\n"
    assert [seats_at(ledger, hour) for hour in (0, 9, 12)] == [1, 0, 0]
    assert [seats_at(ledger, hour) for hour in (31.9, 32, 36.9, 37)] == [1, 2, 2, 0]


def test_every_station_is_ordered_at_once(desk: Desk, ledger: Ledger, setup: OfficeSetup) -> None:
    """With 'all', a station with fewer printers opens all of its own."""
    desk.do("seats", "all", "2", *SIGNED)

    assert {order.station for order in ledger.orders()} == set(setup.stations)
    assert all(seats_at(ledger, 0, code) == min(2, setup.printers(code)) for code in setup.stations)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("jebres", "2", "--from", "07:00"), "--from 07:00 is past: it is Thu 25 Aug 2016 08:00:00 in the office"),
        (("jebres", "2", "--until", "07:45"), "--until 07:45 is past"),
        (("jebres", "2", "--from", "tomorrow 18:00", "--until", "tomorrow 17:00"), "before it begins"),
        (("jebres", "2", "--from", "soon"), "--from must be like 'Friday 21:00'"),
        (("jebres", "3"), "jebres has 2 printers: seats must be 0 to 2, not 3"),
        (("all", "99"), "no station has 99 printers"),
        (("solo", "1"), "there is no station 'solo'"),
        (("jebres", "2", "--by", " "), "--by is empty"),
        (("jebres", "2", "--reason", ""), "--reason is empty"),
        (("jebres", "2", "--reason", "a\x1b[2Jb"), r"--reason must be one line without control characters, not 'a\x1b"),
        (("jebres", "2", "--reason", "one\ntwo"), "--reason must be one line"),
        (("jebres", "2", "--by", "x" * 201), "--by has 201 characters"),
    ],
)
def test_a_wrong_order_is_refused_in_a_sentence(desk: Desk, ledger: Ledger, words: tuple[str, ...], told: str) -> None:
    """Nothing is ordered."""
    assert told in desk.be_refused("seats", *SIGNED, *words)
    assert ledger.orders() == []


@pytest.fixture
def plan(setup: OfficeSetup, office: str) -> SavedPlan:
    """A plan of two evenings at Jebres for this office."""
    evening = setup.starts_ms + 8 * HOUR_MS + HOUR_MS // 2
    tonight = SeatOrder(JEBRES, 2, evening, evening + 2 * HOUR_MS, "planner", "plan")
    tomorrow = replace(tonight, from_ms=evening + DAY_MS, until_ms=evening + DAY_MS + HOUR_MS)
    return SavedPlan(office, setup.scenario.name, setup.seed, setup.starts_ms, "2 seats", (tonight, tomorrow))


def test_a_plan_is_ordered_once_however_often_it_is_applied(
    desk: Desk, ledger: Ledger, plan: SavedPlan, tmp_path: Path
) -> None:
    """The second time is refused with the first one's name, and orders nothing."""
    save_plan(plan, tmp_path)

    first, again = desk.do("plan", "apply", "--by", "Bu Sri"), desk.be_refused("plan", "apply", "--by", "Pak Jo")

    assert "jebres: 2 seats from Thu 25 Aug 16:00 until Thu 25 Aug 18:00, by order of Bu Sri" in first
    assert "this plan was applied already" in again
    assert "Bu Sri" in again
    assert [(order.by, order.reason) for order in ledger.orders()] == [("Bu Sri", f"plan {plan.name}")] * 2
    assert (seats_at(ledger, 9), seats_at(ledger, 33.5)) == (2, 0)


def test_an_order_is_cancelled_by_its_number(desk: Desk, ledger: Ledger) -> None:
    """The seats are as without it, both stay in the list, and a second time is refused."""
    desk.do("seats", "jebres", "2", "--from", "17:00", *SIGNED)
    desk.do("seats", "jebres", "1", "--from", "tomorrow 17:00", *SIGNED)

    told = desk.do("seats", "cancel", "1", "--by", "Pak Jo", "--reason", "no blanks")

    assert told == "order 1 is cancelled, by order of Pak Jo\n"
    assert (seats_at(ledger, 10), seats_at(ledger, 34)) == (0, 1)
    first, second, third = desk.do("orders").splitlines()[1:]
    assert "2, cancelled" in first
    assert "Fri 26 Aug 17:00" in second
    assert all(text in third for text in ("cancels 1", "Pak Jo", "no blanks"))
    assert "is over already" in desk.be_refused("seats", "cancel", "1", *SIGNED)
    assert "there is no seat order 9" in desk.be_refused("seats", "cancel", "9", *SIGNED)


def test_a_plan_that_began_starts_now(desk: Desk, ledger: Ledger, plan: SavedPlan, tmp_path: Path) -> None:
    """An order that should be open already begins at the moment of the command."""
    save_plan(replace(plan, orders=(replace(plan.orders[0], from_ms=1),)), tmp_path)

    desk.do("plan", "apply", "--by", "Bu Sri")

    assert ledger.orders()[0].from_ms >= ledger.time()[0] - 1000


@pytest.mark.parametrize("other", [{"office": "1111"}, {"scenario": "rush"}, {"seed": 99}])
def test_a_plan_for_another_office_is_refused(
    desk: Desk, ledger: Ledger, plan: SavedPlan, tmp_path: Path, other: dict[str, object]
) -> None:
    """Office, scenario and seed must be this office's own; the sentence names both."""
    save_plan(replace(plan, **other), tmp_path)  # type: ignore[arg-type]

    refusal = desk.be_refused("plan", "apply", "--by", "Bu Sri")

    assert str(next(iter(other.values()))) in refusal
    assert plan.office in refusal
    assert ledger.orders() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"office": ""}, "for the scenario solo-2016"),
        ({"orders": ()}, "orders nothing"),
    ],
)
def test_a_plan_that_is_no_order_is_refused(
    desk: Desk, ledger: Ledger, plan: SavedPlan, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    """A plan of a scenario alone, and a plan that needs nothing."""
    save_plan(replace(plan, **change), tmp_path)  # type: ignore[arg-type]

    assert told in desk.be_refused("plan", "apply", "--by", "Bu Sri")
    assert ledger.orders() == []


def test_a_plan_whose_evening_has_passed_is_refused_whole(
    desk: Desk, ledger: Ledger, plan: SavedPlan, tmp_path: Path
) -> None:
    """Its later evenings were chosen together with the first."""
    now = ledger.time()[0]
    save_plan(replace(plan, orders=(replace(plan.orders[0], until_ms=now - 1), plan.orders[1])), tmp_path)

    assert "the plan is past" in desk.be_refused("plan", "apply", "--by", "Bu Sri")
    assert ledger.orders() == []


@pytest.mark.parametrize("text", ["[]", "{", '{"orders": [{}]}', '{"orders": 3}'])
def test_a_torn_plan_is_refused(desk: Desk, tmp_path: Path, text: str) -> None:
    """So is one of another version."""
    (tmp_path / "plan.json").write_text(text)

    assert "is no plan of this version" in desk.be_refused("plan", "apply", "--by", "Bu Sri")


def test_a_live_plan_lies_in_the_offices_folder(desk: Desk, setup: OfficeSetup, office: str, tmp_path: Path) -> None:
    """It names its office, scenario and seed; nothing is needed in an empty office, so nothing can be applied."""
    desk.ask("plan", "--live", "--by", "Jumat 21.00")

    written = json.loads((tmp_path / "plan.json").read_text())
    assert (written["office"], written["scenario"], written["seed"]) == (office, setup.scenario.name, setup.seed)


def test_orders_are_listed_with_moments_for_people_and_programs(desk: Desk) -> None:
    """In JSON each moment is ISO beside the number."""
    desk.do("seats", "order", "jebres", "2", "--until", "21:00", *SIGNED)

    (row,) = json.loads(desk.do("orders", "--json"))

    assert row["until"] == "2016-08-25T21:00:00+07:00"
    assert "Thu 25 Aug 21:00" in desk.do("orders")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), ("SURAT PERINTAH KERJA LEMBUR", "Nomor: 800/12", "Kamis, 25 Agustus 2016", "16.00 - 18.00", "NIP")),
        (("--english",), ("OVERTIME WORK ORDER", "Number: 800/12", "Thu 25 August 2016", "16:00 - 18:00", "Total")),
    ],
)
def test_an_applied_plan_is_a_letter_to_sign(
    desk: Desk, plan: SavedPlan, tmp_path: Path, options: tuple[str, ...], told: tuple[str, ...]
) -> None:
    """By date and station, with a line for each operator, the hours and the cost: two seats for two and one hour."""
    save_plan(plan, tmp_path)
    path = tmp_path / "spk.pdf"
    letter = ("plan", "letter", str(path), "--number", "800/12", "--office", "Disdukcapil Surakarta")
    assert "lembur plan apply --by NAME" in desk.be_refused(*letter)
    desk.do("plan", "apply", "--by", "Bu Sri")

    desk.do(*letter, *options)

    text = subprocess.run(
        [program("pdftotext"), "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(text.split())
    assert [one for one in (*told, "Bu Sri", "Disdukcapil Surakarta") if one not in words] == []
    assert text.count("1. N") == text.count("2. N") == 2
    assert re.search(r"(Jumlah|Total) 6 [0-9.,]{6,}", words)
