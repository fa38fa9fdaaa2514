"""One reader of the ledger for all open pages: it waits for events, reads the office once, and wakes the pages."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import LedgerError
from lembur.domain.observation import Forecast
from lembur.domain.time import HOUR_MS
from lembur.ledger import queries
from lembur.ledger.queries.live import DueCount, LedgerEvent, await_events, due_counts, last_event_id
from lembur.ledger.queries.metrics import MetricsSnapshot, read_metrics, seat_plans
from lembur.office import SetupReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lembur.domain.seats import SeatOrder, SeatPlan, StationCode
    from lembur.ledger import Ledger
    from lembur.ledger.queries import Tally
    from lembur.office import OfficeSetup

PACE_S: Final = 0.5
"""Shortest time between two readings."""
QUIET_MS: Final = 2_000
"""Longest time between two readings: the clock goes on without events."""
COUNTS_S: Final = 5.0
"""Time between two readings of the hourly counts, which grow with the days."""
AGES_S: Final = (86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400)
SOON_MS: Final = 24 * HOUR_MS
STALE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The office at one moment, for every page that shows it."""

    number: int
    setup: OfficeSetup
    read_s: float
    metrics: MetricsSnapshot
    orders: list[SeatOrder]
    due: dict[StationCode, DueCount]
    plans: dict[StationCode, list[SeatPlan]]
    counted: Tally
    forecast: Forecast | None
    events: list[LedgerEvent]

    @property
    def stale(self) -> bool:
        """True when the figures are too old to decide by."""
        return time.monotonic() - self.read_s > STALE_S


class LiveReader:
    """Reads the office in one thread; `newest` is the last reading, `follow` yields each new one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._setups = ledger, SetupReader(ledger)
        self._lock = Lock()
        self._newest: Reading | None = None
        self._stopping = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._counted: Tally = {}
        self._plans: tuple[tuple[int, int], dict[StationCode, list[SeatPlan]]] = ((-1, -1), {})
        self._count_again_s = 0.0

    @property
    def setup(self) -> OfficeSetup:
        """The setup of the newest reading, so that a page knows every station that it has figures of."""
        newest = self._newest
        return newest.setup if newest else self._setups.read()

    def start(self) -> None:
        """Begin to read; call it inside the loop that serves the pages."""
        self._loop = asyncio.get_running_loop()
        Thread(target=self._run, name="live", daemon=True).start()

    def stop(self) -> None:
        """Stop reading, and let every page that follows end."""
        self._stopping.set()
        self._changed.set()

    def newest(self) -> Reading:
        """Return the last reading; one that is too old is read anew, so that a broken reader cannot hide."""
        with self._lock:
            if self._newest is None or self._newest.stale:
                self._newest = self._read([])
            return self._newest

    def refresh(self) -> Reading:
        """Read the office now: after an act its person sees the effect."""
        with self._lock:
            self._newest = self._read([])
            return self._newest

    async def follow(self) -> AsyncIterator[Reading | None]:
        """Yield the newest reading, then each that comes; None when nothing new came for some seconds."""
        seen = -1
        while not self._stopping.is_set():
            changed, newest = self._changed, self._newest
            if newest is not None and newest.number != seen:
                seen = newest.number
                yield newest
                continue
            try:
                await asyncio.wait_for(changed.wait(), 2 * QUIET_MS / 1000)
            except TimeoutError:
                yield None

    def _run(self) -> None:
        after = ""
        while not self._stopping.is_set():
            try:
                after = after or last_event_id(self._ledger)
                events = await_events(self._ledger, after, wait_ms=QUIET_MS)
                with self._lock:
                    self._newest = self._read(events)
                after = events[-1].id if events else after
            except LedgerError:
                self._stopping.wait(PACE_S)  # the server is away; pages show how old their figures are
                continue
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._publish)
            self._stopping.wait(PACE_S)

    def _publish(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _read(self, events: list[LedgerEvent]) -> Reading:
        ledger, setup = self._ledger, self._setups.read()
        stations = setup.stations
        metrics = read_metrics(ledger, stations, ages_s=AGES_S, orders_from=0)
        now_s = time.monotonic()
        if now_s >= self._count_again_s:
            self._counted, self._count_again_s = queries.recent_tally(ledger), now_s + COUNTS_S
        if self._plans[0] != (of := (len(metrics.orders), setup.changes)):
            self._plans = (of, seat_plans(ledger, stations))
        return Reading(
            number=self._newest.number + 1 if self._newest else 0,
            setup=setup,
            read_s=now_s,
            metrics=metrics,
            orders=metrics.orders,
            due=due_counts(ledger, stations, now_ms=metrics.now_ms, soon_ms=SOON_MS),
            plans=self._plans[1],
            counted=self._counted,
            forecast=Forecast.from_json(json.loads(metrics.forecast)) if metrics.forecast else None,
            events=events,
        )
