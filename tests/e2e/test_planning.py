"""`lembur plan` asked what has no ordinary answer: each time one clear sentence, and an exit code."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.programs import LEMBUR
from support.runs import lembur, small_scenario
from support.waiting import eventually

FRIDAY = ("--by", "Friday 16:00")


def asked(folder: Path, *changes: tuple[str, str], options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Ask for a small office, of whose scenario some words are others."""
    path = small_scenario(folder, cards=40)
    text = path.read_text()
    for old, new in changes:
        assert re.search(old, text), old
        text = re.sub(old, new, text)
    path.write_text(text)
    return lembur(folder, "plan", path, *FRIDAY, *options)


def test_an_empty_queue_needs_nothing(tmp_path: Path) -> None:
    """NoArrivals waits and nobody comes."""
    found = asked(tmp_path, ("cards = 40", "cards = 0"))

    assert "nothing is needed" in found.stdout
    assert found.returncode == 0


def test_regular_hours_that_suffice_need_nothing(tmp_path: Path) -> None:
    """Forty cards on three seats."""
    found = asked(tmp_path)

    assert "nothing is needed" in found.stdout
    assert found.returncode == 0


def test_without_seats_it_says_how_many_would_do(tmp_path: Path) -> None:
    """NoArrivals works here, and nobody may."""
    found = asked(tmp_path, ("seats = .", "seats = 0"), options=("--max-seats", "0"))

    assert re.search(
        r"nothing within these limits.* what would: \d+ seats \(with printers where they are needed\) and", found.stdout
    )
    assert "in the way: people" in found.stdout
    assert found.returncode == 1


def test_without_blanks_nothing_else_helps(tmp_path: Path) -> None:
    """Nothing is on the shelf and nothing will be delivered."""
    found = asked(tmp_path, ("blanks = 500", "blanks = 0"))

    assert "not even with more hours, more seats or a later deadline; in the way: blanks" in found.stdout
    assert found.returncode == 1


def test_an_office_that_stays_closed_is_told(tmp_path: Path) -> None:
    """On days off overtime is offered at its rate; where none is allowed the answer names the closed office."""
    closed = ("closes = 16:00:00", "closes = 16:00:00\nclosed = [2016-08-25, 2016-08-26]")
    offered, refused = asked(tmp_path, closed), asked(tmp_path, closed, options=("--max-hours", "0"))

    assert "seat hours of overtime for Rp" in offered.stdout
    assert offered.returncode == 0
    assert "the office does not open before Fri 26 Aug 2016 16:00:00" in refused.stdout
    assert refused.returncode == 1


@pytest.mark.parametrize(
    ("changes", "options", "told"),
    [
        ((), ("--by", "2016-08-24T09:00"), "the deadline has passed, because it is Thu 25 Aug 2016"),
        ((), ("--by", "2016-12-24T09:00"), "the deadline is too far away: give one within 62 days"),
        ((), ("--by", "2016-09-24T09:00"), "after the end of the scenario: name one until Sat 27 Aug 2016 12:00"),
        ((), ("--confidence", "0"), "between 0 and 1"),
        ((), ("--confidence", "1"), "between 0 and 1"),
        ((), ("--max-seats", "-1"), "-1 seats are impossible"),
        ((), ("--max-hours", "25"), "use 0 to 24"),
        ((("cards = 40", "cards = 1_000_000"),), (), "1,000,000 waiting cards in 1,000 worlds need 8 GB of memory"),
        ((("spoil_rate = 0.1", "spoil_rate = 1.0"),), (), "dinas spoils every card"),
        ((("closes = 16", "workdays = []\ncloses = 16"),), (), "the office never opens"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    tmp_path: Path, changes: tuple[tuple[str, str], ...], options: tuple[str, ...], told: str
) -> None:
    """One sentence on the standard error, no table, and no trace of the program."""
    found = asked(tmp_path, *changes, options=options)

    assert told in found.stderr
    assert "Traceback" not in found.stderr
    assert (found.stdout, found.returncode) == ("", 1)


@pytest.mark.parametrize("after_s", [0.3, 0.7, 1.5])
def test_a_long_question_is_given_up_at_once(tmp_path: Path, after_s: float) -> None:
    """A hundred thousand cards take a while; Ctrl-C ends it, also while it is being loaded, and nothing is written."""
    command = [LEMBUR, "plan", str(small_scenario(tmp_path, cards=100_000)), *FRIDAY]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        eventually(lambda: worked_s(process.pid) > after_s)

        process.send_signal(signal.SIGINT)
        said, complained = process.communicate()

    assert (process.returncode, said, complained) == (130, "", "")
    assert not (tmp_path / "var").exists()


def worked_s(pid: int) -> float:
    """Tell how long a process has worked, in seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
