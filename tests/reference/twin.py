"""What a live run of a scenario will do, print by print: the planner's kernel on the very draws that the workers make.

It is what shows that planner and ledger follow one rule: both play the same world, and are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import Priority, Status, Stream
from lembur.domain.scenario import kecamatan_of
from lembur.domain.seats import CENTRE, StationCode
from lembur.domain.time import moment_ms
from planner.arrays import Flags, Integers, Steps, integers
from planner.problem.from_scenario import print_timing, station_input
from planner.problem.problem import Cards
from planner.simulation import Staffing, Turns, assign_prints, replay_queue
from reference.one_world import one_world, spoiled_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.domain.scenario import Scenario, Station
    from lembur.domain.seats import SeatOrder
    from lembur.domain.world import Arrival
    from planner.simulation import Queue


@dataclass(frozen=True, slots=True)
class People:
    """Some people's cards: their running numbers, and from when they wait where they are."""

    number: Integers
    cards: Cards

    @staticmethod
    def together(parts: Sequence[People]) -> People:
        """Put several into one, in the order in which they are ready."""
        number = np.concatenate([part.number for part in parts])
        columns = [np.concatenate(column) for column in zip(*(part.cards.columns() for part in parts), strict=True)]
        order = np.lexsort((number, columns[0]))
        return People(number[order], Cards(*(column[order] for column in columns)))

    def where(self, which: Flags) -> People:
        """Keep some."""
        return People(self.number[which], Cards(*(column[which] for column in self.cards.columns())))

    def rank(self) -> Integers:
        """Tell the station of each in the queue: class, due date, and at last the number, as the ledger sorts them."""
        rank = np.empty(len(self.number), dtype=np.int64)
        order = np.lexsort((self.number, self.cards.due_ms, self.cards.priority))
        rank[order] = np.arange(len(order))
        return rank


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of a station in order: whose card and since when it was ready, when the print was made, how it came.

    Of the centre they are its answers, and nothing is spoiled. `waiting` counts the cards that are left at the end.
    """

    number: Integers
    ready_ms: Integers
    start_ms: Integers
    end_ms: Integers
    spoiled: Flags
    waiting: int


def twin(scenario: Scenario, seed: int, orders: Sequence[SeatOrder] = ()) -> dict[StationCode, Prints]:
    """Play a scenario with the world of a seed, and orders given before it starts, as its workers will."""
    everybody = [
        *world.opening_backlog(scenario, seed),
        *world.arrivals_between(scenario, seed, after_ms=0, before_ms=moment_ms(scenario.ends)),
    ]
    asking = [each for each in everybody if _asks(each)]
    answered, ready = _answered(scenario, seed, _people(scenario, asking))
    coming = People.together([ready, _people(scenario, [each for each in everybody if not _asks(each)])])
    station_of = {
        each.number: world.route(scenario, seed, each.number, kecamatan_of(each.kelurahan_code)) for each in everybody
    }
    places = np.array([station_of[number] for number in coming.number.tolist()], dtype=object)
    printed = {
        (code := StationCode(station.code)): _printed(scenario, seed, station, coming.where(places == code), orders)
        for station in scenario.stations
    }
    return {CENTRE: answered, **printed}


def _asks(each: Arrival) -> bool:
    return each.stream is Stream.FIRST_ISSUE and each.priority is not Priority.PRINT_READY


def _people(scenario: Scenario, some: Sequence[Arrival]) -> People:
    calendar, starts = Calendar.of(scenario), moment_ms(scenario.starts)
    return People.together(
        [
            People(
                integers(each.number for each in some),
                Cards(
                    integers(max(starts, each.recorded_ms) for each in some),
                    integers(calendar.due_ms(each.recorded_ms, scenario.hours.sla_days) for each in some),
                    integers(int(each.priority) for each in some),
                ),
            )
        ]
    )


def _answered(scenario: Scenario, seed: int, asking: People) -> tuple[Prints, People]:
    """Send records through the centre: all its answers, and who may have a card from when on."""
    drawn = world.answers(scenario, seed, 0, len(asking.number))
    queue = one_world(asking.cards.ready_ms, drawn.work_ms, rate=world.centre_rate(scenario))
    lines = scenario.centre.lines
    answered, whose = _made(scenario, queue, Staffing(Steps.of([(0, lines)]), lines), asking)
    verdicts = list(scenario.centre.verdicts)
    good = np.array(
        [verdicts[index] is Status.PRINT_READY_RECORD for index in drawn.verdict_index[: len(whose)]], dtype=np.bool_
    )
    cards = asking.cards
    ready = People(asking.number[whose], Cards(answered.end_ms, cards.due_ms[whose], cards.priority[whose]))
    return answered, ready.where(good)


def _printed(scenario: Scenario, seed: int, station: Station, coming: People, orders: Sequence[SeatOrder]) -> Prints:
    """Let a station print: its calendar without faults, and the faults beside it, as for the planner's problems."""
    code, until = StationCode(station.code), moment_ms(scenario.ends) + 1
    sound = scenario.printing.model_copy(update={"breakdown_every_h": 0.0})
    whole = scenario.model_copy(update={"printing": sound})
    steps = world.station_steps(whole, seed, code, until_ms=until, orders=orders)
    faults = [
        fault
        for window in world.repairs(scenario, seed, code, until_ms=until)
        for fault in ((window.start_ms, 0), (window.end_ms, ~0))
    ]
    drawn = _enough(lambda count: world.prints(scenario, seed, code, 0, count), len(coming.number))
    queue = one_world(
        coming.cards.ready_ms,
        drawn.work_ms,
        spoiled=drawn.spoiled,
        extra_ms=print_timing(scenario).extra_ms(0, len(drawn.work_ms)),
        faults=faults,
        stock=station_input(scenario, station, coming.cards).stock,
        rate=world.print_rate(scenario),
    )
    roster = Staffing(Steps.of((step.at_ms, step.seats) for step in steps), station.printers)
    return _made(scenario, queue, roster, coming)[0]


def _enough(draw: Callable[[int], world.Prints], cards: int) -> world.Prints:
    """Draw prints until so many are good."""
    many = cards + 16
    while (~(drawn := draw(many)).spoiled).sum() < cards:
        many *= 2
    return drawn


def _made(scenario: Scenario, queue: Queue, roster: Staffing, people: People) -> tuple[Prints, Integers]:
    """Replay a station until nothing more is started; tell whose each print is too, as an index into its people."""
    made = replay_queue(queue, roster, limit_ms=moment_ms(scenario.ends) + 1, keep=True)
    many = int(made.begun[0])
    whose = assign_prints(made, queue, Turns(integers(()), people.rank())).card_of_print[:many]
    return (
        Prints(
            people.number[whose],
            people.cards.ready_ms[whose],
            made.starts_ms[:many],
            made.ends_ms[:many],
            spoiled_of(queue, 0)[:many],
            len(people.number) - int(made.printed[0]),
        ),
        whose,
    )
