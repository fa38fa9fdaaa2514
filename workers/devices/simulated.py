"""The simulated centre and printers: their times, verdicts and spoiled blanks are drawn from the scenario."""

from __future__ import annotations

import os
import signal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from lembur.domain import world
from lembur.domain.scenario import Fate, Mishap
from lembur.domain.seats import CENTRE
from workers.devices.centre import CentreReply, ExpectedVerdict
from workers.devices.centre_faults import delay, deliver
from workers.devices.printer import Print
from workers.devices.shared_clock import SharedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from lembur.domain.card import Status
    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot, Offer
    from lembur.office import OfficeSetup
    from workers.devices.centre_log import CentreLog
    from workers.devices.job_log import JobLog

Step = TypeVar("Step", ExpectedVerdict, Print)

BLOCK = 256
"""Positions drawn at a time, because a block costs as much as one position."""
SLOW_TIMES = 5
"""A slow job takes this many times as long as planned (assumed)."""
SPOILED, JAMMED = "spoiled by script", "jam"
"""Reasons of blanks that a scripted fault spoils."""


class SimulatedCentre:
    """Answers with the scenario's response times, day profile, slow spells, outages and verdict mix."""

    def __init__(self, ledger: Ledger, setup: OfficeSetup, log: CentreLog | None = None) -> None:
        scenario = setup.scenario
        self._clock = SharedClock(ledger)
        self._log = log
        self._seed = setup.seed
        self._script = scenario.centre.script
        self._rate = world.centre_rate(scenario)
        self._verdicts = list(scenario.centre.verdicts)
        self._scenario = scenario
        self._rows = lru_cache(8)(self._draw)

    def plan(self, offer: Offer) -> list[ExpectedVerdict]:
        """Plan one verdict after the other on this line; an outage or a mishap delays them."""
        planned = _plan_in_turn(offer, self._answer)
        mishap = self.find_mishap(offer.position, offer.start_ms, len(planned))
        return delay(mishap, offer.start_ms, planned) if mishap else planned

    def _answer(self, position: int, start_ms: int) -> ExpectedVerdict:
        block, row = divmod(position, BLOCK)
        work_ms, verdict = self._rows(block)[row]
        return ExpectedVerdict(self._rate.end_ms(start_ms, work_ms), verdict)

    def _draw(self, block: int) -> list[tuple[int, Status]]:
        """Draw the work and the verdict of each position of a block."""
        drawn = world.answers(self._scenario, self._seed, block * BLOCK, BLOCK)
        verdicts = [self._verdicts[index] for index in drawn.verdict_index.tolist()]
        return list(zip(drawn.work_ms.tolist(), verdicts, strict=True))

    def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
        """Wait until the last reply has come or is given up."""
        mishap = self.find_mishap(lot.position, lot.start_ms, len(lot.cards))
        if self._script and self._log:
            self._log.write(lot, mishap)
        if not _wait_for(self._clock, lot, end_ms=lot.ends_ms[-1], stopping=stopping):
            return None
        replies = [CentreReply(card, one.verdict) for card, one in zip(lot.cards, planned, strict=True)]
        return deliver(mishap, lot, replies) if mishap else replies

    def find_mishap(self, first: int, start_ms: int, cards: int) -> Mishap | None:
        """Return the mishap that the script gives a lot, by its first position and its start."""
        rows = [row for row in self._script if row.holds(start_ms)]
        return world.fault_of(rows, self._seed, CENTRE, first=first, cards=cards)


