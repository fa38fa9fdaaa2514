"""A seed of Solo gives the prints that it gave before, by the rule and by real workers.

Recorded are card, start, end and outcome of each print, and card, start and end of each answer of the centre. They are
the same on every machine, at `--speed max` and at each speed that a machine can keep. Not recorded, because it differs
from run to run: which process or seat made a print, the order of the log's rows, the names of lots, real time. With
real printers, or a centre over HTTP, nothing of it is fixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.runtime.embedded_server import valkey_binary
from lembur.domain.scenario import load
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup
from reference.prints import SEEDS, SOLO, fingerprint, prints_by_rule, prints_of_ledger, read_recorded
from support.runs import lembur
from support.servers import running

if TYPE_CHECKING:
    from pathlib import Path

SEED = SEEDS[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rule_makes_the_recorded_prints(seed: int) -> None:
    """Draws, calendar and the rule of the queue are those of the day on which they were recorded."""
    scenario = load(SOLO)

    assert fingerprint(scenario, prints_by_rule(OfficeSetup(scenario, seed, 1))) == read_recorded(seed)


def test_real_workers_make_the_recorded_prints(tmp_path: Path) -> None:
    """`lembur run` with the seed: every print of every station, and every answer of the centre."""
    (tmp_path / "server").mkdir()
    with running(valkey_binary(), tmp_path / "server") as url:
        words = ("run", SOLO, "--seed", str(SEED), "--speed", "max", "--quiet", "--unsafe")
        done = lembur(tmp_path, *words, "--redis", url, "--data", tmp_path / "data")
        assert done.returncode == 0, done.stderr
        with connect(url) as server:
            lived = prints_of_ledger(Ledger(server, office="3372"))

    assert fingerprint(load(SOLO), lived) == read_recorded(SEED)
