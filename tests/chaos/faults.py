"""The faults of a run: which comes next is drawn from a seed; how it meets the processes is up to the machine."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from threading import Timer
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from chaos.doomed import BLIND, LOG, POINTS
from lembur import bus
from lembur.domain.errors import LemburError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from threading import Event

    from chaos.host import Host
    from chaos.machine import Machine
    from chaos.verdict import Judgement
    from console.runtime.supervisor import Processes
    from lembur.domain.seats import StationCode

ODDS: dict[str, float] = {
    "worker killed": 3,
    "worker stopped": 2,
    "server killed": 1,
    "power cut": 1,
    "message dropped": 6,
    "message doubled": 6,
    "network cut": 1,
    BLIND: 2,
    **{f"kill {point}": 6 / len(POINTS) for point in POINTS},
    **{f"stop {point}": 3 / len(POINTS) for point in POINTS},
}
"""How often each kind is drawn, beside the others."""
TRIES = 200
LOOK_S = 0.05


@dataclass(slots=True)
class Faults:
    """Does harm to the processes of an office, one fault after the other."""

    processes: Processes
    machine: Machine
    server: Any
    queues: tuple[str, ...]
    doom: Path
    stop_s: float
    host: Host | None
    counts: Counter[str] = field(default_factory=Counter)
    _stopped: set[int] = field(default_factory=set)

    def harm(
        self,
        stopping: Event,
        *,
        seed: int,
        moments: Sequence[float],
        done: Callable[[], int],
        odds: Mapping[str, float],
    ) -> None:
        """Do a fault whenever so many cards are done; when told to stop, nobody is left stopped or cut off."""
        chance = Random(seed)
        for moment in moments:
            kind = chance.choices(list(odds), list(odds.values()))[0]
            # A chance of its own: how much one fault draws changes none that follow.
            own = Random(chance.random())
            if not self._reached(moment, done, stopping):
                break
            with suppress(LemburError, RedisError, ProcessLookupError, IndexError):
                self.counts[kind] += self.do(kind, own)
        for pid in list(self._stopped):
            self._continue(pid)
        if self.host and self.host.cut_off:
            self.host.heal()

    def do(self, kind: str, chance: Random) -> bool:
        """Do one fault; True when it was done now, and not only ordered."""
        doing: dict[str, Callable[[Random], bool]] = {
            "worker killed": self._kill,
            "worker stopped": self._stop,
            "server killed": self._kill_server,
            "power cut": self._cut_power,
            "message dropped": lambda chance: self._meddle(chance, self._drop),
            "message doubled": lambda chance: self._meddle(chance, self._double),
            "network cut": self._cut_network,
        }
        if kind in doing:
            return doing[kind](chance)
        (self.doom / kind).touch()
        return False

    def tell(self, found: Judgement) -> None:
        """Add to a judgement what was done: from outside, and what workers met at named points."""
        rows = notes(self.doom)
        found.faults = self.counts + Counter(row["fault"] for row in rows if "fault" in row)
        found.points = Counter(row["point"] for row in rows if "point" in row)
        found.lost_bytes = self.machine.lost_bytes

    def _reached(self, moment: float, done: Callable[[], int], stopping: Event) -> bool:
        while not stopping.wait(LOOK_S):
            with suppress(LemburError, RedisError):  # the server is being restarted
                if done() >= moment:
                    return True
        return False

    def _workers(self) -> list[int]:
        children = self.processes.children
        return [child.process.pid for child in children if child.process and child.name.startswith("worker-")]

    def _kill(self, chance: Random) -> bool:
        os.kill(chance.choice(self._workers()), signal.SIGKILL)
        return True

    def _stop(self, chance: Random) -> bool:
        pid = chance.choice(self._workers())
        os.kill(pid, signal.SIGSTOP)
        self._stopped.add(pid)
        self._later(self.stop_s * chance.uniform(0.75, 1.5), lambda: self._continue(pid))
        return True

    def _continue(self, pid: int) -> None:
        with suppress(ProcessLookupError, KeyError):
            self._stopped.remove(pid)
            os.kill(pid, signal.SIGCONT)

    def _kill_server(self, _: Random) -> bool:
        self.machine.kill()
        return True

    def _cut_power(self, chance: Random) -> bool:
        self.machine.cut_power(chance)
        return True

    def _cut_network(self, chance: Random) -> bool:
        host = self.host
        if host is None or host.cut_off:
            return False
        host.cut()
        self._later(chance.choice((1, 3, 9)) * chance.uniform(0.5, 1.5), host.heal)
        return True

    def _meddle(self, chance: Random, with_one_in: Callable[[str], bool]) -> bool:
        return any(with_one_in(chance.choice(self.queues)) for _ in range(TRIES))

    def _drop(self, queue: str) -> bool:
        return self.server.rpop(queue) is not None

    def _double(self, queue: str) -> bool:
        found = self.server.lrange(queue, -1, -1)
        return bool(found) and bool(self.server.rpush(queue, found[0]))

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        timer = Timer(seconds, do)
        timer.daemon = True
        timer.start()


def queues(office: str, places: tuple[StationCode, ...]) -> tuple[str, ...]:
    """The broker's lists of an office's wake-ups."""
    return tuple(f"bus:{{{office}}}:{bus.queue_of(place)}" for place in places)


def notes(doom: Path) -> list[dict[str, str]]:
    """What workers wrote down."""
    path = doom / LOG
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
