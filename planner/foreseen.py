"""Cards that may come in a scenario: recorded in the field and at the counter, through the centre, to their station."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain import arrivals, world
from lembur.domain.calendar import DAY_MS, WEEKDAYS, Calendar, at_ms
from lembur.domain.card import Priority, Status
from lembur.domain.chance import Z90
from lembur.domain.office import all_kelurahan, kecamatan_weights
from planner.question import Came, Cards
from planner.station import LONGEST_MS, Integers, Queue, Roster, Rows, integers, replay, served
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
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("world", "at_ms", "kecamatan", "asks")
            )
        )

    def where(self, which: NDArray[np.bool_]) -> Recorded:
        """Keep some."""
        return Recorded(self.world[which], self.at_ms[which], self.kecamatan[which], self.asks[which])


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
            *(self._visited(chance, visits, worlds) for visits in self.scenario.arrivals.visits),
            *(self._asked(chance, counter, worlds) for counter in self.scenario.arrivals.counter),
        ]
        nobody = Recorded(integers(()), integers(()), integers(()), np.zeros(0, dtype=np.bool_))
        found, window = Recorded.together([nobody, *sources]), arrivals.arriving(self.scenario)
        begins, ends = max(window.start_ms, self.now_ms), min(window.end_ms, until_ms)
        return found.where((found.at_ms >= begins) & (found.at_ms < ends))

    def _visited(self, chance: Generator, visits: Visits, worlds: int) -> Recorded:
        """Draw a visit's records: so many each visiting day at any moment of it, equally from each place in turn."""
        days = [d for d in arrivals.source_days(self.scenario, visits) if WEEKDAYS[d.weekday()] in visits.days]
        many = visits.records_a_day
        opens, closes = (
            np.repeat([at_ms(day, at) for day in days], many).astype(np.int64) for at in (visits.opens, visits.closes)
        )
        at = opens + (chance.random((worlds, len(opens))) * (closes - opens)).astype(np.int64)
        if visits.what == "mobile":
            kecamatan = self._of_city(chance, at.size)
        else:
            record = np.arange(many * len(days))
            turn = record // max(1, many) * visits.places_a_day + record % visits.places_a_day
            kecamatan = np.tile(self._kecamatan_of_place[turn % len(self._kecamatan_of_place)], worlds)
        return Recorded(
            np.repeat(np.arange(worlds), len(opens)), at.ravel(), kecamatan, np.ones(at.size, dtype=np.bool_)
        )

    def _asked(self, chance: Generator, counter: Counter, worlds: int) -> Recorded:
        """Draw the counter's requests: a Poisson number, each at a moment by the counter's hours."""
        edges, expected = arrivals.expected_requests(self.scenario, counter)
        many = chance.poisson(expected[-1], size=worlds)
        at = np.interp(chance.random(int(many.sum())) * expected[-1], expected, edges).astype(np.int64)
        asks = np.full(len(at), counter.stream == "first_issue")
        return Recorded(np.repeat(np.arange(worlds), many), at, self._of_city(chance, len(at)), asks)

    @cached_property
    def _kecamatan_of_place(self) -> Integers:
        codes = list(kecamatan_weights())
        return integers(codes.index(place.kecamatan_code) for place in all_kelurahan())

    def _of_city(self, chance: Generator, count: int) -> Integers:
        _, _, shares = arrivals.city_table()
        return np.searchsorted(np.cumsum(shares)[:-1], chance.random(count), side="right").astype(np.int64)

    def _due(self, recorded_ms: Integers) -> Integers:
        calendar, sla = Calendar(self.scenario.hours), self.scenario.hours.sla_days
        day = (recorded_ms - at_ms(date(1970, 1, 1), time())) // DAY_MS
        _, example, which = np.unique(day, return_index=True, return_inverse=True)
        due = integers(calendar.due_ms(int(recorded_ms[each]), sla) for each in example)
        return np.take(due, which)

    def _routed(self, chance: Generator, kecamatan: Integers) -> Integers:
        """Choose the station of each card by the shares of those that serve its kecamatan; all alike if none says."""
        stations, draws = self.scenario.stations, chance.random(len(kecamatan))
        served_by = np.array([[p.serves.get(code, 0.0) for p in stations] for code in kecamatan_weights()])
        if not any(place.serves for place in stations):
            served_by[:] = 1.0 / len(stations)
        edges: NDArray[np.float64] = np.cumsum(served_by, axis=1)[kecamatan]
        chosen: Integers = (edges <= draws[:, None]).sum(axis=1, dtype=np.int64)
        return np.minimum(chosen, len(stations) - 1)

    def _answered(self, chance: Generator, first: Recorded, worlds: int) -> tuple[Recorded, Integers, Integers]:
        """Send first issues through the centre: who gets a card, when that is known, and when it is due."""
        everybody = Recorded.together([first, self._waiting_there(worlds)])
        due = np.concatenate([self._due(first.at_ms), np.tile(self.unsent.due_ms, worlds)])
        ready = np.concatenate([first.at_ms, np.tile(self.unsent.ready_ms, worlds)])
        order = np.lexsort((due, ready, everybody.world))
        everybody, due, ready = everybody.where(order), due[order], ready[order]  # type: ignore[arg-type]
        share = self.scenario.centre.verdicts.get(Status.PRINT_READY_RECORD, 0.0)
        good = chance.random(len(ready)) < share
        if self.instantly:
            return everybody.where(good), ready[good], due[good]
        rows = Rows.of(np.bincount(everybody.world, minlength=worlds))
        answered = np.concatenate([integers(()), *self._centre(chance, rows, ready, due)])
        return everybody.where(good), answered[good], due[good]

    def _centre(self, chance: Generator, rows: Rows, ready: Integers, due: Integers) -> list[Integers]:
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
        return [self._by_card(made, queue, due[rows.row(each)], each) for each in range(len(rows))]

    @staticmethod
    def _by_card(made: object, queue: Queue, due: Integers, each: int) -> Integers:
        rank = np.empty(len(due), dtype=np.int64)
        rank[np.argsort(due, kind="stable")] = np.arange(len(due))
        answered = np.full(len(due), 9_000_000_000_000_000)
        whose = served(made, queue, rank, world=each)  # type: ignore[arg-type]
        answered[whose] = made.ends_ms[queue.prints.row(each)][: len(whose)]  # type: ignore[attr-defined]
        return answered

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
