"""The problem put to the planner: the queues as they stand, what may come, and by when they are to be clear."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from lembur.domain.errors import LemburError
from lembur.domain.rate import STEADY, Rate
from lembur.domain.time import NEVER_MS
from planner.simulation.replay import ENOUGH, Integers, Steps, integers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lembur.domain.calendar import Calendar as WorkingTime
    from lembur.domain.seats import SeatOrder, StationCode

MOST_BYTES: Final = 4_000_000_000
"""A problem may take so much memory, on a machine that also runs the workers."""
PRINT_BYTES: Final = 5
"""A print of a world is four bytes, and what it needs besides is less than one."""
FOLLOWED_BYTES: Final = 3_200
"""A card takes so many while two blocks of fifty worlds are followed print by print: start, end, whose, and done."""
STEP_H: Final = 0.5
"""Overtime is ordered by the half hour."""


class ProblemError(LemburError):
    """A problem that has no answer; the message says what to ask instead."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards in order of time: from when each can be printed, when it is due, and its class."""

    ready_ms: Integers
    due_ms: Integers
    priority: Integers

    @staticmethod
    def alike(count: int, *, ready_ms: int, due_ms: int = NEVER_MS, priority: int = 0) -> Cards:
        """So many cards that differ in nothing."""
        return Cards(*(np.full(count, value, dtype=np.int64) for value in (ready_ms, due_ms, priority)))

    def __len__(self) -> int:
        """Count the cards."""
        return len(self.ready_ms)

    def columns(self) -> tuple[Integers, Integers, Integers]:
        """Tell what is known of them, column by column."""
        return self.ready_ms, self.due_ms, self.priority


