"""The planner's problem: the queues at one moment, the arrivals to expect, and the terms to be met."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from lembur.domain.errors import LemburError, Sentence
from lembur.domain.rate import STEADY, Rate
from lembur.domain.scenario import USUAL_PAY, OvertimePay, preset
from lembur.domain.time import HOUR_MS, NEVER_MS, next_midnight_ms
from planner.arrays import ENOUGH, Flags, Integers, Steps, integers
from planner.problem.doubt import KNOWN, NO_DOUBT, Doubt
from planner.question import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lembur.domain.calendar import Calendar as WorkingTime
    from lembur.domain.overtime import SeatHours
    from lembur.domain.seats import SeatOrder, StationCode

MOST_BYTES: Final = 4_000_000_000
"""Most memory of a problem: the machine also runs the workers."""
PRINT_BYTES: Final = 5
"""Memory of one print in one world: four bytes for its time, and less than one for the rest."""
FOLLOWED_BYTES: Final = 3_200
"""Memory of one card while two blocks of fifty worlds are traced: start, end, card of each print, moment it is done."""
STEP_H: Final = 0.5
"""Step of overtime hours."""
LEAD_MS: Final = HOUR_MS
"""Time from the cut-off to the deadline. A card that becomes ready after the cut-off has no fair chance."""


class ProblemError(LemburError):
    """A problem without an answer. The message names a problem that has one."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards in order of time: the moment from which each can be printed, its due moment and its class."""

    ready_ms: Integers
    due_ms: Integers
    priority: Integers

    @staticmethod
    def alike(count: int, *, ready_ms: int, due_ms: int = NEVER_MS, priority: int = 0) -> Cards:
        """Make `count` equal cards."""
        return Cards(*(np.full(count, value, dtype=np.int64) for value in (ready_ms, due_ms, priority)))

    def __len__(self) -> int:
        """Count the cards."""
        return len(self.ready_ms)

    def columns(self) -> tuple[Integers, Integers, Integers]:
        """Return the columns in the order of the fields."""
        return self.ready_ms, self.due_ms, self.priority


@dataclass(frozen=True, slots=True)
class PrintTiming:
    """Time of a print: distribution, pace over the day, rest and ribbon change by position, breakdown and repair.

    With a `doubt` each world has its own time of a print, of a repair and between breakdowns, equal at all stations.
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
    doubt: Doubt = NO_DOUBT

    def extra_ms(self, first: int, count: int) -> Integers:
        """Return the rest and ribbon change after each of `count` prints, counted from print `first`."""
        after = np.arange(first + 1, first + count + 1)
        extra = 1000 * self.ribbon_change_s * (after % self.ribbon_cards == 0)
        if self.rest_every_cards:
            extra = extra + 1000 * self.rest_s * (after % self.rest_every_cards == 0)
        return np.asarray(extra, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class StationInput:
    """A station at the start: printers, regular seats, waiting cards, stock, prints under way.

    `in_hand_ms` holds the moments at which the busy seats become free, `printing` the cards in them. `broken` printers
    are under repair. `spoil_cases` is the number of prints behind the spoil rate. With `printer_each` every seat brings
    its own printer, so that people are the only limit.
    """

    code: StationCode
    printers: int
    seats: int
    working: WorkingTime
    waiting: Cards
    spoil_rate: float = 0.0
    spoil_cases: float = KNOWN
    blanks: Steps = ENOUGH
    ribbon: Steps = ENOUGH
    in_hand_ms: Integers = field(default_factory=lambda: integers(()))
    printing: Cards = field(default_factory=lambda: Cards.alike(0, ready_ms=0))
    printed: int = 0
    broken: int = 0
    printer_each: bool = False

    @property
    def stock(self) -> Steps:
        """Number of prints that blanks and ribbon both allow, from each moment on."""
        moments = sorted({*self.blanks.at_ms.tolist(), *self.ribbon.at_ms.tolist()})
        return Steps.of((at, min(self.blanks.at(at), self.ribbon.at(at))) for at in moments)


@dataclass(frozen=True, slots=True)
class ArrivingCards:
    """Cards that become ready after the start, in any order: the world, the station and the card.

    `number` is the card's own number in the ledger, 0 for a person not recorded yet.
    """

    world: Integers
    station: Integers
    cards: Cards
    number: Integers

    def of(self, station: int) -> ArrivingCards:
        """Return the cards of one station."""
        return self.take(self.station == station)

    def split(self, stations: int) -> list[ArrivingCards]:
        """Return the cards of each station, in their order here."""
        # Small integers are sorted in one pass.
        order = np.argsort(self.station.astype(np.int16), kind="stable")
        every, ends = self.take(order), np.cumsum(np.bincount(self.station, minlength=stations)).tolist()
        return [every.take(slice(begin, end)) for begin, end in pairwise([0, *ends])]

    def before(self, cutoffs_ms: Sequence[int]) -> ArrivingCards:
        """Return the cards that are ready before the cut-off of their station."""
        return self.take(self.cards.ready_ms < np.array(cutoffs_ms)[self.station])

    def take(self, which: Flags | Integers | slice) -> ArrivingCards:
        """Select cards, or reorder all of them."""
        cards = Cards(*(column[which] for column in self.cards.columns()))
        return ArrivingCards(self.world[which], self.station[which], cards, self.number[which])


class ArrivalSource(Protocol):
    """Source of the cards that become ready after the start. Equal random numbers give equal cards."""

    def draw(self, chance: np.random.Generator, *, worlds: int, until_ms: int) -> ArrivingCards:
        """Draw the cards that become ready to print before `until_ms`, in each world."""
        ...

    def expected_cards(self, until_ms: int) -> NDArray[np.float64]:
        """Return the expected number of cards of each station until then. It decides how seats are shared out."""
        ...

    def without_centre(self) -> ArrivalSource:
        """Return the same people, answered by the centre without delay."""
        ...


@dataclass(frozen=True, slots=True)
class NoArrivals:
    """No arrivals at all."""

    stations: int = 1

    def draw(self, chance: np.random.Generator, *, worlds: int, until_ms: int) -> ArrivingCards:  # noqa: ARG002
        """Return no card."""
        return ArrivingCards(integers(()), integers(()), Cards.alike(0, ready_ms=0), integers(()))

    def expected_cards(self, until_ms: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Return zero for each station."""
        return np.zeros(self.stations)

    def without_centre(self) -> NoArrivals:
        """Return itself: without arrivals there is no delay of the centre to remove."""
        return self


