"""Many offices on one Redis Cluster: side by side, through the loss of a master, and what the guarantee says of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
import redis

from lembur.domain.card import Status
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import PrintLogs, reconcile, settle_by_logs
from lembur.office import read_setup
from lembur.retry import Outage
from support.cluster import Cluster, running_cluster
from support.programs import program
from support.runs import lembur, small_scenario, whole_lines
from support.servers import Server
from support.small_office import HALL, WING, identity, opened
from support.waiting import eventually
from workers import printing
from workers.claiming import LotClaims
from workers.devices import JobLog, SimulatedPrinter, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.seats import StationCode
    from lembur.ledger.types import Wakes

CITIES = {"1271": 0, "3273": 0, "3372": 1, "7371": 1, "3578": 2, "1371": 2}
"""Medan, Bandung, Surakarta, Makassar, Surabaya, Padang, and the master whose slots have each."""
SOLO = "3372"
STATIONS = [HALL, WING]
BLANKS = 10**6
PEOPLE = 10
"""People who come at once."""
SILENT_MS = 12_000
"""Longer than a busy machine holds a server up: the masters that were not killed must not be held for dead."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give three masters with a replica each."""
    with running_cluster(tmp_path_factory.mktemp("cluster"), silent_ms=SILENT_MS) as found:
        yield found


@dataclass(slots=True)
class City:
    """An office whose two stations print by the workers' own code, one lot after the other."""

    ledger: Ledger
    folder: Path
    outages: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    people: int = 0
    fault: Exception | None = None
    _pending: list[StationCode] = field(default_factory=list)

    @property
    def logs(self) -> PrintLogs:
        """The logs of its printers."""
        return PrintLogs([self.folder])

    def good(self) -> Counter[str]:
        """Count how often each card came out of a printer."""
        rows = [json.loads(row) for path in self.folder.glob("*.jsonl") for row in whole_lines(path)]
        jobs = (zip(row["cards"], row["reasons"], strict=True) for row in rows if "reasons" in row)
        return Counter(card for job in jobs for card, reason in job if not reason)

    def play(self) -> None:
        """Let people come and print their cards, until it is over."""
        try:
            while not self.over.is_set():
                self.print_some()
        except Exception as fault:  # noqa: BLE001 - the test looks at it
            self.fault = fault

    def print_some(self) -> None:
        """Let some people come, and print their cards."""
        self.enrol()
        self.print_all()

    def enrol(self) -> None:
        """Let some people come."""
        people = [identity(self.people + number, station=STATIONS[number % 2]) for number in range(PEOPLE)]
        self.send(self.claims().ask(partial(self.ledger.enrol, people))[1])
        self.people += PEOPLE

    def claims(self) -> LotClaims:
        """Give the claims of its seats: they wait for the ledger, and note it."""
        return LotClaims(
            self.ledger,
            self.send,
            lot_cards=1,
            lease_ms=60_000,
            owner=owner_of(self.folder),
            stopping=Event(),
            outage=Outage("seats wait", self.outages.append),
        )

    def print_all(self) -> None:
        """Print until nobody waits."""
        claims = self.claims()
        setup = claims.ask(partial(read_setup, self.ledger))
        printers = {code: SimulatedPrinter(self.ledger, setup, code, self.log(code)) for code in STATIONS}
        while self._pending or self.rings(claims):
            station = self._pending.pop()
            printing.next_lot(claims, station, printers[station])

    def send(self, wakes: Wakes) -> None:
        """Note which stations shall look for work."""
        self._pending += [station for station, count in wakes.items() if station in STATIONS for _ in range(count)]

    def rings(self, claims: LotClaims) -> bool:
        """Let timers ring; return whether any did."""
        self.send(claims.ask(partial(self.ledger.advance, STATIONS)).wakes)
        return bool(self._pending)

    def log(self, station: StationCode) -> JobLog:
        """Open the log of a station's printers."""
        return JobLog(self.folder / f"{station}.jsonl")


