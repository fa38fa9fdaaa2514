"""The simulated centre and printers: their times, verdicts and spoiled blanks are drawn from the scenario."""

from __future__ import annotations

import os
import signal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from lembur.domain import world
from lembur.domain.scenario import Fate, Mishap
from lembur.domain.seats import CENTRE
from lembur.service import wait_until
from workers.devices.centre import CentreReply, ExpectedVerdict
from workers.devices.centre_faults import delay, deliver
from workers.devices.printer import Print

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

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
        self._ledger = ledger
        self._log = log
        self._seed = setup.seed
        self._script = scenario.centre.script
        self._rate = world.centre_rate(scenario)
        self._verdicts = list(scenario.centre.verdicts)
        self._draws = lru_cache(8)(lambda block: world.answers(scenario, setup.seed, block * BLOCK, BLOCK))

    def plan(self, offer: Offer) -> list[ExpectedVerdict]:
        """Plan one verdict after the other on this line; an outage or a mishap delays them."""
        planned = _plan_in_turn(offer, self._answer)
        mishap = self.find_mishap(offer.position, offer.start_ms, len(planned))
        return delay(mishap, offer.start_ms, planned) if mishap else planned

    def _answer(self, position: int, start_ms: int) -> ExpectedVerdict:
        block, row = divmod(position, BLOCK)
        draws = self._draws(block)
        end_ms = self._rate.end_ms(start_ms, int(draws.work_ms[row]))
        return ExpectedVerdict(end_ms, self._verdicts[draws.verdict_index[row]])

    def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
        """Wait until the last reply has come or is given up."""
        mishap = self.find_mishap(lot.position, lot.start_ms, len(lot.cards))
        if self._script and self._log:
            self._log.write(lot, mishap)
        if not wait_until(self._ledger, virtual_ms=lot.ends_ms[-1], stopping=stopping):
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
        self._ledger = ledger
        self._log = log
        self._station = station
        self._seed = setup.seed
        self._script = [row for row in scenario.printing.script if row.strikes(station)]
        self._rate = world.print_rate(scenario)
        self._reasons = list(scenario.printing.spoil_reasons)
        self._draws = lru_cache(8)(lambda block: world.prints(scenario, setup.seed, station, block * BLOCK, BLOCK))

    def plan(self, offer: Offer) -> list[Print]:
        """Plan one card after the other in this seat."""
        return _plan_in_turn(offer, self._print)

    def _print(self, position: int, start_ms: int) -> Print:
        block, row = divmod(position, BLOCK)
        draws = self._draws(block)
        rest_ms = int(draws.extra_ms[row])
        end_ms = self._rate.end_ms(start_ms, int(draws.work_ms[row])) + rest_ms
        return Print(end_ms, self._reasons[draws.reason_index[row]] if draws.spoiled[row] else "", rest_ms)

    def find_fault(self) -> str:
        """Return the reason why the print log cannot be written now, or ''."""
        return self._log.find_fault()

    def print(self, lot: Lot, planned: Sequence[Print], stopping: Event) -> Iterator[Sequence[Print]]:
        """Wait until the last card is out and write the lot into the print log, unless a scripted fault prevents it."""
        first, cards = lot.position, len(lot.cards)
        fate = world.fault_of(self._script, self._seed, self._station, first=first, cards=cards) or Fate.OK
        prints = _apply_fault(fate, lot, planned)
        if not wait_until(self._ledger, virtual_ms=prints[-1].end_ms, stopping=stopping) or fate is Fate.FORGET:
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
