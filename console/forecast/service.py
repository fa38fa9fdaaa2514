"""Keeps forecasts coming: on every change, and at least every half hour of the office. It waits for a server."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING

from console import context
from console.forecast.text import forecast_now, line, scores_now
from lembur.domain import world
from lembur.domain.errors import LedgerError
from lembur.ledger import queries
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.circuit import read_circuit
from lembur.office import read_setup
from planner.outcomes.calibration import coverage

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.observation import Forecast
    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from lembur.settings import Settings

EVERY_MS = 1_800_000
"""A forecast is never older than half an hour of the office."""
ARRIVED = 0.05
"""So much more in the queue is a change."""
LOOK_S = 1.0
NODE = "forecast"
"""It signs in among the workers, so that `lembur doctor` tells whether it is there."""
SHARE = 0.25
"""Forecasts take so much of a processor at most: an office played quickly has its half hour in a moment."""
SCORE_S = 60.0
"""What became of the forecasts is looked up so often at most, in real time."""
POLITE = 10
"""Printers go first where the processor is short."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells that the course has changed: orders, stock that moved, the centre, repairs; and who came."""

    orders: int
    stock: tuple[int, ...]
    centre: str
    broken: tuple[int, ...]
    enrolled: int
    now_ms: int

    def call_for_another(self, then: Signs, waiting: float) -> bool:
        """Tell whether a forecast made at other signs has had its time."""
        changed = replace(self, enrolled=0, now_ms=0) != replace(then, enrolled=0, now_ms=0)
        more = self.enrolled - then.enrolled > max(1.0, ARRIVED * waiting)
        return changed or more or self.now_ms - then.now_ms >= EVERY_MS


def signs(ledger: Ledger, play: OfficeSetup) -> Signs:
    """Look for signs: a few short problems, whatever the queue."""
    board = queries.read_board(ledger, play.stations)
    stock = tuple(n for s in board.stations for n in (s.stock.received, s.stock.moved, s.stock.destroyed))
    broken = tuple(_broken(play, station, board.now_ms) for station in play.stations)
    return Signs(len(ledger.orders()), stock, read_circuit(ledger).state, broken, ledger.serial(), board.now_ms)


def _broken(play: OfficeSetup, station: StationCode, now_ms: int) -> int:
    repairs = world.repairs(play.scenario, play.seed, station, until_ms=now_ms + 1)
    return sum(repair.start_ms <= now_ms < repair.end_ms for repair in repairs)


@dataclass(slots=True)
class Lookout:
    """Makes and keeps forecasts of one office; `say` tells each in a line."""

    ledger: Ledger
    play: OfficeSetup
    say: Callable[[str], None]
    last: tuple[Signs, Forecast] | None = None
    rest_until_s: float = 0.0
    scored_s: float = -SCORE_S
    coverage: float | None = None

    def look(self) -> None:
        """Make a forecast if it is time for one."""
        if time.monotonic() < self.rest_until_s:
            return
        seen = signs(self.ledger, self.play)
        if seen.now_ms < self.play.starts_ms:
            return  # the office's time has not begun
        if self.last and not seen.call_for_another(self.last[0], self.last[1].stations["all"].backlog[0][1]):
            return
        began = time.monotonic()
        self._score()
        made = replace(forecast_now(self.ledger, self.play), coverage=self.coverage)
        forecasts.append(self.ledger, made)
        self.say(line(made))
        self.last = (seen, made)
        self.rest_until_s = time.monotonic() + (time.monotonic() - began) * (1 - SHARE) / SHARE

    def _score(self) -> None:
        if time.monotonic() - self.scored_s >= SCORE_S:
            self.coverage = coverage(scores_now(self.ledger, self.play))
            self.scored_s = time.monotonic()


def keep_forecasting(settings: Settings, say: Callable[[str], None]) -> None:
    """Look until stopped; a ledger that is away, or not open yet, is waited for, and that is said once."""
    os.nice(POLITE)
    Thread(target=_sign_in, args=(settings,), name="sign-in", daemon=True).start()
    lookout: Lookout | None = None
    away = ""
    while True:
        try:
            if lookout is None:
                ledger = context.open_ledger(settings)
                lookout = Lookout(ledger, read_setup(ledger), say)
            lookout.look()
        except LedgerError as fault:
            if not away:
                say(f"waiting: {fault}")
            away = str(fault)
        else:
            if away:
                say("the ledger is there")
            away = ""
        time.sleep(LOOK_S)


def _sign_in(settings: Settings) -> None:
    """Sign in among the workers every second, also while a forecast takes longer."""
    while True:
        with suppress(LedgerError):  # who makes the forecasts tells that the ledger is away
            ledger = context.open_ledger(settings)
            while True:
                ledger.send_heartbeat(NODE)
                time.sleep(LOOK_S)
        time.sleep(LOOK_S)