def city(cluster: Cluster, code: str, folder: Path) -> City:
    """Open an office on the cluster."""
    ledger = opened(Ledger(connect(cluster.url), office=code), blanks=BLANKS, ribbon=BLANKS)
    return City(ledger, folder / code)


def test_an_office_needs_another_broker(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kombu has no transport for a cluster: without a word from us the workers would never come up."""
    monkeypatch.delenv("LEMBUR_BROKER_URL", raising=False)
    done = lembur(tmp_path, "run", small_scenario(tmp_path, cards=5), "--redis", cluster.url, "--report", "report")

    assert done.returncode == 1
    assert "is a Redis Cluster, which Celery's messages cannot use: set LEMBUR_BROKER_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_office_is_played_on_a_cluster(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By real processes, with the bus on a server of its own: every card and every blank adds up."""
    with Server(Path(program("redis-server")), tmp_path, appendonly="no") as broker:
        monkeypatch.setenv("LEMBUR_BROKER_URL", broker.url)
        monkeypatch.setenv("LEMBUR_OFFICE", "5171")
        scenario = small_scenario(tmp_path, cards=40, status="BIO_CAPTURED")
        done = lembur(
            tmp_path, "run", scenario, "--redis", cluster.url, "--speed", "max", "--report", "report", "--quiet"
        )

    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["invariants"] == {"ok": True, "violations": []}
    assert report["printed"] > 20


def test_six_cities_lose_a_master(cluster: Cluster, tmp_path: Path) -> None:
    """Cities of the other masters notice nothing. Those of the lost one wait, go on by themselves, and add up."""
    cities = {code: city(cluster, code, tmp_path) for code in CITIES}
    assert {code: cluster.servers.index(cluster.master_of(one.ledger.prefix)) for code, one in cities.items()} == CITIES
    threads = [Thread(target=one.play, daemon=True) for one in cities.values()]
    for thread in threads:
        thread.start()

    eventually(lambda: all(one.good().total() > PEOPLE for one in cities.values()))
    lost = cluster.master_of(cities[SOLO].ledger.prefix)
    lost.kill()
    before = {code: one.good().total() for code, one in cities.items()}
    eventually(lambda: all(one.good().total() > before[code] + PEOPLE for code, one in cities.items()))
    for one in cities.values():
        one.over.set()
    for thread in threads:
        thread.join()

    for code, one in cities.items():
        assert one.fault is None, one.fault
        assert reconcile(one.ledger, STATIONS) == []
        twice = {card for card, times in one.good().items() if times > 1}
        named = {found.where for found in reconcile(one.ledger, STATIONS, logs=one.logs)}
        assert twice <= named, "what came out twice is found"
        if CITIES[code] == CITIES[SOLO]:
            assert one.outages[0].startswith("seats wait for the ledger")
            assert one.outages[-1] == "the ledger is back"
        else:
            assert one.outages == []
            assert named == set()
    lost.start()
    eventually(cluster.is_whole)


def test_what_a_failover_loses_is_found_by_the_print_logs(cluster: Cluster, tmp_path: Path) -> None:
    """A replica that had not heard the last changes takes over: reconcile names their cards, and they are entered."""
    one = city(cluster, "3374", tmp_path)
    one.print_some()
    known = set(one.good())
    one.enrol()
    master = cluster.master_of(one.ledger.prefix)
    with redis.Redis.from_url(master.url) as client:
        client.wait(1, 0)
    with cluster.deaf_replica(master):
        one.print_all()
        late = set(one.good()) - known
        assert reconcile(one.ledger, STATIONS, logs=one.logs) == []
        master.kill()
        eventually(lambda: cluster.master_of(one.ledger.prefix) is not master)

    def counts() -> int:
        return one.ledger.counts()[Status.CARD_PRINTED]

    assert eventually(counts) == len(known)
    assert reconcile(one.ledger, STATIONS) == []
    assert late <= {found.where for found in reconcile(one.ledger, STATIONS, logs=one.logs)}
    assert settle_by_logs(one.ledger, STATIONS, one.logs).printed == len(late) == PEOPLE
    assert reconcile(one.ledger, STATIONS, logs=one.logs) == []
