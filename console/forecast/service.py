"""The forecast service: a new forecast on every change, and at least every half hour of the office."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from functools import cache
from threading import Event
from typing import TYPE_CHECKING, Final

from console import context
from console.forecast.live import forecast_now, score_forecasts
from console.forecast.text import forecast_line
from console.ui import times_of
from lembur.domain import world
from lembur.domain.observation import count_covered
from lembur.domain.seats import ALL
from lembur.ledger import queries
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.circuit import read_circuit
from lembur.office import SetupReader
from lembur.retry import Outage, repeat
from lembur.service import start_heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.observation import Forecast
    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from lembur.settings import Settings

EVERY_MS: Final = 1_800_000
"""Greatest age of a forecast, in the office's time."""
ARRIVED: Final = 0.05
"""Arrivals above this share of the queue count as a change."""
LOOK_S: Final = 1.0
NODE: Final = "forecast"
"""The service's name among the workers, so that `lembur doctor` sees it."""
SHARE: Final = 0.25
"""Largest share of one processor, because at high speed half an hour of the office passes in a moment."""
SCORE_S: Final = 60.0
"""Real seconds between two scorings of earlier forecasts."""
POLITE: Final = 10
"""Niceness of the process, because printing is more urgent on a busy machine."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of another course: changes of the office, orders, stock that moved, the centre, printers, arrivals."""

    changes: int
    orders: int
    stock: tuple[int, ...]
    centre: str
    broken: tuple[int, ...]
    enrolled: int
    now_ms: int

    def call_for_another(self, then: Signs, waiting: float) -> bool:
        """Decide whether these signs call for another forecast after one that was made at `then`."""
        changed = replace(self, enrolled=0, now_ms=0) != replace(then, enrolled=0, now_ms=0)
        more = self.enrolled - then.enrolled > max(1.0, ARRIVED * waiting)
        return changed or more or self.now_ms - then.now_ms >= EVERY_MS


def read_signs(ledger: Ledger, setup: OfficeSetup) -> Signs:
    """Read the signs by a few short questions, however long the queue is."""
    board = queries.read_board(ledger, setup.stations)
    stock = tuple(n for s in board.stations for n in (s.stock.received, s.stock.moved, s.stock.destroyed))
    broken = tuple(_count_broken(setup, station, board.now_ms) for station in setup.stations)
    orders, state = len(ledger.orders()), read_circuit(ledger).state
    return Signs(setup.changes, orders, stock, state, broken, ledger.serial(), board.now_ms)


def _count_broken(setup: OfficeSetup, station: StationCode, now_ms: int) -> int:
    repairs = world.repairs(setup.scenario, setup.seed, station, until_ms=now_ms + 1)
    return sum(repair.start_ms <= now_ms < repair.end_ms for repair in repairs)


@dataclass(slots=True)
class Forecaster:
    """Makes and saves the forecasts of one office. `write_line` gets each as a line; `clock` is in seconds."""

    ledger: Ledger
    setups: SetupReader
    write_line: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    last: tuple[Signs, Forecast] | None = None
    rest_until_s: float = 0.0
    score_at_s: float = 0.0
    coverage: float | None = None

    def look(self) -> None:
        """Make a forecast if it is time for one."""
        if self.clock() < self.rest_until_s:
            return
        setup = self.setups.read()
        signs = read_signs(self.ledger, setup)
        if signs.now_ms < setup.starts_ms:
            return  # the office's time has not begun
        if self.last and not signs.call_for_another(self.last[0], self.last[1].stations[ALL].backlog[0][1]):
            return
        began_s = self.clock()
        self._score(setup)
        made = replace(forecast_now(self.ledger, setup), coverage=self.coverage)
        forecasts.append(self.ledger, made)
        self.write_line(forecast_line(made, times_of(setup.scenario)))
        self.last = (signs, made)
        took_s = self.clock() - began_s
        self.rest_until_s = began_s + took_s / SHARE

    def _score(self, setup: OfficeSetup) -> None:
        if self.clock() >= self.score_at_s:
            found = score_forecasts(self.ledger, setup)
            forecasts.save_scores(self.ledger, found)
            self.coverage = count_covered(found).share
            self.score_at_s = self.clock() + SCORE_S


def keep_forecasting(settings: Settings, write_line: Callable[[str], None]) -> None:
    """Forecast until the process ends. While the ledger is away or not open, wait for it, and report that once."""
    os.nice(POLITE)
    start_heartbeat(settings, NODE)

    @cache
    def forecaster() -> Forecaster:
        ledger = context.open_ledger(settings)
        return Forecaster(ledger, SetupReader(ledger), write_line)

    outage = Outage("the forecast waits", write_line)
    repeat(lambda: forecaster().look(), every_s=LOOK_S, outage=outage, stopping=Event())
