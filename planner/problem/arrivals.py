"""Future cards of a scenario: recorded in the field or at the counter, checked by the centre, routed to a station."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import Priority, Status
from lembur.domain.draws import lognormal_sigma
from lembur.domain.seats import Window
from lembur.domain.time import DAY_MS, WEEKDAYS, at_ms, day_of, next_midnight_ms
from planner.arrays import LONGEST_MS, WORLD_BITS, Integers, Offsets, Steps, integers, order_by_time, rank
from planner.problem.card_table import CardTable, KnownCards
from planner.problem.doubt import NO_DOUBT, Doubt, draw_factors, draw_shares
from planner.problem.spells import slow_down
from planner.simulation import Queue, Staffing, Turns, assign_prints, replay_queue

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from lembur.domain.rate import Rate
    from lembur.domain.scenario import Counter, Scenario, Visits
    from planner.problem.problem import ArrivingCards
    from planner.problem.spells import Spells

SPELLS_BEYOND_MS: Final = 2 * DAY_MS
"""Spells are drawn until this long after the last record is sent."""
TRIES: Final = 20
"""Draws for an expected number of cards. It only decides how seats are shared out, so few draws are enough."""


@dataclass(frozen=True, slots=True)
class VisitRecords:
    """Records of one kind of visit on all its days: opening moment, length and kecamatan.

    Without kecamatan they come from the whole city.
    """

    opens_ms: Integers
    open_ms: Integers
    kecamatan: Integers | None


Expected = tuple[list[int], list[float]]
"""Moments, and the number of requests expected up to each."""


@dataclass(frozen=True)
class ScenarioArrivals:
    """Draws the arrivals of a scenario from `since_ms` on.

    Known cards: `unsent` wait for the centre. `asked` are at the centre and wait when it has answered. `printing`
    are in a printer and wait again if the print is spoiled. `lines_ms` holds the moments at which the busy lines
    become free. With `instantly` the centre answers without delay. With a `doubt` each world has its own number of
    people, time of an answer and share of refusals. Each world also draws its own `spells`.
    """

    scenario: Scenario
    since_ms: int
    unsent: KnownCards = field(default_factory=KnownCards.none)
    asked: KnownCards = field(default_factory=KnownCards.none)
    printing: KnownCards = field(default_factory=KnownCards.none)
    lines_ms: Integers = field(default_factory=lambda: integers(()))
    instantly: bool = False
    doubt: Doubt = NO_DOUBT
    spells: Spells | None = None
    _expected: dict[int, ArrivingCards] = field(default_factory=dict, compare=False, repr=False)

    def draw(self, chance: Generator, *, worlds: int, until_ms: int) -> ArrivingCards:
        """Draw the cards that become ready to print before `until_ms`."""
        new = self._draw_people(chance, worlds, until_ms)
        asking = CardTable.concatenate([new.take(new.asks), CardTable.of_known(self.unsent, worlds)])
        answered = CardTable.concatenate([self._send_to_centre(chance, asking, worlds), self._asked_people(worlds)])
        again = self._keep_spoiled(chance, CardTable.of_known(self.printing, worlds))
        accepted = self._keep_accepted(chance, answered, worlds)
        return CardTable.concatenate([accepted, new.take(~new.asks), again]).ready_before(until_ms)

    def expected_cards(self, until_ms: int) -> NDArray[np.float64]:
        """Return the expected number of cards of each station until then, from a few draws that are always the same.

        They have no doubt: it would only add chance to a mean.
        """
        midnight = next_midnight_ms(until_ms - 1, self.scenario.zone)
        if midnight not in self._expected:
            chance = np.random.Generator(np.random.SFC64(1))
            self._expected[midnight] = replace(self, doubt=NO_DOUBT).draw(chance, worlds=TRIES, until_ms=midnight)
        came = self._expected[midnight]
        before = came.station[came.cards.ready_ms < until_ms]
        return np.bincount(before, minlength=len(self.scenario.stations)) / TRIES

    def without_centre(self) -> ScenarioArrivals:
        """Return the same arrivals with a centre that answers at once."""
        return replace(self, instantly=True, _expected={})

    def _draw_people(self, chance: Generator, worlds: int, until_ms: int) -> CardTable:
        window = world.arriving(self.scenario)
        window = Window(max(window.start_ms, self.since_ms), min(window.end_ms, until_ms))
        counters = zip(self.scenario.arrivals.counter, self._requests, strict=True)
        busier = draw_factors(chance, worlds, self.doubt.people)
        found = [
            *(self._draw_visits(chance, visited, busier, window) for visited in self._visits),
            *(self._draw_requests(chance, *counter, busier, window) for counter in counters),
        ]
        people = CardTable.concatenate([CardTable.of_known(KnownCards.none(), worlds), *found])
        return people.take((people.ready_ms >= window.start_ms) & (people.ready_ms < window.end_ms))

    def _draw_visits(
        self, chance: Generator, visited: VisitRecords, busier: NDArray[np.float64], window: Window
    ) -> CardTable:
        """Draw a visit's records: a fixed number a day, at uniform moments, from each kelurahan in turn.

        A world that is `busier` has some records more than once, at even distances.
        """
        seen = (visited.opens_ms + visited.open_ms > window.start_ms) & (visited.opens_ms < window.end_ms)
        count = int(seen.sum())
        reached = np.floor(busier[:, None] * np.arange(count + 1)).astype(np.int64)
        copies = (reached[:, 1:] - reached[:, :-1]).ravel()
        of, record = (np.repeat(index.ravel(), copies) for index in np.indices((len(busier), count)))
        at = visited.opens_ms[seen][record] + (chance.random(len(of)) * visited.open_ms[seen][record]).astype(np.int64)
        of_all = visited.kecamatan
        kecamatan = self._of_city(chance, len(at)) if of_all is None else of_all[seen][record]
        return self._new(chance, of, at, kecamatan, asks=True)

    @cached_property
    def _visits(self) -> list[VisitRecords]:
        """List the records of every visit."""
        return [self._visit_records(visits) for visits in self.scenario.arrivals.visits]

    def _visit_records(self, visits: Visits) -> VisitRecords:
        days = [d for d in world.source_days(self.scenario, visits) if WEEKDAYS[d.weekday()] in visits.days]
        count = visits.records_a_day
        opens, closes = (
            np.repeat([at_ms(day, at, self.scenario.zone) for day in days], count).astype(np.int64)
            for at in (visits.opens, visits.closes)
        )
        if visits.what == "mobile":
            return VisitRecords(opens, closes - opens, None)
        codes = list(self.scenario.region.weights)
        kecamatan = integers(codes.index(one.kecamatan_code) for one in self.scenario.region.kelurahan)
        record = np.arange(count * len(days))
        turn = record // max(1, count) * visits.places_a_day + record % visits.places_a_day
        return VisitRecords(opens, closes - opens, kecamatan[turn % len(kecamatan)])

    def _draw_requests(
        self, chance: Generator, counter: Counter, expected: Expected, busier: NDArray[np.float64], window: Window
    ) -> CardTable:
        """Draw the counter's requests: a Poisson number, at moments that follow the counter's hours."""
        edges, requests = expected
        low, high = np.interp((window.start_ms, max(window.start_ms, window.end_ms)), edges, requests)
        count = chance.poisson((high - low) * busier)
        at = np.interp(low + chance.random(int(count.sum())) * (high - low), requests, edges).astype(np.int64)
        of, asks = np.repeat(np.arange(len(busier)), count), counter.stream == "first_issue"
        return self._new(chance, of, at, self._of_city(chance, len(at)), asks=asks)

    def _new(self, chance: Generator, of: Integers, at: Integers, kecamatan: Integers, *, asks: bool) -> CardTable:
        priority = Priority.FIRST_TIME if asks else Priority.REPLACEMENT
        return CardTable(
            world=of,
            station=self._route(chance, kecamatan),
            number=np.zeros(len(at), dtype=np.int64),
            ready_ms=at,
            due_ms=self._due(at),
            priority=np.full(len(at), int(priority), dtype=np.int64),
            asks=np.full(len(at), asks),
        )

    @cached_property
    def _requests(self) -> list[Expected]:
        """List the expected requests of every counter."""
        return [world.expected_requests(self.scenario, counter) for counter in self.scenario.arrivals.counter]

    def _of_city(self, chance: Generator, count: int) -> Integers:
        shares = world.kecamatan_shares(self.scenario.region)
        return np.searchsorted(np.cumsum(shares)[:-1], chance.random(count), side="right").astype(np.int64)

    def _due(self, recorded_ms: Integers) -> Integers:
        first, due = self._due_by_day
        return np.take(due, (recorded_ms - first) // DAY_MS)

    @cached_property
    def _due_by_day(self) -> tuple[int, Integers]:
        """Return the scenario's first midnight, and the due moment of the records of each day from then on."""
        calendar, sla = Calendar.of(self.scenario), self.scenario.hours.sla_days
        window = world.arriving(self.scenario)
        first = at_ms(day_of(window.start_ms, self.scenario.zone), time(), self.scenario.zone)
        return first, integers(calendar.due_ms(day, sla) for day in range(first, window.end_ms, DAY_MS))

    def _route(self, chance: Generator, kecamatan: Integers) -> Integers:
        """Choose the station of each card by the shares of its kecamatan. Without shares all stations are equal."""
        edges, draws = self._edges[kecamatan], chance.random(len(kecamatan))
        chosen: Integers = (edges <= draws[:, None]).sum(axis=1, dtype=np.int64)
        return np.minimum(chosen, len(self.scenario.stations) - 1)

    @cached_property
    def _edges(self) -> NDArray[np.float64]:
        """Return the cumulative shares of the stations, one row per kecamatan."""
        stations = self.scenario.stations
        codes = list(self.scenario.region.weights)
        shares = np.array([[station.serves.get(code, 0.0) for station in stations] for code in codes])
        if not any(station.serves for station in stations):
            shares[:] = 1.0 / len(stations)
        edges: NDArray[np.float64] = np.cumsum(shares, axis=1)
        return edges

    def _send_to_centre(self, chance: Generator, asking: CardTable, worlds: int) -> CardTable:
        """Send people to the centre in order of time. Each is ready at the centre's answer."""
        everybody = asking.take(order_by_time(asking.world, asking.ready_ms))
        return everybody if self.instantly else replace(everybody, ready_ms=self._centre(chance, everybody, worlds))

    def _asked_people(self, worlds: int) -> CardTable:
        asked = CardTable.of_known(self.asked, worlds)
        return replace(asked, ready_ms=np.full(len(asked), self.since_ms)) if self.instantly else asked

    def _keep_accepted(self, chance: Generator, answered: CardTable, worlds: int) -> CardTable:
        """Keep the people that the centre accepts."""
        share = self.scenario.centre.verdicts.get(Status.PRINT_READY_RECORD, 0.0)
        shares = draw_shares(chance, worlds, share, self.doubt.verdicts)
        return answered.take(chance.random(len(answered)) < shares[answered.world])

    def _keep_spoiled(self, chance: Generator, printing: CardTable) -> CardTable:
        """Keep the cards whose print is spoiled."""
        rates = np.array([self.scenario.printing.spoil_rate_at(station) for station in self.scenario.stations])
        return printing.take(chance.random(len(printing)) < rates[printing.station])

    def _centre(self, chance: Generator, asking: CardTable, worlds: int) -> Integers:
        """Return the moment of the centre's answer to each record. Class goes first, then the due date."""
        centre, rows = self.scenario.centre, Offsets.of(np.bincount(asking.world, minlength=worlds))
        work = np.exp(
            lognormal_sigma(median_s=centre.median_s, p90_s=centre.p90_s) * chance.standard_normal(len(asking))
        )
        if self.doubt.answers:
            work *= draw_factors(chance, worlds, self.doubt.answers)[asking.world]
        work_ms = np.clip(np.rint(1000.0 * centre.median_s * work), 1, LONGEST_MS).astype(np.int32)
        turns = rank(asking.priority << WORLD_BITS | asking.due_ms)
        rate = world.centre_rate(self.scenario)
        if not self.spells:
            return self._answered_ms(asking.ready_ms, work_ms, turns, rows, rate)
        until = int(asking.ready_ms.max(initial=self.since_ms)) + SPELLS_BEYOND_MS
        done = []
        for number in range(worlds):
            own, rows_of_one = rows.row(number), Offsets.of([rows.edges[number + 1] - rows.edges[number]])
            slower = slow_down(rate, self.spells.draw(chance, self.since_ms, until), self.spells.speed)
            done.append(self._answered_ms(asking.ready_ms[own], work_ms[own], turns[own], rows_of_one, slower))
        return np.concatenate(done)

    def _answered_ms(
        self, ready_ms: Integers, work_ms: NDArray[np.int32], turns: Integers, rows: Offsets, rate: Rate
    ) -> Integers:
        """Play the lines to the centre in some worlds at one rate."""
        queue = Queue(
            waiting_ms=integers(()),
            came=rows,
            came_ms=ready_ms,
            prints=rows,
            work_ms=work_ms,
            extra_ms=np.zeros(rows.longest, dtype=np.int64),
            spoils=Offsets.of([0] * len(rows)),
            spoiled=integers(()),
            faults=Offsets.of([0] * len(rows)),
            fault_ms=integers(()),
            fault_printer=integers(()),
            rate=rate,
            in_hand_ms=self.lines_ms,
        )
        lines = self.scenario.centre.lines
        made = replay_queue(queue, Staffing(Steps.of([(0, lines)]), lines), keep=True)
        if _in_turn(turns, rows):
            return made.ends_ms
        return assign_prints(made, queue, Turns(integers(()), turns)).done_ms


def _in_turn(turns: Integers, rows: Offsets) -> bool:
    """Return whether the records of each world come in the order of their turn: then each gets the next answer."""
    falls = np.flatnonzero(turns[1:] < turns[:-1]) + 1
    return bool((rows.edges[np.searchsorted(rows.edges, falls)] == falls).all())
