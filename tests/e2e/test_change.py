"""`lembur change` on an office with real workers: it goes on by new hours and with a new station, without a restart."""

from __future__ import annotations

import json
import re
import signal
import sys
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from lembur.domain.card import Status
from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.domain.time import HOUR_MS, WEEKDAYS
from support.runs import Lembur, lembur, real_scenario, reconciles
from support.small_office import identity
from support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.ledger import Ledger

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as the other tests of whole offices"),
]

DINAS, JEBRES, LOKET = StationCode("dinas"), StationCode("jebres"), StationCode("loket-3")
SIGNED = ("--by", "Bu Sri", "--reason", "a letter of the mayor")
STATION = """
[[stations]]
code = "loket-3"
name = "Loket 3"
printers = 1
seats = 1
blanks = 40
ribbons = 1
"""


def closed_today(folder: Path) -> Path:
    """Write a real office that worked yesterday around the clock, and is closed today."""
    path = real_scenario(folder)
    workday = WEEKDAYS[load(str(path)).starts.weekday()]
    path.write_text(
        path.read_text().replace("[hours]", f'[hours]\nworkdays = ["{workday}"]\nnational_holidays = false')
    )
    return path


def edit(path: Path, pattern: str, text: str) -> None:
    """Edit the scenario as its person does."""
    found, times = re.subn(pattern, text, path.read_text())
    assert times == 1, pattern
    path.write_text(found)


def record(ledger: Ledger, number: int, station: StationCode) -> None:
    """Record somebody now whose card goes straight to print."""
    now_ms = ledger.time()[0]
    ledger.enrol([identity(number, station=station, ready_ms=now_ms, due_ms=now_ms + HOUR_MS)])


def printed(ledger: Ledger) -> int:
    """Count the printed cards."""
    return ledger.counts().get(Status.CARD_PRINTED, 0)


def report_of_first_day(folder: Path, data: Path) -> dict[str, Any]:
    """Ask for the report of the day before the change."""
    first = load(str(folder / "small.toml")).starts.date()
    done = lembur(folder, "report", "--day", first.isoformat(), "--json", "--data", data)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def scraped(run: Lembur) -> str:
    """Read the exporter of the run."""
    address = re.search(r"metrics  (\S+)", run.said)
    assert address
    with urlopen(address[1], timeout=60) as page:  # noqa: S310 - the address that the run printed
        text: str = page.read().decode()
    return text


def test_an_office_at_work_opens_on_another_day_and_gets_a_station(tmp_path: Path) -> None:
    """A card waits while the office is closed; the change opens it, and each card is printed once."""
    scenario, data, copy = closed_today(tmp_path), tmp_path / "data", tmp_path / "office.tar.gz"
    change = ("change", scenario, *SIGNED, "--data", data)
    with Lembur(tmp_path, ("up", scenario, "--data", data, "--quiet")) as run:
        ledger = run.ledger()
        record(ledger, 1, DINAS)
        before = report_of_first_day(tmp_path, data)
        assert before["stations"][0]["open_seat_hours"] > 0

        edit(scenario, r"workdays = .*", f"workdays = {json.dumps(list(WEEKDAYS))}")
        look = lembur(tmp_path, *change)
        assert look.returncode == 0, look.stderr
        assert look.stdout.endswith("nothing is changed yet: repeat the command with --yes\n")
        assert (ledger.changes(), printed(ledger)) == (0, 0)
        done = lembur(tmp_path, *change, "--yes")
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("small goes on with 6 changes, by order of Bu Sri\n")
        eventually(lambda: printed(ledger) == 1)

        scenario.write_text(scenario.read_text() + STATION)
        done = lembur(tmp_path, *change, "--yes")
        assert done.returncode == 0, done.stderr
        assert "loket-3 needs a worker: 'lembur up' starts it" in done.stdout
        record(ledger, 2, LOKET)
        eventually(lambda: printed(ledger) == 2)
        eventually(lambda: 'lembur_seats_open{office="3372",station="loket-3"} 1.0' in scraped(run))
        eventually(lambda: lembur(tmp_path, "doctor", "--data", data).returncode == 0)

        edit(scenario, r'(?s)\[\[stations\]\]\ncode = "jebres".*?ribbons = \d+\n', "")
        refused = lembur(tmp_path, *change, "--yes")
        assert refused.returncode == 1
        assert "stations.jebres: " in refused.stdout
        assert "its cards, blanks and prints stay in the books" in refused.stdout
        assert refused.stderr == f"lembur: nothing is changed, because it is refused: mend {scenario}\n"

        logged = json.loads(lembur(tmp_path, "log", "--json", "--data", data).stdout)
        assert [(one["what"], one["by"]) for one in logged] == [("change", "Bu Sri")] * 2
        assert "stations.loket-3: - -> " in logged[1]["details"]["changed"]
        assert report_of_first_day(tmp_path, data) == before
        assert reconciles(tmp_path, data)
        assert run.stop(signal.SIGINT) == 0

    for words in (("backup", copy, "--data", data), ("restore", copy, "--data", tmp_path / "restored")):
        done = lembur(tmp_path, *words)
        assert done.returncode == 0, done.stderr
    with Lembur(tmp_path, ("up", "--data", tmp_path / "restored", "--quiet")) as run:
        ledger = run.ledger()
        record(ledger, 3, LOKET)
        eventually(lambda: printed(ledger) == 3)
        assert report_of_first_day(tmp_path, tmp_path / "restored") == before
        assert run.stop(signal.SIGINT) == 0
