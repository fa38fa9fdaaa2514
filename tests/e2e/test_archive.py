"""`lembur archive` on an office that was played: the cards leave the ledger, and no figure changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lembur.domain.time import DAY_MS
from lembur.ledger import Ledger, connect
from support.runs import lembur, small_scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PERSON = ("--by", "Bu Sri")


def test_a_played_office_is_archived_and_reported_as_before(
    tmp_path: Path, valkey_url: str, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report of its days, the card and reconcile give the same with the cards in files; one card comes back."""
    for name, value in (("REDIS_URL", valkey_url), ("OFFICE", office), ("DATA", str(tmp_path / "data"))):
        monkeypatch.setenv(f"LEMBUR_{name}", value)
    scenario = small_scenario(tmp_path, cards=40)
    assert lembur(tmp_path, "run", scenario, "--speed", "max", "--quiet", "--report", "report").returncode == 0

    def ask(*arguments: str) -> Any:
        done = lembur(tmp_path, *arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    with connect(valkey_url) as server:
        ledger = Ledger(server, office=office)
        young = lembur(tmp_path, "archive", "--before", "2016-08-27", *PERSON)
        assert young.returncode == 1
        assert "give an earlier date" in young.stderr
        days = ("report", "--day", "2016-08-25", "--until", "2016-08-27", "--json")
        report, card = ask(*days), ask("card", "1", "--json")
        assert report["printed"] > 10
        now_ms, _ = ledger.time()
        ledger.set_clock(virtual_ms=now_ms + 60 * DAY_MS, speed=0, ends_ms=now_ms + 90 * DAY_MS)

        moved = ask("archive", "--before", "2016-08-28", *PERSON)

        assert "2016-08  40 cards\n40 cards moved to " in moved
        assert server.hgetall(ledger.key("cards")) == {}
        assert ask(*days) == report
        assert ask("card", "1", "--json") == {**card, "archived": True}
        assert "40 cards" in ask("reconcile")
        ask("archive", "restore", "1", *PERSON, "--reason", "a complaint")
        assert ask("card", "1", "--json") == card
        ask("reconcile")
