"""The server restarts, stands still, is cut off, refuses writes or fails over: workers pause, say so once, and go on.

One office at work, its workers real processes that reach their server through a relay, lives through it all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import redis

from console.runtime.embedded_server import valkey_binary
from lembur.bus import make_app, send
from lembur.domain.card import Status
from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.office import open_seats
from lembur.settings import Settings
from producers.identities import identity
from support.relay import Relay
from support.runs import Lembur, lembur, open_day_and_night, small_scenario
from support.servers import Server
from support.waiting import PATIENCE_S, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

DINAS, JEBRES = StationCode("dinas"), StationCode("jebres")
REGION = load("solo-2016").region
SURPLUS = 30
"""More wake-ups than a worker has seats: some lie in it unacknowledged."""
KILLS = 3
ROWS = 4_000
DISK_MB = 64
WAITING, BACK = "seats wait for the ledger", "the ledger is back"


@dataclass(slots=True)
class Office:
    """An office at work, the relay before its server, and how far its workers' logs were read."""

    folder: Path
    run: Lembur
    relay: Relay
    server: Server
    ledger: Ledger
    pids: dict[str, int]
    read_upto: dict[str, int] = field(default_factory=dict)

    def printed(self) -> int:
        """Cards printed so far."""
        return self.ledger.counts().get(Status.CARD_PRINTED, 0)

    def works(self) -> None:
        """Wait until cards are printed, and see that the workers are the same processes as ever."""
        before = self.printed()
        eventually(lambda: self.printed() > before + 3)
        assert {name: self.run.pid_of(name) for name in self.pids} == self.pids
        assert reconcile(self.ledger, self.run.setup().stations) == []

    def logs(self) -> dict[str, str]:
        """Return what the workers wrote since `told` was asked last."""
        paths = (self.run.data / "logs").glob("worker-*.log")
        return {path.stem: path.read_text()[self.read_upto.get(path.stem, 0) :] for path in paths}

    def waits(self) -> bool:
        """Return whether a worker has written, since `told` was asked last, that its seats wait."""
        return any(WAITING in text for text in self.logs().values())

    def told(self) -> dict[str, str]:
        """Return what the workers wrote since this was asked last."""
        found = self.logs()
        for name, text in found.items():
            self.read_upto[name] = self.read_upto.get(name, 0) + len(text)
        return found

    def all_back(self) -> bool:
        """Return whether each worker that waited has noticed that the ledger is back; one may be slower than others."""
        return all(text.count(WAITING) == text.count(BACK) for text in self.logs().values())

    def told_once(self) -> None:
        """Whoever said that it waits said so once, and that the ledger is back; nothing came with a traceback."""
        eventually(self.all_back)
        told = self.told()
        assert any(WAITING in text for text in told.values())
        for text in told.values():
            assert text.count(WAITING) <= 1, text
            assert "Traceback" not in text, text
            assert "Cannot connect" not in text, text
            assert "late acknowledgement" not in text, text


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder on a disk of its own that a test can fill, where the machine lets us mount one; else an ordinary one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    unmount = ["umount", "--lazy", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(unmount, check=True)


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office that prints a card about every half second, with work for a quarter of an hour."""
    folder = tmp_path_factory.mktemp("outages")
    scenario = open_day_and_night(small_scenario(folder, cards=1_800, status="BIO_CAPTURED"))
    with (
        small_disk(folder / "disk") as disk,
        Server(valkey_binary(), disk) as server,
        Relay(server.port) as relay,
    ):
        url = f"redis://:{server.password}@127.0.0.1:{relay.port}/0"
        arguments = ("up", scenario, "--speed", "60", "--redis", url, "--data", folder / "data", "--quiet")
        with Lembur(folder, arguments) as run:
            run.ledger()
            ledger = Ledger(connect(server.url), office="3372")
            eventually(lambda: ledger.counts().get(Status.CARD_PRINTED))
            names = ("verify@centre", "print@dinas", "print@jebres")
            yield Office(folder, run, relay, server, ledger, {name: run.pid_of(name) for name in names})


@pytest.fixture
def office(at_work: Office) -> Office:
    """Give the office at work, whatever the test before did to it."""
    at_work.works()
    at_work.told()
    return at_work


def test_a_server_that_is_killed_and_started_again(office: Office) -> None:
    """Nothing that was acknowledged is lost, and nobody had to be restarted, also who held wake-ups without a seat."""
    before = office.printed()

    for _ in range(KILLS):
        send(make_app(Settings(redis_url=office.server.url)), {DINAS: SURPLUS, JEBRES: SURPLUS})
        office.server.kill()
        office.server.start()
        office.works()

    assert office.printed() >= before
    eventually(office.all_back)
    for text in office.told().values():
        assert text.count(WAITING) <= KILLS, text
        assert "Traceback" not in text, text


def test_a_server_that_cannot_be_reached(office: Office) -> None:
    """Cut off until it is noticed: each process says so once, and once that it is over; Flower's buttons work again."""
    office.relay.cut()
    eventually(office.waits)
    office.relay.heal()

    office.works()
    office.told_once()
    open_before = open_seats(office.ledger, DINAS)
    settings = Settings(redis_url=f"redis://:{office.server.password}@127.0.0.1:{office.relay.port}/0")
    told = make_app(settings).control.pool_grow(1, destination=["print@dinas"], reply=True, timeout=PATIENCE_S, limit=1)
    assert told[0]["print@dinas"]["ok"].startswith(f"{open_before + 1} seats of dinas open until this evening")
    assert open_seats(office.ledger, DINAS) == open_before + 1


def test_a_server_that_stands_still(office: Office) -> None:
    """Stopped for a while and continued, as a machine that swaps: everything goes on."""
    assert office.server.process
    before = office.printed()

    os.kill(office.server.process.pid, signal.SIGSTOP)
    try:
        with (
            pytest.raises(redis.TimeoutError),
            redis.Redis.from_url(office.server.url, socket_timeout=2, retry=None) as line,
        ):
            line.ping()
    finally:
        os.kill(office.server.process.pid, signal.SIGCONT)

    assert office.printed() >= before
    office.works()


def test_a_server_whose_memory_is_full(office: Office) -> None:
    """It refuses every write: a print that was made is told when there is room again, producers say what is wrong."""
    server = office.ledger.server
    used = int(server.info("memory")["used_memory"])

    server.config_set("maxmemory", used // 2)
    eventually(office.waits)
    file = people(office.folder, 10, seed=3)
    refused = lembur(office.folder, "intake", file, "--redis", office.server.url, "--data", office.run.data)
    server.config_set("maxmemory", 0)

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("lembur: the ledger did not answer")
    assert "memory" in refused.stderr
    assert "Traceback" not in refused.stderr
    office.works()
    office.told_once()


def test_a_server_whose_disk_is_full(office: Office) -> None:
    """It ends rather than forget a change it acknowledged; started again with room, it has all of them."""
    disk, server = office.folder / "disk", office.server
    if not disk.is_mount():
        pytest.skip("a disk to be filled needs root and the right to mount one")
    assert server.process
    before = office.printed()

    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        fill(filler)
    eventually(lambda: server.process and server.process.poll() is not None)
    eventually(office.waits)
    filler.unlink()
    server.start()

    assert office.printed() >= before
    office.works()
    office.told_once()


def test_an_intake_that_is_cut_off_half_way_is_repeated_without_doubling(office: Office) -> None:
    """It says that the ledger did not answer; the second time it enrols the rest, and knows those it had enrolled."""
    file = people(office.folder, ROWS, seed=5)
    before = office.ledger.serial()
    with Relay(office.server.port) as relay:
        url = f"redis://:{office.server.password}@127.0.0.1:{relay.port}/0"
        relay.budget = 400_000
        first = lembur(office.folder, "intake", file, "--redis", url, "--data", office.run.data)
    half = office.ledger.serial() - before
    second = lembur(office.folder, "intake", file, "--redis", office.server.url, "--data", office.run.data)

    assert first.returncode == 1
    assert "then: the ledger did not answer 'enrol'" in first.stderr
    assert "give the file again, no person is enrolled twice" in first.stderr
    assert "Traceback" not in first.stderr
    assert 0 < half < ROWS
    assert second.returncode == 0, second.stderr
    assert office.ledger.serial() - before == ROWS
    assert f"{half:,} known already" in second.stdout
    office.works()


def test_a_server_that_fails_over_to_its_replica(office: Office, tmp_path: Path) -> None:
    """The replica is promoted behind the same address: workers go on with it, and its ledger adds up.

    The replica had received everything: what a failover may lose is told in docs/guarantee.md.
    """
    office.told()
    with Server(
        valkey_binary(), tmp_path, password=office.server.password, replicaof=f"127.0.0.1 {office.server.port}"
    ) as replica:
        there = redis.Redis.from_url(replica.url, decode_responses=True)
        eventually(lambda: there.info("replication")["master_link_status"] == "up")
        doctor = lembur(office.folder, "doctor", "--redis", office.server.url, "--data", office.run.data)
        assert "1; a failover to one may lose the last changes" in doctor.stdout
        before, counts = office.printed(), office.ledger.prefix + "counts"
        eventually(lambda: int(str(there.hget(counts, Status.CARD_PRINTED))) >= before)

        office.relay.cut()
        office.server.kill()
        there.replicaof("NO", "ONE")
        office.relay.move(replica.port)

        office.ledger = Ledger(connect(replica.url), office="3372")
        assert office.printed() >= before
        office.works()
        office.run.stop(signal.SIGTERM)


def fill(file: Path) -> None:
    """Write until there is no room for a page more."""
    with file.open("wb", buffering=0) as room:
        while True:
            room.write(bytes(4_096))


def people(folder: Path, count: int, *, seed: int) -> Path:
    """Write a file of invented people who lost their cards."""
    rows = (f"{identity(REGION, seed, n).digits},33.72.03.1001,replacement,2016-08-25T07:30:00" for n in range(count))
    file = folder / f"people-{seed}.csv"
    file.write_text("\n".join(("nik,kelurahan_code,stream,recorded_at", *rows)) + "\n")
    return file