class SimulatedPrinter:
    """Prints with the scenario's print times, pace, spoilage, rests and ribbon changes, and writes the print log."""

    def __init__(self, ledger: Ledger, setup: OfficeSetup, station: StationCode, log: JobLog) -> None:
        scenario = setup.scenario
        self._clock = SharedClock(ledger)
        self._log = log
        self._station = station
        self._seed = setup.seed
        self._script = [row for row in scenario.printing.script if row.strikes(station)]
        self._rate = world.print_rate(scenario)
        self._reasons = [*scenario.printing.spoil_reasons, ""]  # The index of a good card is -1.
        self._scenario = scenario
        self._rows = lru_cache(8)(self._draw)

    def plan(self, offer: Offer) -> list[Print]:
        """Plan one card after the other in this seat."""
        return _plan_in_turn(offer, self._print)

    def _print(self, position: int, start_ms: int) -> Print:
        block, row = divmod(position, BLOCK)
        work_ms, rest_ms, reason = self._rows(block)[row]
        return Print(self._rate.end_ms(start_ms, work_ms) + rest_ms, reason, rest_ms)

    def _draw(self, block: int) -> list[tuple[int, int, str]]:
        """Draw the work, the rest, and the reason of a spoiled blank ('' for a good card) of a block's positions."""
        drawn = world.prints(self._scenario, self._seed, self._station, block * BLOCK, BLOCK)
        reasons = [self._reasons[index] for index in drawn.reason_index.tolist()]
        return list(zip(drawn.work_ms.tolist(), drawn.extra_ms.tolist(), reasons, strict=True))

    def find_fault(self) -> str:
        """Return the reason why the print log cannot be written now, or ''."""
        return self._log.find_fault()

    def print(self, lot: Lot, planned: Sequence[Print], stopping: Event) -> Iterator[Sequence[Print]]:
        """Wait until the last card is out and write the lot into the print log, unless a scripted fault prevents it."""
        first, cards = lot.position, len(lot.cards)
        fate = world.fault_of(self._script, self._seed, self._station, first=first, cards=cards) or Fate.OK
        prints = _apply_fault(fate, lot, planned)
        if not _wait_for(self._clock, lot, end_ms=prints[-1].end_ms, stopping=stopping) or fate is Fate.FORGET:
            return
        if fate is Fate.DIE_BEFORE_PRINTING:
            os.kill(os.getpid(), signal.SIGKILL)
        if not self._log.write(lot, prints, confirmed=fate is not Fate.JAM) or fate is Fate.JAM:
            return
        if fate is Fate.DIE_AFTER_PRINTING:
            os.kill(os.getpid(), signal.SIGKILL)
        yield prints
        if fate is Fate.ANSWER_TWICE:
            yield prints

    def is_at_work(self, lot: Lot) -> bool:
        """Return False, because a simulated print ends with its process."""
        del lot
        return False

    def call_off(self, lot: Lot) -> list[Print] | None:
        """Return the prints of this lot by the log. A lot that the log does not know is called off."""
        return self._log.call_off(lot)


def _apply_fault(fate: Fate, lot: Lot, planned: Sequence[Print]) -> Sequence[Print]:
    """Return the prints of a lot under a scripted fault, from the first card on."""
    if fate is Fate.SLOW:
        return [
            Print(lot.start_ms + SLOW_TIMES * (one.end_ms - lot.start_ms), one.reason, one.rest_ms) for one in planned
        ]
    if fate is Fate.SPOIL:
        return [Print(one.end_ms, SPOILED, one.rest_ms) for one in planned]
    if fate is Fate.JAM:
        return [Print(planned[0].end_ms, JAMMED)]
    return planned


def _wait_for(clock: SharedClock, lot: Lot, *, end_ms: int, stopping: Event) -> bool:
    """Wait for the end of a lot, without a look at the clock if its planned end is over; False when stopped before."""
    if lot.is_over and end_ms <= lot.ends_ms[-1]:
        return not stopping.is_set()
    return clock.wait_until(end_ms, stopping)


def _plan_in_turn(offer: Offer, take: Callable[[int, int], Step]) -> list[Step]:
    """Plan the offered cards one after the other in one seat; no card starts after the offer's stretch."""
    planned: list[Step] = []
    start_ms = offer.start_ms
    for position in range(offer.position, offer.position + len(offer.cards)):
        if start_ms >= offer.until_ms:
            break
        planned.append(take(position, start_ms))
        start_ms = planned[-1].end_ms
    return planned
