"""Plans of an office as it stands, and when a card will be ready, as people ask for them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from lembur.domain.scenario import load
from lembur.ledger import Ledger, connect, load_nik_key
from lembur.office import OfficeSetup, open_office
from producers.feed import Feed
from support.programs import LEMBUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OFFICE = "9997"


@pytest.fixture(scope="module")
def ledger(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Solo at Thursday 08:00, without the overtime it has in writing; the clock stands still."""
    scenario = load("solo-2016").model_copy(update={"overtime": ()})
    with connect(valkey_url) as server:
        found, setup = Ledger(server, office=OFFICE), OfficeSetup(scenario, scenario.seed, 1)
        open_office(found, setup)
        Feed(found, setup, load_nik_key(found, tmp_path_factory.mktemp("key")), lambda _: None).prepare()
        found.set_clock(virtual_ms=setup.starts_ms + 1_800_000, speed=1e-6, ends_ms=setup.ends_ms)
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are run, and write."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture
def run(ledger: Ledger, valkey_url: str, folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command at the desk of this office."""
    assert ledger.serial() == 2822
    environment = {**os.environ, "LEMBUR_REDIS_URL": valkey_url, "LEMBUR_OFFICE": OFFICE, "COLUMNS": "200"}

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LEMBUR, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return command


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that did well says."""
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_card_tells_when_it_will_be_ready(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """A range from P50 to P90, the chance to be late, and the moment of the figures; at a place without seats never."""
    listed = json.loads(told(run("card", "1", "--json")))["outlook"]
    words = told(run("card", "1"))

    assert listed["at_ms"] < listed["p50_ms"] <= listed["p90_ms"]
    assert listed["late"] == 1.0
    assert "(P50 to P90), late with a chance of 100%, by the queue at Thu 25 Aug 2016 08:00" in words


def test_a_plan_begins_with_the_office_as_it_stands_and_becomes_orders(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger, folder: Path
) -> None:
    """Planned beside two what-ifs and drawn; then ordered, and after that nothing more is needed."""
    question = ("plan", "--live", "--by", "Friday 22:00", "--max-hours", "6.5", "--confidence", "0.8")
    supposed = ("--what-if", "blanks 100", "--what-if", "centre down 1h, arrivals x0.5")

    words = told(run(*question, *supposed, "--plot", "p.png"))
    none_kept = ledger.orders()
    told(run("plan", "apply", "--by", "Bu Sri"))
    again = json.loads(told(run(*question, "--json")))

    assert re.match(r"[\d.]+ seat hours of overtime for Rp [\d,]+, 9 more operators in working time: ", words.strip())
    assert all(text in words for text in ("blanks 100", "centre down 1h, arrivals x0.5", "as it is", "one more seat"))
    assert "in the way: people; with an operator at every printer" in words
    assert "the office as it stood at Thu 25 Aug 2016 08:00" in words
    assert "few prints were seen until now: the plan allows for print times up to 30 % longer or shorter" in words
    assert (folder / "p.png").read_bytes().startswith(b"\x89PNG")
    assert none_kept == []
    assert {order.by for order in ledger.orders()} == {"Bu Sri"}
    assert again["headline"].startswith("nothing more is needed: what is ordered and regular hours")
    assert again["regular"]["chance"] > 0.75
    assert again["regular"]["rupiah"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "--live", "--by", "Friday 21:00", "--what-if", "more of everything"), "'dinas seats 3'"),
        (("plan", "rush", "--live", "--by", "Friday 21:00"), "either a scenario or --live"),
        (("plan", "--live", "--by", "2016-08-24T09:00"), "deadline has passed"),
        (("plan", "--live", "--by", "Friday 21:00", "--plot", "plan.doc"), ".png"),
        (("forecast", "--watch", "--json"), "--watch goes alone"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Callable[..., subprocess.CompletedProcess[str]], words: tuple[str, ...], said: str
) -> None:
    """With how to mend it."""
    done = run(*words)

    assert done.returncode == 1
    assert done.stderr.startswith("lembur: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
