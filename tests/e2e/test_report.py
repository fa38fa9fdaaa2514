"""`lembur report` of an office that ran by a plan and was stopped, and of one that is open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from lembur.domain.card import CardId
from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from support.cli import Desk
from support.runs import lembur, small_scenario
from support.small_office import claim, identity, printed

if TYPE_CHECKING:
    from pathlib import Path

CARDS, JEBRES = 560, StationCode("jebres")
QUESTION = ("--by", "Thursday 19:00", "--max-seats", "2", "--policy", "workers")
"""Needs overtime, paid by other rules than the office's own."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plan an office, play it by the plan to its end, and leave it stopped."""
    found = tmp_path_factory.mktemp("planned")
    scenario = small_scenario(found, cards=CARDS, seats=0)
    done = lembur(found, "plan", scenario, *QUESTION)
    assert done.returncode == 0, done.stderr
    words = ("--planned", "--speed", "max", "--data", found / "data", "--quiet")
    done = lembur(found, "run", scenario, *words)
    assert done.returncode == 0, done.stderr
    return found


def report_of(folder: Path, *words: str) -> dict[str, Any]:
    """Ask for the report as JSON."""
    done = lembur(folder, "report", "--data", folder / "data", "--json", *words)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_day_of_a_stopped_office_has_the_figures_of_its_run(folder: Path) -> None:
    """All was printed on one day, so both records agree: prints, blanks, lateness, promises and causes."""
    run = json.loads((folder / "report" / "report.json").read_text())

    day = report_of(folder, "--pdf", "day.pdf", "--xlsx", "day.xlsx")

    assert day["from"] == "2016-08-25T00:00:00+07:00"
    assert day["printed"] == run["printed"] == CARDS
    assert day["blanks"] == run["blanks"]
    assert day["blanks"]["unaccounted"] == 0
    assert [row["printed"] for row in day["stations"]] == [row["printed"] for row in run["stations"]]
    assert (day["late"], day["late_by_class"]) == (run["period"]["late"], run["period"]["late_by_class"])
    assert sum(row["blanks"] for row in day["spoiled"]) == run["blanks"]["spoiled"] > 0
    assert (folder / "day.pdf").read_bytes().startswith(b"%PDF")
    assert openpyxl.load_workbook(folder / "day.xlsx").sheetnames[0] == "Tempat pencetakan"


def test_each_figure_of_the_plan_stands_beside_its_fact(folder: Path) -> None:
    """The plan was followed, so its overtime is exact, by the pay it was asked for; its end has a band and a reason."""
    promises = {row["figure"]: row for row in report_of(folder)["promises"]}

    assert promises.keys() == {"clear", "late cards", "overtime seat hours", "overtime pay"}
    for row in promises.values():
        assert row["source"] == "plan"
        assert row["fact"] is not None
        assert row["why"]
    pay = promises["overtime pay"]
    assert (pay["fact"], pay["why"]) == (pay["band"][1], ["as promised"])
    assert pay["fact"] > 0
    assert promises["clear"]["fact"] == json.loads((folder / "report" / "report.json").read_text())["cleared_at"]


def test_a_day_without_work_is_reported_as_such(folder: Path) -> None:
    """On the day after, nothing was printed and every blank is where it was."""
    day = report_of(folder, "--day", "2016-08-26")

    assert (day["printed"], day["blanks"]["used"], day["blanks"]["unaccounted"]) == (0, 0, 0)
    assert day["blanks"]["opening"] == day["blanks"]["left"] == report_of(folder)["blanks"]["left"]


def test_several_days_are_reported_together(folder: Path) -> None:
    """The days of the office, each with its own figures, add up; the heading names the first and the last."""
    days = [report_of(folder, "--day", day) for day in ("2016-08-25", "2016-08-26")]

    both = report_of(folder, "--day", "2016-08-25", "--until", "2016-08-26")

    assert (both["from"], both["until"]) == (days[0]["from"], days[1]["until"])
    assert both["printed"] == sum(day["printed"] for day in days) > 0
    for name in ("used", "spoiled"):
        assert both["blanks"][name] == sum(day["blanks"][name] for day in days)
    assert both["blanks"]["opening"] == days[0]["blanks"]["opening"]
    assert both["blanks"]["left"] == days[1]["blanks"]["left"]
    shown = lembur(folder, "report", "--data", folder / "data", "--day", "2016-08-25", "--until", "2016-08-26").stdout
    assert "Report of the days: Thu 25 August 2016 - Fri 26 August 2016" in shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--day", "2016-08-26", "--until", "2016-08-25"), "the last day 2016-08-25 is before the first, 2016-08-26"),
        (("--day", "2016-08-24"), "give one from 2016-08-25 to 2016-08-27"),
        (("--day", "someday"), "a day must be like 2016-08-25"),
        (("--day", "2016-08-25", "--shift", "2"), "no shift 2 on 2016-08-25, which has 1"),
        (("--pdf", "no/such/folder.pdf"), "cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, words: tuple[str, ...], shown: str) -> None:
    """It names what to give instead."""
    done = lembur(folder, "report", "--data", folder / "data", *words)

    assert done.returncode == 1
    assert done.stderr.startswith("lembur: ")
    assert shown in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """An open Solo at Thursday 08:30 with two waiting cards of Jebres, long due."""
    setup = OfficeSetup(load("solo-2016").model_copy(update={"overtime": ()}), 1, 1)
    found = Ledger(connect(valkey_url), office=office)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + HOUR_MS, speed=1e-6, ends_ms=setup.ends_ms)
    ready = setup.starts_ms
    found.enrol([identity(n, ready_ms=ready, due_ms=ready - 30 * HOUR_MS, station=JEBRES) for n in (1, 2)])
    found.advance(setup.all_stations, fed_ms=setup.starts_ms + HOUR_MS)
    return found


def test_an_open_office_is_reported_until_now(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> None:
    """One card spoiled a blank, one waits; the order shows who gave it and why."""
    desk = Desk(valkey_url, office, tmp_path)
    desk.do("seats", "jebres", "2", "--by", "Bu Sri", "--reason", "=a busy day")
    printed(ledger, claim(ledger, JEBRES, takes_ms=0), reason="damaged")
    ledger.hold(CardId("00000002"), by="Bu Sri", reason="a wrong name")

    found = json.loads(desk.do("report", "--json"))
    words = desk.do("report")

    assert found["until"] == "2016-08-25T08:30:00+07:00"
    assert found["spoiled"] == [{"station": "jebres", "reason": "damaged", "blanks": 1}]
    assert (found["printed"], found["late"], found["overdue_on_shelves"]) == (0, 1, 1)
    assert [row["late"] for row in found["late_by_station"] if row["waiting"]] == [[0, 1, 0, 0]]
    assert [(row["by"], row["reason"]) for row in found["orders"]] == [("Bu Sri", "=a busy day")]
    assert found["blanks"]["unaccounted"] == 0
    assert "Report of the day: Thu 25 August 2016, 00:00 - 08:30" in words
    assert "=a busy day" in words
