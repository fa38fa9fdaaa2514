"""`lembur run` from its first card to its report: the same figures at every speed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import SHELVES, Status
from support.runs import lembur, small_scenario

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

CARDS = 120
REQUIRED = {
    "scenario",
    "seed",
    "speed",
    "started",
    "ended",
    "wall_s",
    "cards",
    "printed",
    "printed_per_day",
    "late",
    "cleared_at",
    "blanks",
    "overtime_seat_hours",
    "stations",
    "lag_ms",
    "invariants",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over: what the command did, and its report.json."""

    command: subprocess.CompletedProcess[str]
    report: dict[str, Any]


def _play(folder: Path, *options: str) -> Ended:
    scenario = small_scenario(folder, cards=CARDS, status="BIO_CAPTURED")
    places = ("--data", folder / "data", "--report", folder / "report")
    command = lembur(folder, "run", scenario, *places, "--seed", "11", *options)
    assert command.returncode == 0, command.stderr
    return Ended(command, json.loads((folder / "report" / "report.json").read_text()))


@pytest.fixture(scope="module")
def at_most(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Give a run as fast as the machine allows, with its report on the standard output."""
    return _play(tmp_path_factory.mktemp("max"), "--speed", "max", "--json")


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Give the same run at 2,000 times real time, quiet."""
    return _play(tmp_path_factory.mktemp("timed"), "--speed", "2000", "--quiet")


@pytest.fixture(scope="module")
def in_lots(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Give the same run at 30,000 times real time, where eleven cards make a lot."""
    return _play(tmp_path_factory.mktemp("lots"), "--speed", "30000")


def test_the_report_has_every_field(at_most: Ended, timed: Ended) -> None:
    """`report.json` holds at least what was promised, and the speed as it was given."""
    for run in (at_most, timed):
        assert run.report.keys() >= REQUIRED
        assert run.report["cards"].keys() >= {"enrolled", "refused", "by_status"}
        assert run.report["blanks"].keys() >= {"received", "used", "spoiled", "reserved", "destroyed", "left"}
        assert run.report["lag_ms"].keys() == {"p50", "p99"}
        assert (run.report["scenario"], run.report["seed"]) == ("small", 11)
        assert run.report["started"] == "2016-08-25T07:30:00+07:00"


def test_json_is_the_report_and_nothing_else(at_most: Ended) -> None:
    """With --json the standard output is the report itself, without a word or a progress line."""
    assert json.loads(at_most.command.stdout) == at_most.report
    assert at_most.command.stderr == ""


def test_quiet_tells_no_progress_but_reports(timed: Ended, in_lots: Ended) -> None:
    """With --quiet there are no lines of progress, yet the report is told; both files are written anyway."""
    assert "seats busy" in in_lots.command.stdout
    assert "seats busy" not in timed.command.stdout
    assert "reconciles" in timed.command.stdout


def test_the_same_seed_gives_the_same_figures_at_any_speed(at_most: Ended, timed: Ended) -> None:
    """What was printed, where, on which day, and what was spoiled depends on scenario and seed alone."""
    for field in ("printed", "printed_per_day", "blanks", "spoil_reasons", "late", "cards", "cleared_at"):
        assert at_most.report[field] == timed.report[field], field
    assert at_most.report["stations"] == timed.report["stations"]


@pytest.mark.parametrize("which", ["at_most", "timed", "in_lots"])
def test_every_card_is_printed_or_on_a_named_shelf(which: str, request: pytest.FixtureRequest) -> None:
    """At the end no card is under way, every blank is accounted for, and all invariants hold."""
    report = request.getfixturevalue(which).report
    statuses = {Status(name): count for name, count in report["cards"]["by_status"].items() if count}
    blanks = report["blanks"]

    assert report["invariants"] == {"ok": True, "violations": []}
    assert statuses.keys() <= {Status.CARD_PRINTED, *SHELVES}
    assert sum(statuses.values()) == report["cards"]["enrolled"] == CARDS
    assert statuses[Status.CARD_PRINTED] == report["printed"] == blanks["used"] > 0
    assert statuses[Status.DUPLICATE_RECORD] > 0
    assert blanks["spoiled"] > 0
    assert blanks["received"] == blanks["used"] + blanks["spoiled"] + blanks["left"]
    assert blanks["reserved"] == blanks["destroyed"] == 0


def test_a_run_follows_the_plan_made_last(tmp_path: Path) -> None:
    """Nobody works at the dinas on a regular day: the plan sends people there, and with it all is printed in time."""
    scenario = small_scenario(tmp_path, cards=CARDS, seats=0)
    made = lembur(tmp_path, "plan", scenario, "--by", "Thursday 12:00", "--json")
    assert json.loads(made.stdout)["best"] is not None, made.stderr

    command = lembur(tmp_path, "run", scenario, "--planned", "--speed", "max", "--data", tmp_path / "data", "--json")

    report = json.loads(command.stdout)
    ordered = json.loads((tmp_path / "var" / "plan.json").read_text())
    ordered = ordered["orders"]
    assert {order["station"] for order in ordered} == {"dinas"}
    given = [(order["station"], order["seats"]) for order in report["orders"]]
    assert given == [(order["station"], order["seats"]) for order in ordered]
    assert report["cleared_at"] < "2016-08-25T12:00:00"