@dataclass(frozen=True, slots=True)
class PrintTiming:
    """A print at the desk: its time, the pace over the hours, rest and ribbon by position, breakdown and repair.

    The time is known but for an `uncertainty` (a standard deviation, as a share of it) alike in a world.
    """

    median_s: float
    p90_s: float
    pace: Rate = STEADY
    rest_every_cards: int = 0
    rest_s: int = 0
    ribbon_cards: int = 500
    ribbon_change_s: int = 0
    breakdown_every_h: float = 0.0
    repair_h: float = 0.0
    uncertainty: float = 0.0

    def extra_ms(self, first: int, count: int) -> Integers:
        """Tell the rest and ribbon change that belong to the prints `first` to `first + count`."""
        after = np.arange(first + 1, first + count + 1)
        extra = 1000 * self.ribbon_change_s * (after % self.ribbon_cards == 0)
        if self.rest_every_cards:
            extra = extra + 1000 * self.rest_s * (after % self.rest_every_cards == 0)
        return np.asarray(extra, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class StationInput:
    """A station as the problem finds it: printers, regular seats, waiting cards, stock, prints under way.

    `in_hand_ms` tells when the busy seats are free, `printing` when each card in them is done; `broken` printers are
    under repair. With `printer_each` every seat brings a printer, so that there is no limit but people.
    """

    code: StationCode
    printers: int
    seats: int
    waiting: Cards
    spoil_rate: float = 0.0
    blanks: Steps = ENOUGH
    ribbon: Steps = ENOUGH
    in_hand_ms: Integers = field(default_factory=lambda: integers(()))
    printing: Cards = field(default_factory=lambda: Cards.alike(0, ready_ms=0))
    printed: int = 0
    broken: int = 0
    printer_each: bool = False

    @property
    def stock(self) -> Steps:
        """For how many prints both blanks and ribbon suffice, from each moment on."""
        moments = sorted({*self.blanks.at_ms.tolist(), *self.ribbon.at_ms.tolist()})
        return Steps.of((at, min(self.blanks.at(at), self.ribbon.at(at))) for at in moments)


@dataclass(frozen=True, slots=True)
class ArrivingCards:
    """Cards that come in some worlds, in any order: in which world, to which station, and what they are.

    `number` is that of a card the ledger knows, which comes in all worlds, and 0 for one that nobody knows yet.
    """

    world: Integers
    station: Integers
    cards: Cards
    number: Integers

    def of(self, station: int) -> ArrivingCards:
        """Keep those of one station."""
        here = self.station == station
        cards = Cards(*(column[here] for column in self.cards.columns()))
        return ArrivingCards(self.world[here], self.station[here], cards, self.number[here])


class ArrivalSource(Protocol):
    """Whoever draws the cards that come after the problem is put; a draw depends on its random numbers only."""

    def draw(self, chance: np.random.Generator, *, worlds: int, until_ms: int) -> ArrivingCards:
        """Draw the cards that become ready to print before `until_ms` in so many worlds."""
        ...

    def expected(self, until_ms: int) -> NDArray[np.float64]:
        """Tell how many are expected for each station until then: the share of seats goes by it."""
        ...

    def without_centre(self) -> ArrivalSource:
        """The same people if the centre answered them at once."""
        ...


@dataclass(frozen=True, slots=True)
class NoArrivals:
    """Nothing more comes."""

    stations: int = 1

    def draw(self, chance: np.random.Generator, *, worlds: int, until_ms: int) -> ArrivingCards:  # noqa: ARG002
        """Draw nothing."""
        return ArrivingCards(integers(()), integers(()), Cards.alike(0, ready_ms=0), integers(()))

    def expected(self, until_ms: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Expect nothing."""
        return np.zeros(self.stations)

    def without_centre(self) -> NoArrivals:
        """NoArrivals is nobody."""
        return self


def too_many(waiting: int, worlds: int) -> list[str]:
    """Tell the memory that so many cards need in so many worlds, when that is too much."""
    card_bytes = worlds * PRINT_BYTES + FOLLOWED_BYTES
    if waiting * card_bytes <= MOST_BYTES:
        return []
    needed, allowed = f"{waiting * card_bytes / 1e9:.0f} GB", f"{MOST_BYTES / 1e9:.0f} GB"
    what = f"{waiting:,} waiting cards in {worlds:,} worlds need {needed} of memory, more than the {allowed} allowed"
    return [f"{what}: plan for {MOST_BYTES // card_bytes:,} of them at most"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: when it is clear, and what is the cheapest roster that clears it by the deadline.

    Clear means: every card that is ready before `cutoff_ms` is printed by `deadline_ms`; later ones step behind. Seats
    that are `ordered` already are open whatever is planned.
    """

    now_ms: int
    deadline_ms: int
    cutoff_ms: int
    working: WorkingTime
    timing: PrintTiming
    stations: tuple[StationInput, ...]
    arrivals: ArrivalSource
    max_seats: int
    max_hours: float
    confidence: float = 0.95
    worlds: int = 1000
    seed: int = 1
    ordered: tuple[SeatOrder, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, all of it at once."""
        if faults := list(self._faults()):
            raise ProblemError("; ".join(faults))

    def _faults(self) -> list[str]:
        found = []
        if not 0.0 < self.confidence < 1.0:
            found.append(f"the confidence is {self.confidence:g}, but must lie between 0 and 1, such as 0.95")
        if self.deadline_ms <= self.now_ms:
            found.append("the deadline has passed: name one in the future")
        if self.worlds < 1:
            found.append(f"{self.worlds} worlds cannot tell a chance: draw at least one")
        if self.max_hours < 0 or self.max_hours > 24:  # noqa: PLR2004  (a day has no more)
            found.append(f"overtime of {self.max_hours:g} hours a day is impossible: use 0 to 24")
        if self.max_seats < 0:
            found.append(f"{self.max_seats} seats are impossible: allow none or more")
        found += too_many(sum(len(station.waiting) for station in self.stations), self.worlds)
        found += [
            f"{station.code} spoils every card, so none is ever good: correct its spoil rate"
            for station in self.stations
            if station.spoil_rate >= 1.0
        ]
        return found
