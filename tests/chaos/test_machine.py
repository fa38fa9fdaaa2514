"""A power cut takes what was not synced, and nothing else: the chaos run may believe its machine."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from chaos.__main__ import is_void
from chaos.machine import Machine
from chaos.round import Round
from chaos.verdict import Judgement
from lembur.ledger import connect
from support.servers import redis_of

if TYPE_CHECKING:
    from pathlib import Path


def counted(machine: Machine, times: int) -> int:
    """Count so far on the server, and answer how far it says it has come."""
    with connect(machine.url) as server:
        return [int(redis_of(server).incr("count")) for _ in range(times)][-1]


def forgets(machine: Machine, seed: int) -> bool:
    """Count, cut the power, and return whether the server has forgotten some of it."""
    counted_so_far = counted(machine, 2_000)
    machine.cut_power(Random(seed))
    with connect(machine.url) as server:
        return int(server.get("count") or 0) < counted_so_far


def test_what_was_acknowledged_survives_every_power_cut(tmp_path: Path) -> None:
    """With a sync before each answer nothing acknowledged is lost, though the last record is torn each time."""
    machine, chance = Machine(tmp_path / "machine", "always"), Random(1)
    machine.start()
    try:
        for cut in range(3):
            said = counted(machine, 200)
            (machine.cut_power if cut != 1 else lambda _: machine.kill())(chance)
            with connect(machine.url) as server:
                assert int(redis_of(server).get("count")) == said
    finally:
        machine.stop()


def test_what_was_not_synced_is_lost(tmp_path: Path) -> None:
    """With a sync every second the last second is gone, which a mere kill of the server would not show."""
    machine = Machine(tmp_path / "machine", "everysec")
    machine.start()
    try:
        said = counted(machine, 2_000)
        machine.kill()
        with connect(machine.url) as server:
            assert int(redis_of(server).get("count")) == said
        # A busy machine may have synced all of it before the cut: then it is cut again.
        assert any(forgets(machine, seed) for seed in range(20))
        assert machine.lost_bytes > 0
    finally:
        machine.stop()


@pytest.mark.parametrize(("met", "void"), [(0, True), (4, True), (5, False), (12, False)])
def test_a_column_without_its_faults_fails_the_run(met: int, *, void: bool) -> None:
    """The ordinary way lost 200 cards with no fault on a busy machine, for its workers had not started."""
    found = Judgement(cards=200, faults=Counter({"server killed": met}))

    assert is_void(Round(name="the ordinary way", cards=200, faults=10), found) is void
