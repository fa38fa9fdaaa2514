"""Plays a demonstration: keeps its clock, enrols its backlog and arrivals, fires timers, and jumps over idle hours."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from threading import Event
from typing import TYPE_CHECKING

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.errors import ClockKeptError, LedgerError
from lembur.domain.time import NEVER_MS
from lembur.ledger.clock import KEEP_MS
from lembur.retry import Outage, repeat
from producers.enrolling import enrolment
from producers.identities import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lembur.domain.world import Arrival
    from lembur.ledger import Ledger
    from lembur.ledger.types import Enrolment, Wakes
    from lembur.office import OfficeSetup

LOT = 500
BEAT_S = 0.05
AHEAD_S = 1.0
"""Real time by which arrivals are enrolled early, so that no printer waits for the feed."""
QUIET_S = 1.5
"""Quiet time after which a scenario is over. It is longer than a message takes."""
SWEPT_S = 6.0
"""The same while cards wait: a dead worker may have lost a wake-up, and the sweep needs time to find it."""
JUMP_S = 0.5
"""Idle stretches longer than this in real seconds are jumped over."""
AGAIN_S = 0.25

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Feed:
    """Brings the people of a demonstration and keeps its clock; `key` makes the fingerprints of NIKs."""

    ledger: Ledger
    setup: OfficeSetup
    key: bytes
    wake: Callable[[Wakes], None]
    jumps: bool = True
    over: Event = field(default_factory=Event)
    keeper: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")

    def enrol_all(self, coming: Iterable[Arrival], *, progress: Callable[[int], None] | None = None) -> None:
        """Enrol arrivals in lots; those that are known already change nothing."""
        rows = iter(coming)
        calendar = Calendar.of(self.setup.scenario)
        while lot := list(islice(rows, LOT)):
            _, wakes = self.ledger.enrol([self._enrolment(arrival, calendar) for arrival in lot])
            self.wake(wakes)
            if progress:
                progress(len(lot))

    def prepare(self, *, progress: Callable[[int], None] | None = None) -> None:
        """Enrol the backlog before time begins. A second call changes nothing."""
        if self.ledger.fed_ms() == 0:
            self.enrol_all(world.opening_backlog(self.setup.scenario, self.setup.seed), progress=progress)

    def begin(self, *, patience_s: float = 2 * KEEP_MS / 1000) -> None:
        """Start the clock at the scenario's start, or where it stands; ClockKeptError while another feed keeps it.

        A feed that was killed keeps the clock for a moment, so this one tries again until its patience ends.
        """
        deadline_s = time.monotonic() + patience_s
        starts_ms = self.setup.starts_ms if self.ledger.fed_ms() == 0 else None
        while True:
            try:
                self.ledger.set_clock(
                    virtual_ms=starts_ms, speed=self.setup.speed, ends_ms=self.setup.ends_ms, keeper=self.keeper
                )
            except ClockKeptError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(AGAIN_S)
            else:
                return

    def play(self, stopping: Event) -> None:
        """Bring the arrivals as their time comes, until `stopping`; at full speed all of them at once.

        After an outage the feed goes on from the last mark in the ledger. A person enrolled before
        changes nothing.
        """
        outage = Outage("the feed waits", log.warning)
        try:
            repeat(partial(self._play, stopping, outage), every_s=AGAIN_S, outage=outage, stopping=stopping)
        finally:
            with suppress(LedgerError):  # without the ledger the clock stands anyway, a moment later
                self.ledger.stop_clock(keeper=self.keeper)

    def _play(self, stopping: Event, outage: Outage) -> None:
        play, speed, quiet = self.setup, self.setup.speed, 0
        coming = deque(
            world.arrivals_between(play.scenario, play.seed, after_ms=self.ledger.fed_ms(), before_ms=play.ends_ms)
        )
        while not stopping.is_set():
            now_ms, _ = self.ledger.time()
            upto_ms = now_ms + round(AHEAD_S * 1000 * speed) if speed else NEVER_MS
            self.enrol_all(_until(coming, upto_ms))
            pulse = self.ledger.advance(
                play.all_stations,
                fed_ms=upto_ms if coming else NEVER_MS,
                coming_ms=coming[0].recorded_ms if coming else NEVER_MS,
                jump_ms=round(JUMP_S * 1000 * speed) if self.jumps else 0,
                keeper=self.keeper,
            )
            self.wake(pulse.wakes)
            outage.end()
            quiet = quiet + 1 if not pulse.busy and pulse.next_ms >= play.ends_ms else 0
            if quiet * BEAT_S > (SWEPT_S if pulse.waiting else QUIET_S):
                self.over.set()
            stopping.wait(BEAT_S)

    def _enrolment(self, arrival: Arrival, calendar: Calendar) -> Enrolment:
        return enrolment(
            identity(self.setup.scenario.region, self.setup.seed, arrival.number),
            number=arrival.number,
            key=self.key,
            kelurahan_code=arrival.kelurahan_code,
            stream=arrival.stream,
            priority=arrival.priority,
            recorded_ms=arrival.recorded_ms,
            setup=self.setup,
            calendar=calendar,
        )


def _until(coming: deque[Arrival], upto_ms: int) -> Iterator[Arrival]:
    while coming and coming[0].recorded_ms <= upto_ms:
        yield coming.popleft()
