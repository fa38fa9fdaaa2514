"""A round: real workers on two hosts, a real server, cards through both stages, faults all the while, a judgement."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from chaos import host as hosts
from chaos.faults import ODDS, Faults, queues
from chaos.machine import Machine
from chaos.person import Person
from chaos.verdict import Judgement, judge
from console.runtime import office as running
from lembur.domain.card import SHELVES, Status
from lembur.domain.errors import LemburError
from lembur.domain.scenario import (
    Arrivals,
    Backlog,
    Centre,
    CentreTrial,
    Counter,
    Fate,
    Mishap,
    Printing,
    Scenario,
    Trial,
    load,
)
from lembur.domain.seats import CENTRE, StationCode
from lembur.office import OfficeSetup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from console.runtime.office import RunningOffice

Said = TypeVar("Said")
TESTS = Path(__file__).parent.parent
SCENARIO = str(Path(__file__).with_name("chaos.toml"))
LEASE_S = 1.0
AWAY_S = 3.0
"""So long the centre refuses everything at first."""
FAR = StationCode("hall-4")
"""Its printers are at the other host; those of `SHARED` at both."""
SHARED = StationCode("hall-3")
WRONG_CLOCKS = {"hall-1": -420, "hall-2": 660}
"""Workers, by their first station, whose clocks are so many seconds off."""


@dataclass(frozen=True, slots=True)
class Round:
    """How many cards in lots of which size, how fast, and what befalls them."""

    name: str = "one card a lot"
    cards: int = 1_000
    lot_cards: int = 1
    speed: float = 300.0
    seed: int = 1
    faults: int = 50
    """So many are done, spread over the cards at random."""
    odds: Mapping[str, float] = field(default_factory=lambda: ODDS)
    mutation: str = ""
    limit_s: float = 600.0
    appendfsync: str = "always"
    fates: int = 3
    """So many lots, on average, meet each fate of the printers' and each mishap of the centre's script."""

    @property
    def stop_s(self) -> float:
        """Longer than any lease: a card takes some 75 s of the office's time."""
        return 4 * LEASE_S + 1.5 * 75 * self.lot_cards / self.speed

    def scenario(self) -> Scenario:
        """The load: four in five cards wait at the start, the others arrive while it runs."""
        base = load(SCENARIO)
        parts: dict[str, object] = {
            "backlog": Backlog(cards=round(0.8 * self.cards), status=base.backlog.status, recorded_over_days=9),
            "arrivals": self._arrivals(base),
        }
        if self.fates:
            parts |= {"printing": self._printing(base), "centre": self._centre(base)}
        return base.model_copy(update=parts)

    def _arrivals(self, base: Scenario) -> Arrivals:
        arrive_s = (self.cards / 400 + 5) * self.speed
        counter = Counter(stream="replacement", requests_a_day=0.25 * self.cards * 86_340 / arrive_s)
        return Arrivals(until=base.starts + timedelta(seconds=arrive_s), counter=(counter,))

    def _printing(self, base: Scenario) -> Printing:
        script = tuple(Trial(fate=fate, odds=self._odds) for fate in Fate if fate is not Fate.OK)
        return base.printing.model_copy(update={"script": script})

    def _centre(self, base: Scenario) -> Centre:
        away = CentreTrial(
            fate=Mishap.REFUSE, begins=base.starts, ends=base.starts + timedelta(seconds=AWAY_S * self.speed), odds=1
        )
        others = (CentreTrial(fate=mishap, odds=self._odds) for mishap in Mishap if mishap is not Mishap.REFUSE)
        return base.centre.model_copy(update={"script": (away, *others)})

    @property
    def _odds(self) -> float:
        return min(0.05, self.fates * self.lot_cards / self.cards)


