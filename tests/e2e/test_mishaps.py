"""Real workers and a centre that fails them: no card is stuck or lost, and nobody storms a centre that is down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import SHELVES, Status
from lembur.domain.circuit_breaker import IN_A_ROW
from support.runs import lembur, small_scenario

if TYPE_CHECKING:
    from pathlib import Path

CARDS = 120
LINES = 2
PROBES = 16
"""An outage of two hours: after 30 s, 1, 2, 4, 8 and then every 10 minutes."""
OUTAGE = """
[[centre.script]]
fate = "{fate}"
begins = 2016-08-25T08:00:00+07:00
ends = 2016-08-25T10:00:00+07:00
odds = 1.0
"""
ODDS = """
[[centre.script]]
fate = "{fate}"
odds = {odds}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over: its report.json, and the centre's own book of visits."""

    report: dict[str, Any]
    visits: list[dict[str, Any]]

    @property
    def statuses(self) -> dict[Status, int]:
        """How many cards ended where."""
        return {Status(name): count for name, count in self.report["cards"]["by_status"].items() if count}


def play(folder: Path, script: str, *, speed: str = "max") -> Ended:
    """Play the small office with a script for its centre to the end."""
    scenario = small_scenario(folder, cards=CARDS, status="BIO_CAPTURED")
    scenario.write_text(scenario.read_text() + script)
    places = ("--data", folder / "data", "--report", folder / "report")
    done = lembur(folder, "run", scenario, *places, "--speed", speed, "--quiet")
    assert done.returncode == 0, done.stderr
    visits = [json.loads(line) for line in (folder / "data" / "centre.jsonl").read_text().splitlines()]
    return Ended(json.loads((folder / "report" / "report.json").read_text()), visits)


@pytest.mark.parametrize(("fate", "trouble", "speed"), [("refuse", "refused", "max"), ("hang", "hanging", "3000")])
def test_an_outage_is_probed_and_not_stormed(tmp_path: Path, fate: str, trouble: str, speed: str) -> None:
    """Two hours without an answer: the centre is asked some twenty times, by its own book, whatever waits.

    Afterwards every card is answered and printed, or on the shelf of its verdict: a card is not blamed for an outage.
    """
    ended = play(tmp_path, OUTAGE.format(fate=fate), speed=speed)
    failed = [visit for visit in ended.visits if visit["mishap"]]

    assert IN_A_ROW < len(failed) <= IN_A_ROW + LINES - 1 + PROBES
    assert ended.report["invariants"] == {"ok": True, "violations": []}
    assert ended.statuses.keys() <= {Status.CARD_PRINTED, Status.DUPLICATE_RECORD}
    assert sum(ended.statuses.values()) == CARDS
    assert len(ended.visits) == CARDS + len(failed)
    assert ended.report["centre"]["retries"] == {trouble: len(failed)}


def test_answers_that_are_wrong_late_double_or_in_another_order_lose_nothing(tmp_path: Path) -> None:
    """Of twenty questions three hang and three are answered with garbage; most others come in some odd way.

    Each card is asked for until it has its one answer; none waits for ever, and none is answered twice.
    """
    fates = ("hang", "garbage", "slow", "duplicate", "out of order")
    ended = play(tmp_path, "".join(ODDS.format(fate=fate, odds=0.15) for fate in fates))
    failed = [visit for visit in ended.visits if visit["mishap"] in {"hang", "garbage"}]

    assert {visit["mishap"] for visit in ended.visits} == {*fates, None}
    assert ended.report["invariants"] == {"ok": True, "violations": []}
    assert ended.statuses.keys() <= {Status.CARD_PRINTED, *SHELVES}
    assert sum(ended.statuses.values()) == CARDS
    assert sum(ended.report["centre"]["answered"].values()) == len(ended.visits) - len(failed)
    assert sum(ended.report["centre"]["retries"].values()) == len(failed)
