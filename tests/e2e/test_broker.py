"""The bus on a server of its own: the ledger's server carries no wake-up, and every card is printed all the same."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from support.programs import free_port, program
from support.runs import lembur, small_scenario
from support.servers import Server
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICE = "3372"
MASTER = "wakeups"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    """A server that keeps nothing on a disk: wake-ups may be lost."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with Server(Path(program("redis-server")), folder, appendonly="no") as server:
        yield server


@contextmanager
def sentinel(folder: Path, watched: Server) -> Iterator[str]:
    """Run a Sentinel that watches a server, and give the bus's address by it."""
    port, config = free_port(), folder / "sentinel.conf"
    config.write_text(
        f"bind 127.0.0.1\nport {port}\ndir {folder}\nlogfile {folder / 'sentinel.log'}\n"
        f"sentinel monitor {MASTER} 127.0.0.1 {watched.port} 1\nsentinel auth-pass {MASTER} {watched.password}\n"
    )
    process = subprocess.Popen([program("redis-server"), str(config), "--sentinel"])
    try:
        eventually(lambda: _knows_master(port))
        yield f"sentinel://:{watched.password}@127.0.0.1:{port}/0?master_name={MASTER}"
    finally:
        process.kill()
        process.wait()


def _knows_master(port: int) -> bool:
    try:
        with redis.Redis(port=port) as asked:
            return bool(asked.sentinel_get_master_addr_by_name(MASTER))
    except redis.ConnectionError:
        return False


def check_run(folder: Path, ledger_url: str, bus: Server) -> None:
    """Play an office, and look where its keys are."""
    scenario = small_scenario(folder, cards=60, status="BIO_CAPTURED")
    done = lembur(folder, "run", scenario, "--redis", ledger_url, "--speed", "max", "--report", "report", "--quiet")
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "report" / "report.json").read_text())
    assert report["invariants"] == {"ok": True, "violations": []}
    assert report["printed"] > 40
    with redis.Redis.from_url(ledger_url) as ledger, redis.Redis.from_url(bus.url) as broker:
        assert {key.partition(b":")[0] for key in ledger.keys("*")} == {b"lembur"}
        assert {key.partition(b"}")[0] for key in broker.keys("*")} == {b"bus:{" + OFFICE.encode()}


def test_wakeups_may_have_a_server_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Server
) -> None:
    """A server without a disk suffices for them; all its keys have the office's hash tag."""
    monkeypatch.setenv("LEMBUR_BROKER_URL", broker.url)
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    with Server(Path(program("redis-server")), ledger) as server:
        check_run(tmp_path, server.url, broker)


def test_wakeups_may_go_by_sentinel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Server) -> None:
    """Sentinel names the server of the bus."""
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    with sentinel(tmp_path, broker) as url, Server(Path(program("redis-server")), ledger) as server:
        monkeypatch.setenv("LEMBUR_BROKER_URL", url)
        check_run(tmp_path, server.url, broker)
