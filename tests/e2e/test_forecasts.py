"""Forecasts of an office at work, as people ask for them."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

from lembur.ledger.queries import forecasts
from support.runs import Lembur, lembur, small_scenario
from support.servers import redis_of
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger import Ledger


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lembur]:
    """An office with 600 cards and two regular seats at dinas, at 120 times real time: enough for days."""
    folder = tmp_path_factory.mktemp("up")
    scenario = small_scenario(folder, cards=600)
    with Lembur(folder, ("up", scenario, "--speed", "120", "--data", folder / "data", "--quiet")) as found:
        found.ledger()
        yield found


@pytest.fixture(scope="module")
def ledger(up: Lembur) -> Ledger:
    """Its ledger, once cards are printed."""
    found = up.opened()
    eventually(lambda: found.serial() == 600)
    eventually(lambda: sum(1 for _ in forecasts.read(found)) > 0)
    return found


def told(up: Lembur, *words: str) -> str:
    """What a command says to people."""
    done = lembur(up.folder, *words, "--data", up.data)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_forecasts_are_made_beside_the_office_and_go_on_after_the_server_died(up: Lembur, ledger: Ledger) -> None:
    """The server is killed and comes back: the same process waits for it, says so once, and goes on."""
    before = forecasts.read(ledger)[-1].made_ms
    lookout = up.pid_of("forecast --watch")

    os.kill(up.pid_of("valkey-server"), signal.SIGKILL)

    eventually(lambda: forecasts.read(ledger)[-1].made_ms > before)
    assert up.pid_of("forecast --watch") == lookout
    log = (up.data / "logs" / "forecast.log").read_text()
    assert "waiting, clear" in log
    assert log.count("the forecast waits") == log.count("the ledger is back") <= 2


def test_a_forecast_is_told_and_kept(up: Lembur, ledger: Ledger) -> None:
    """In words by station, in JSON with all horizons; each is kept."""
    words, listed = told(up, "forecast"), json.loads(told(up, "forecast", "--json"))

    assert "As it stands at" in words
    assert all(code in words for code in ("dinas", "jebres", "all", "blanks last"))
    office = listed["stations"]["all"]
    assert set(office["backlog"]) == {"0", "1", "2", "4", "8", "24", "48", "72"}
    assert 0 <= office["backlog"]["0"][0] <= 600
    assert listed["took_s"] > 0
    assert listed["made_ms"] in [each.made_ms for each in forecasts.read(ledger)]


def test_forecasts_are_judged_by_what_happened(up: Lembur, ledger: Ledger) -> None:
    """An hour later the first backlog is known, and was not far off."""
    first = forecasts.read(ledger)[0].made_ms
    eventually(lambda: ledger.time()[0] > first + 3_700_000)

    words, listed = told(up, "forecast", "--score"), json.loads(told(up, "forecast", "--score", "--json"))

    assert "backlog 1 h" in words
    assert re.search(r"this office +\d+% of \d+", words)
    scores = {(one["what"], one["where"]): one for one in listed["scores"]}
    one_hour = scores["backlog 1 h", "all"]
    assert one_hour["judged"] >= 1  # 600 cards wait: the first forecast was a band, not a sure figure
    assert one_hour["pinball"] < 30


def test_where_nothing_can_be_judged_it_says_so(tmp_path: Path) -> None:
    """An office that is open but has no forecasts yet."""
    with Lembur(tmp_path, ("up", small_scenario(tmp_path, cards=3), "--speed", "1", "--data", tmp_path / "d")) as up:
        ledger = up.ledger()
        redis_of(ledger.server).delete(ledger.prefix + "forecasts")
        done = lembur(tmp_path, "forecast", "--score", "--data", up.data)

    assert done.returncode == 0
    assert done.stdout.startswith("nothing can be judged: ")
