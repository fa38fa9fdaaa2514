"""Offices other than Solo: one written by `lembur init`, and a shipped one of another size, zone and rhythm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.runs import lembur

if TYPE_CHECKING:
    from pathlib import Path


def play(folder: Path, scenario: str) -> dict[str, Any]:
    """Play a scenario at full speed and return its report."""
    played = lembur(folder, "run", scenario, "--speed", "max", "--data", "data", "--quiet", "--report", "report")
    assert played.returncode == 0, played.stderr
    found: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text())
    return found


def test_a_new_office_is_written_checked_played_and_reconciled(tmp_path: Path) -> None:
    """With the commands that `init` names, and no line of the files changed."""
    made, checked = lembur(tmp_path, "init", "bogor"), lembur(tmp_path, "check", "bogor/scenario.toml")

    assert "lembur check bogor/scenario.toml\n" in made.stdout
    assert checked.returncode == 0, checked.stderr
    assert "2 stations, 5 printers, 3 regular seats, 1,100 blanks; 500 cards waiting" in checked.stdout
    report = play(tmp_path, "bogor/scenario.toml")
    assert report["invariants"] == {"ok": True, "violations": []}
    assert report["cards"]["enrolled"] > 500
    reconciled = lembur(tmp_path, "reconcile", "--data", "data")
    assert reconciled.returncode == 0, reconciled.stderr
    assert "good prints logged here add up" in reconciled.stdout
    refuses_while_stopped(tmp_path)


def refuses_while_stopped(folder: Path) -> None:
    """Ask the ended office, whose server ended with it: the answer is a sentence, and no error number."""
    for command in (("board",), ("orders",), ("doctor",), ("card", "17")):
        refused = lembur(folder, *command, "--data", "data")

        assert refused.returncode == 1
        assert refused.stderr.startswith(
            "lembur: the office in data is stopped: go on with it by 'lembur up --data data'"
        )


def test_init_writes_over_nothing(tmp_path: Path) -> None:
    """A file of the office is work of hours."""
    (tmp_path / "bogor").mkdir()
    (tmp_path / "bogor" / "region.csv").write_text("mine")
    refused = lembur(tmp_path, "init", "bogor")

    assert refused.returncode == 1
    assert "bogor/region.csv is there already" in refused.stderr
    assert [file.name for file in (tmp_path / "bogor").iterdir()] == ["region.csv"]


def test_check_lists_every_fault_of_both_files(tmp_path: Path) -> None:
    """Exit 1, one line a fault, with the place and the remedy."""
    lembur(tmp_path, "init", "bogor")
    scenario, region = tmp_path / "bogor" / "scenario.toml", tmp_path / "bogor" / "region.csv"
    scenario.write_text(scenario.read_text().replace("printers = 2", "printers = 1000000000"))
    region.write_text(region.read_text() + "32.71.03.1001,Bondongan,,1,\n")
    checked = lembur(tmp_path, "check", "bogor/scenario.toml")

    assert checked.returncode == 1
    assert "region: region.csv line 14: name and kecamatan must not be empty" in checked.stderr
    assert "stations.timur.printers: is 1000000000, but must be at most 1,000" in checked.stderr


def test_the_second_city_is_played_and_reconciled(tmp_path: Path) -> None:
    """Twelve stations in two shifts, two zones away: nothing is printed before the blanks come on Wednesday 10:00."""
    report = play(tmp_path, "jayapura-2016")

    assert report["invariants"] == {"ok": True, "violations": []}
    assert len(report["stations"]) == 12
    assert report["started"] == "2016-11-07T07:00:00+09:00"
    assert min(report["printed_per_day"]) == "2016-11-09"
    assert report["blanks"]["unaccounted"] == 0