def play(this: Round) -> Judgement:
    """Play a round; a mutated one that cannot end is judged at its limit."""
    setup = OfficeSetup(this.scenario(), this.seed, this.lot_cards, this.speed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        host = None if hosts.impossible() else stack.enter_context(hosts.Host())
        here = ("127.0.0.1", host.here) if host else ("127.0.0.1",)
        machine = Machine(folder / "machine", this.appendfsync, here)
        stack.callback(machine.stop)
        machine.start()
        doom = folder / "doom"
        doom.mkdir()
        _prepare(this, doom)
        played = stack.enter_context(
            running.start_office(data=folder / "here", redis_url=machine.url, play=setup, fresh=True, unsafe=True)
        )
        start_far(played, host, machine, folder / "there")
        over = stack.enter_context(running.run_clock(played, jumps=False))
        machine.keep()  # an office that was never opened tells nothing of cards
        began = time.monotonic()
        person = Person(played.ledger, (folder / "here", folder / "there"))
        faults = Faults(
            processes=played.processes,
            machine=machine,
            server=played.ledger.server,
            queues=queues(played.settings.office, setup.all_stations),
            doom=doom,
            stop_s=this.stop_s,
            host=host,
        )
        with harmed(this, faults, this.odds, lambda: done(played)):
            watch(played, over, until_s=began + this.limit_s)
        while time.monotonic() < began + this.limit_s and not insisted(played, lambda: all_settled(played, person)):
            over.clear()
            watch(played, over, until_s=began + this.limit_s)
        found = insisted(played, lambda: judge(setup, person, doom))
        faults.tell(found)
        found.seconds = time.monotonic() - began
        return found


def _prepare(this: Round, doom: Path) -> None:
    os.environ |= {
        "LEMBUR_LEASE_S": str(LEASE_S),
        "DOOM": str(doom),
        "DOOM_STOP_S": str(this.stop_s),
        "MUTATION": this.mutation,
        "PYTHONPATH": str(TESTS),
    }
    running.worker_groups = in_pairs
    running.worker_command = command


def in_pairs(stations: tuple[StationCode, ...]) -> Iterator[tuple[StationCode, ...]]:
    """Group this host's workers: each place but the far one has two of them, so that one sweeps what the other lost."""
    places = (CENTRE, *(station for station in stations if station != FAR))
    for number, place in enumerate(places):
        yield (place, places[(number + 1) % len(places)])


def command(stations: tuple[StationCode, ...], seats: int, node: str = "") -> list[str]:
    """The same worker, doomed; some have a wrong clock."""
    off_s = WRONG_CLOCKS.get(stations[0])
    clock = () if off_s is None else ("chaos.wrong_clock", str(off_s))
    return [sys.executable, "-m", *clock, "chaos.doomed", node or running.node_of(stations), str(seats)]


def start_far(played: RunningOffice, host: hosts.Host | None, machine: Machine, data: Path) -> None:
    """Start the workers of the other host, which has printers of its own."""
    settings = played.settings.model_copy(update={"data": data})
    if host:
        settings = settings.model_copy(update={"redis_url": machine.url_at(host.here)})
    for group in ((FAR,), (FAR, SHARED)):
        seats = sum(played.setup.printers(station) for station in group)
        words = command(group, seats)
        played.processes.start(
            "worker-far-" + "-".join(group),
            host.inside(*words) if host else words,
            environment=running.worker_environment(settings, group),
        )


@contextmanager
def harmed(this: Round, faults: Faults, odds: Mapping[str, float], done: Callable[[], int]) -> Iterator[None]:
    """Faults happen while inside, as cards are done; outside nobody is stopped or cut off, and no order is left."""
    stopping = Event()
    if not faults.host:
        odds = {kind: share for kind, share in odds.items() if kind != "network cut"}
    with ThreadPoolExecutor(1) as pool:
        moments = [share * this.cards for share in spread(this)]
        harm = pool.submit(faults.harm, stopping, seed=this.seed, moments=moments, done=done, odds=odds)
        try:
            yield
        finally:
            stopping.set()
        harm.result()
        for order in faults.doom.iterdir():
            if order.suffix != ".jsonl":
                order.unlink(missing_ok=True)


def spread(this: Round) -> list[float]:
    """After which shares of its cards a round's faults are due."""
    chance = Random(this.seed)
    return sorted(chance.random() for _ in range(this.faults))


def done(played: RunningOffice) -> int:
    """Cards that are printed or on a shelf."""
    counts = played.ledger.counts()
    return sum(counts.get(status, 0) for status in (Status.CARD_PRINTED, *SHELVES))


def all_settled(played: RunningOffice, person: Person) -> bool:
    """Whether no card waits for anybody, after a person settled those that waited for one."""
    return not person.settle() and done(played) == played.ledger.serial()


def watch(played: RunningOffice, over: Event, *, until_s: float) -> None:
    """Tend the processes until the run is over, or the time is."""
    while not over.wait(0.2) and time.monotonic() < until_s:
        played.processes.tend()


def insisted(played: RunningOffice, say: Callable[[], Said]) -> Said:
    """Ask again while the server is being restarted."""
    while True:
        try:
            return say()
        except LemburError:
            played.processes.tend()
            time.sleep(0.2)
