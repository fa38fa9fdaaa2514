"""Cards that may come in a scenario: recorded in the field and at the counter, through the centre, to their station."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain import arrivals, world
from lembur.domain.calendar import DAY_MS, WEEKDAYS, Calendar, at_ms, day_of
from lembur.domain.card import Priority, Status
from lembur.domain.chance import Z90
from lembur.domain.office import all_kelurahan, kecamatan_weights
from planner.question import Came, Cards
from planner.station import LONGEST_MS, WORLD_BITS, Integers, Queue, Roster, Rows, Turns, integers, replay, served
from planner.station import Calendar as Steps

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from lembur.domain.scenario import Counter, Scenario, Visits

TRIES: Final = 20
"""Expected cards decide only how seats are shared out: so many draws are enough."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """People recorded in some worlds: in which, when, of which kecamatan, and whether the centre must be asked."""

    world: Integers
    at_ms: Integers
    kecamatan: Integers
    asks: NDArray[np.bool_]

    @staticmethod
    def together(parts: list[Recorded]) -> Recorded:
        """Put several sources into one."""
        return Recorded(
            np.concatenate([part.world for part in parts]),
            np.concatenate([part.at_ms for part in parts]),
            np.concatenate([part.kecamatan for part in parts]),
            np.concatenate([part.asks for part in parts]),
        )

    def where(self, which: NDArray[np.bool_] | Integers) -> Recorded:
        """Keep some, or all in another order."""
        return Recorded(self.world[which], self.at_ms[which], self.kecamatan[which], self.asks[which])


@dataclass(frozen=True, slots=True)
class Visited:
    """The records of a visit on all its days: from when, how long, and of which kecamatan; None: of the whole city."""

    opens_ms: Integers
    open_ms: Integers
    kecamatan: Integers | None


Expected = tuple[list[int], list[float]]
"""Moments, and the requests expected up to each."""


@dataclass(frozen=True)
class Foreseen:
    """Draws what a scenario brings from a moment on; `instantly` leaves the centre out, to see what it costs.

    `unsent` are the records that wait for the centre then, with their kecamatan (by its place in the register);
    `in_hand_ms` tells when the lines that are busy then will be free.
    """

    scenario: Scenario
    now_ms: int
    unsent: Cards
    unsent_kecamatan: Integers
    in_hand_ms: Integers
    instantly: bool = False
    _expected: dict[int, NDArray[np.float64]] = field(default_factory=dict, compare=False, repr=False)

    def draw(self, chance: Generator, *, worlds: int, until_ms: int) -> Came:
        """Draw the cards that become ready to print before `until_ms`."""
        people = self._recorded(chance, worlds, until_ms)
        first, again = people.where(people.asks), people.where(~people.asks)
        answered, ready_ms, due_ms = self._answered(chance, first, worlds)
        coming = Recorded.together([answered, again])
        ready = np.concatenate([ready_ms, again.at_ms])
        due = np.concatenate([due_ms, self._due(again.at_ms)])
        priority = np.where(coming.asks, int(Priority.FIRST_TIME), int(Priority.REPLACEMENT)).astype(np.int64)
        place = self._routed(chance, coming.kecamatan)
        seen = ready < until_ms
        return Came(coming.world[seen], place[seen], Cards(ready[seen], due[seen], priority[seen]))

    def expected(self, until_ms: int) -> NDArray[np.float64]:
        """Tell how many are expected for each place until then, from some draws that are always the same."""
        if until_ms not in self._expected:
            came = self.draw(np.random.Generator(np.random.SFC64(1)), worlds=TRIES, until_ms=until_ms)
            self._expected[until_ms] = np.bincount(came.place, minlength=len(self.scenario.stations)) / TRIES
        return self._expected[until_ms]

    def _recorded(self, chance: Generator, worlds: int, until_ms: int) -> Recorded:
        sources = [
            *(self._visited(chance, visited, worlds) for visited in self._visits),
            *(
                self._asked(chance, counter, expected, worlds)
                for counter, expected in zip(self.scenario.arrivals.counter, self._requests, strict=True)
            ),
        ]
        nobody = Recorded(integers(()), integers(()), integers(()), np.zeros(0, dtype=np.bool_))
        found, window = Recorded.together([nobody, *sources]), arrivals.arriving(self.scenario)
        begins, ends = max(window.start_ms, self.now_ms), min(window.end_ms, until_ms)
        return found.where((found.at_ms >= begins) & (found.at_ms < ends))

    def _visited(self, chance: Generator, visited: Visited, worlds: int) -> Recorded:
        """Draw a visit's records: so many each visiting day at any moment of it, equally from each place in turn."""
        many = len(visited.opens_ms)
        at = visited.opens_ms + (chance.random((worlds, many)) * visited.open_ms).astype(np.int64)
        kecamatan = self._of_city(chance, at.size) if visited.kecamatan is None else np.tile(visited.kecamatan, worlds)
        return Recorded(np.repeat(np.arange(worlds), many), at.ravel(), kecamatan, np.ones(at.size, dtype=np.bool_))

    @cached_property
    def _visits(self) -> list[Visited]:
        """Lay out the records of every visit, one by one."""
        return [self._records(visits) for visits in self.scenario.arrivals.visits]

    def _records(self, visits: Visits) -> Visited:
        days = [d for d in arrivals.source_days(self.scenario, visits) if WEEKDAYS[d.weekday()] in visits.days]
        many = visits.records_a_day
        opens, closes = (
            np.repeat([at_ms(day, at) for day in days], many).astype(np.int64) for at in (visits.opens, visits.closes)
        )
        if visits.what == "mobile":
            return Visited(opens, closes - opens, None)
        codes = list(kecamatan_weights())
        places = integers(codes.index(place.kecamatan_code) for place in all_kelurahan())
        record = np.arange(many * len(days))
        turn = record // max(1, many) * visits.places_a_day + record % visits.places_a_day
        return Visited(opens, closes - opens, places[turn % len(places)])

    def _asked(self, chance: Generator, counter: Counter, expected: Expected, worlds: int) -> Recorded:
        """Draw the counter's requests: a Poisson number, each at a moment by the counter's hours."""
        edges, requests = expected
        many = chance.poisson(requests[-1], size=worlds)
        at = np.interp(chance.random(int(many.sum())) * requests[-1], requests, edges).astype(np.int64)
        asks = np.full(len(at), counter.stream == "first_issue")
        return Recorded(np.repeat(np.arange(worlds), many), at, self._of_city(chance, len(at)), asks)

    @cached_property
    def _requests(self) -> list[Expected]:
        """Lay out the requests expected at every counter."""
        return [arrivals.expected_requests(self.scenario, counter) for counter in self.scenario.arrivals.counter]

    def _of_city(self, chance: Generator, count: int) -> Integers:
        _, _, shares = arrivals.city_table()
        return np.searchsorted(np.cumsum(shares)[:-1], chance.random(count), side="right").astype(np.int64)

    def _due(self, recorded_ms: Integers) -> Integers:
        first, due = self._due_by_day
        return np.take(due, (recorded_ms - first) // DAY_MS)

    @cached_property
    def _due_by_day(self) -> tuple[int, Integers]:
        """Tell from its first midnight on when the records of each day of the scenario are due."""
        calendar, sla = Calendar(self.scenario.hours), self.scenario.hours.sla_days
        window = arrivals.arriving(self.scenario)
        first = at_ms(day_of(window.start_ms), time())
        return first, integers(calendar.due_ms(day, sla) for day in range(first, window.end_ms, DAY_MS))

    def _routed(self, chance: Generator, kecamatan: Integers) -> Integers:
        """Choose the station of each card by the shares of those that serve its kecamatan; all alike if none says."""
        edges, draws = self._edges[kecamatan], chance.random(len(kecamatan))
        chosen: Integers = (edges <= draws[:, None]).sum(axis=1, dtype=np.int64)
        return np.minimum(chosen, len(self.scenario.stations) - 1)

    @cached_property
    def _edges(self) -> NDArray[np.float64]:
        """Lay out the shares of the stations, one row a kecamatan, added up."""
        stations = self.scenario.stations
        shares = np.array([[place.serves.get(code, 0.0) for place in stations] for code in kecamatan_weights()])
        if not any(place.serves for place in stations):
            shares[:] = 1.0 / len(stations)
        edges: NDArray[np.float64] = np.cumsum(shares, axis=1)
        return edges

    def _answered(self, chance: Generator, first: Recorded, worlds: int) -> tuple[Recorded, Integers, Integers]:
        """Send first issues through the centre: who gets a card, when that is known, and when it is due."""
        everybody = Recorded.together([first, self._waiting_there(worlds)])
        due = np.concatenate([self._due(first.at_ms), np.tile(self.unsent.due_ms, worlds)])
        order = np.argsort(everybody.world << WORLD_BITS | everybody.at_ms, kind="stable")
        everybody, due = everybody.where(order), due[order]
        share = self.scenario.centre.verdicts.get(Status.PRINT_READY_RECORD, 0.0)
        good = chance.random(len(due)) < share
        if self.instantly:
            return everybody.where(good), everybody.at_ms[good], due[good]
        rows = Rows.of(np.bincount(everybody.world, minlength=worlds))
        answered = self._centre(chance, rows, everybody.at_ms, due)
        return everybody.where(good), answered[good], due[good]

    def _centre(self, chance: Generator, rows: Rows, ready: Integers, due: Integers) -> Integers:
        """Tell of each record when the centre answers it, world by world; the earliest due is asked first."""
        centre = self.scenario.centre
        work = np.exp(np.log(centre.p90_s / centre.median_s) / Z90 * chance.standard_normal(len(ready)))
        queue = Queue(
            waiting_ms=integers(()),
            came=rows,
            came_ms=ready,
            prints=rows,
            work_ms=np.clip(np.rint(1000.0 * centre.median_s * work), 1, LONGEST_MS).astype(np.int32),
            extra_ms=np.zeros(rows.longest(), dtype=np.int64),
            spoils=Rows.of([0] * len(rows)),
            spoiled=integers(()),
            faults=Rows.of([0] * len(rows)),
            fault_ms=integers(()),
            fault_printer=integers(()),
            rate=world.centre_rate(self.scenario),
            in_hand_ms=self.in_hand_ms,
        )
        made = replay(queue, Roster(Steps.of([(0, centre.lines)]), centre.lines), keep=True)
        _, turns = np.unique(due, return_inverse=True)
        return served(made, queue, Turns(integers(()), turns)).done_ms

    def _waiting_there(self, worlds: int) -> Recorded:
        return Recorded(
            np.repeat(np.arange(worlds), len(self.unsent)),
            np.tile(self.unsent.ready_ms, worlds),
            np.tile(self.unsent_kecamatan, worlds),
            np.ones(worlds * len(self.unsent), dtype=np.bool_),
        )

    def at_once(self) -> Foreseen:
        """The same with a centre that answers at once."""
        return replace(self, instantly=True, _expected={})
