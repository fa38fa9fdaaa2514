"""What becomes of the processes of a run when it is stopped, killed, or loses a part."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from console.runtime.supervisor import LOG_BYTES, Processes
from lembur.domain.card import CardId, Status, card_id
from lembur.ledger import queries
from support.runs import Lembur, lembur, open_day_and_night, reconciles, small_scenario
from support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from lembur.ledger import Ledger

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]


def test_ctrl_c_ends_a_run_with_one_sentence_and_another_goes_on(tmp_path: Path) -> None:
    """Ctrl-C leaves no process, exits 130 with one sentence, and puts cards in printers back: `lembur up` goes on."""
    scenario = small_scenario(tmp_path, cards=60)
    data = tmp_path / "data"

    with Lembur(tmp_path, ("run", scenario, "--speed", "10", "--data", data, "--report", tmp_path / "report")) as run:
        ledger = run.ledger()
        second = lembur(tmp_path, "run", scenario, "--data", data)
        printing = _in_printers(ledger)
        code = run.stop(signal.SIGINT)

    assert second.returncode == 1
    assert second.stderr == f"lembur: {data} is in use by another run: stop that one, or give another --data\n"
    assert code == 130
    assert run.complained == f"lembur: stopped before the end; nothing is lost: 'lembur up --data {data}' goes on\n"

    with Lembur(tmp_path, ("up", scenario, "--data", data)) as up:
        ledger = up.ledger()
        eventually(lambda: _are_put_back(ledger, printing))
        before = _printed(ledger)
        eventually(lambda: _printed(ledger) > before + 3)
        assert reconciles(tmp_path, data)
        assert up.stop(signal.SIGTERM) == 0


def test_a_killed_parent_leaves_no_process(tmp_path: Path) -> None:
    """SIGKILL of the parent ends everything; cards in printers are back in the queue."""
    scenario = small_scenario(tmp_path, cards=40)
    data = tmp_path / "data"

    with Lembur(tmp_path, ("up", scenario, "--speed", "10", "--data", data)) as first:
        printing = _in_printers(first.ledger())
        assert first.stop(signal.SIGKILL) == -signal.SIGKILL

    with Lembur(tmp_path, ("up", "--data", data)) as second:
        ledger = second.ledger()
        eventually(lambda: _are_put_back(ledger, printing))
        before = _printed(ledger)
        eventually(lambda: _printed(ledger) > before + 3)
        assert reconciles(tmp_path, data)
        assert second.stop(signal.SIGINT) == 0


def test_a_run_survives_the_death_of_each_of_its_parts(tmp_path: Path) -> None:
    """A worker, the guardian and the server come back after kill -9, and the run ends with everything reconciled."""
    scenario = open_day_and_night(small_scenario(tmp_path, cards=100, status="BIO_CAPTURED"))
    data, report = tmp_path / "data", tmp_path / "report"

    # The queue takes a minute, which is longer than all parts are away.
    with Lembur(tmp_path, ("run", scenario, "--speed", "60", "--data", data, "--report", report)) as run:
        ledger = run.ledger()
        address = (data / "address").read_text()
        for part in ("print@dinas", "runtime/guardian.py", "valkey-server", "verify@centre"):
            _kill_and_await(run, ledger, part)
        assert (data / "address").read_text() == address

        assert run.process.wait() == 0, run.complained
        eventually(lambda: not run.alive())

    told = json.loads((report / "report.json").read_text())
    assert told["invariants"] == {"ok": True, "violations": []}
    assert told["waiting"] == 0
    assert sum(told["cards"]["by_status"].values()) == 100


def test_ctrl_c_while_a_large_queue_is_enrolled(tmp_path: Path) -> None:
    """A run of 200,000 cards that is interrupted early stops as soon as any other."""
    data = tmp_path / "data"
    scenario = small_scenario(tmp_path, cards=200_000)

    with Lembur(tmp_path, ("run", scenario, "--speed", "max", "--data", data, "--report", tmp_path / "report")) as run:
        eventually(lambda: run.opened().serial() > 2_000)
        assert run.stop(signal.SIGINT) == 130


def _in_printers(ledger: Ledger) -> list[CardId]:
    def printing() -> list[CardId]:
        cards = [card_id(number) for number in range(1, ledger.serial() + 1)]
        return [card for card in cards if queries.read_card(ledger, card).status == Status.SENT_FOR_CARD_PRINTING]

    return eventually(printing)


def _are_put_back(ledger: Ledger, cards: list[CardId]) -> bool:
    """Return whether cards that were in printers are back in the queue, but for one that came out just then."""
    third = [queries.read_card(ledger, card).history[2] for card in cards]
    assert all(moment.what in {Status.CARD_PRINTED, Status.PRINT_READY_RECORD} for moment in third), third
    return any(moment.why == "given up" for moment in third)


def _kill_and_await(run: Lembur, ledger: Ledger, part: str) -> None:
    """Kill a part with -9, and wait until it is there again and cards are printed after that."""
    killed = run.pid_of(part)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: any(part in command and pid != killed for pid, command in run.alive().items()))
    before = eventually(lambda: _printed(ledger))
    eventually(lambda: _printed(ledger) > before)


def _printed(ledger: Ledger) -> int:
    return ledger.counts().get(Status.CARD_PRINTED, 0)


def test_logs_of_an_office_rotate(tmp_path: Path) -> None:
    """A year of lines stays within two files, and the child goes on writing into the first."""
    processes = Processes(tmp_path / "logs")
    script = f"head -c {LOG_BYTES + 1} /dev/zero; while :; do echo on; sleep 0.01; done"
    processes.start("worker", ["/bin/sh", "-c", script])
    first, second = tmp_path / "logs" / "worker.log", tmp_path / "logs" / "worker.log.1"

    def rotated() -> bool:
        processes.tend()
        return second.exists() and first.stat().st_size > 0

    try:
        eventually(rotated)
        assert first.stat().st_size < LOG_BYTES < second.stat().st_size
    finally:
        processes.stop()


def test_a_worker_that_does_not_come_up_is_named_with_its_reason(tmp_path: Path) -> None:
    """The sentence holds the last line of its log and where all of it is; the run ends, and leaves nothing behind."""
    # A worker is `python -m workers` in the folder of the run, so this module comes before ours.
    (tmp_path / "workers.py").write_text("raise SystemExit('the driver of the printers is not installed')\n")
    data = tmp_path / "data"

    done = lembur(tmp_path, "run", small_scenario(tmp_path, cards=3), "--quiet", "--data", data)

    assert done.returncode == 1
    assert re.fullmatch(
        r"lembur: the worker (\S+) does not come up: the driver of the printers is not installed "
        rf"\(all of it is in {re.escape(str(data))}/logs/worker-\S+\.log\)\n",
        done.stderr,
    ), done.stderr