def too_many(waiting: int, worlds: int) -> list[Sentence]:
    """Return the fault when the waiting cards need too much memory in these worlds."""
    card_bytes = worlds * PRINT_BYTES + FOLLOWED_BYTES
    if waiting * card_bytes <= MOST_BYTES:
        return []
    return [
        Sentence(
            "%(cards)s waiting cards in %(worlds)s worlds need %(needed)s GB of memory, more than the "
            "%(allowed)s GB allowed: "
            "plan for %(most)s of them at most",
            cards=waiting,
            worlds=worlds,
            needed=round(waiting * card_bytes / 1e9),
            allowed=round(MOST_BYTES / 1e9),
            most=MOST_BYTES // card_bytes,
        )
    ]


@dataclass(frozen=True, kw_only=True)
class Problem(Terms):
    """An office at one moment, and the terms of its plan. Seats `ordered` already stay open in every roster.

    `worked` has the overtime of each station in this week until now, by day and seat. It counts for the caps of the day
    and of the week, and its full hours and its meal are not paid again.
    """

    now_ms: int
    working: WorkingTime
    timing: PrintTiming
    stations: tuple[StationInput, ...]
    arrivals: ArrivalSource
    pay: OvertimePay = field(default_factory=lambda: preset(USUAL_PAY))
    ordered: tuple[SeatOrder, ...] = ()
    worked: Mapping[StationCode, SeatHours] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a problem without an answer, with all its faults at once."""
        if faults := list(self._faults()):
            raise ProblemError("this question has no answer: %(faults)s", faults=tuple(faults))

    @cached_property
    def cutoffs_ms(self) -> tuple[int, ...]:
        """Cut-off of each station: a card that is ready later is not counted."""
        if self.cutoff_ms is not None:
            return (self.cutoff_ms,) * len(self.stations)
        return tuple(self._last_working_ms(station.working) for station in self.stations)

    @property
    def cards_until_ms(self) -> int:
        """Moment until which cards are drawn: a day's end, so a deadline a minute later changes no random number."""
        return next_midnight_ms(self.deadline_ms, self.working.zone) if self.cutoff_ms is None else self.cutoff_ms

    def expected_after_cutoffs(self) -> float:
        """Return the expected number of cards that are ready by the deadline and not counted."""
        expected = self.arrivals.expected_cards
        until = expected(self.deadline_ms)
        return float(sum(until[i] - expected(at)[i] for i, at in enumerate(self.cutoffs_ms) if at < self.deadline_ms))

    def _last_working_ms(self, working: WorkingTime) -> int:
        """Return the last working time at least `LEAD_MS` before the deadline, or now: cards that wait always count."""
        latest = self.deadline_ms - LEAD_MS
        shifts = working.shifts(working.day_of(self.now_ms), working.day_of(self.deadline_ms))
        return max(self.now_ms, *(min(one.end_ms, latest) for one in shifts if one.start_ms < latest), self.now_ms)

    def _faults(self) -> list[Sentence]:
        found = []
        if not 0.0 < self.confidence < 1.0:
            found.append(
                Sentence(
                    "the confidence is %(chance)s, but must lie between 0 and 1, such as 0.95",
                    chance=self.confidence,
                )
            )
        if self.deadline_ms <= self.now_ms:
            now = datetime.fromtimestamp(self.now_ms / 1000, self.working.zone)
            found.append(
                Sentence("the deadline has passed, because it is %(now)s in the office: name a later one", now=now)
            )
        if self.worlds < 1:
            found.append(Sentence("%(worlds)s worlds give no chance: draw at least one", worlds=self.worlds))
        if not 0 <= self.max_hours <= 24:  # noqa: PLR2004  (a day has no more; nan is none of these)
            found.append(Sentence("overtime of %(hours)s hours a day is impossible: use 0 to 24", hours=self.max_hours))
        if self.max_seats < 0:
            found.append(Sentence("%(seats)s seats are impossible: allow none or more", seats=self.max_seats))
        found += too_many(sum(len(station.waiting) for station in self.stations), self.worlds)
        found += [
            Sentence(
                "%(station)s spoils every card, so none is ever good: correct its spoil rate", station=station.code
            )
            for station in self.stations
            if station.spoil_rate >= 1.0
        ]
        return found
