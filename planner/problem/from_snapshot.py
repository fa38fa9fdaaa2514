"""The problem of an office as it stands: its queues, stock, seats and orders, and its observed rates."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.calendar import Calendar
from lembur.domain.observation import known_ms
from lembur.domain.world import centre_rate, print_rate
from planner.arrays import integers
from planner.problem.arrivals import ScenarioArrivals
from planner.problem.card_table import KnownCards
from planner.problem.from_scenario import print_timing, running_total
from planner.problem.problem import Cards, Problem, StationInput
from planner.problem.rates import estimate_rates

if TYPE_CHECKING:
    from lembur.domain.observation import Queued, Snapshot, StationState
    from lembur.domain.scenario import Scenario, Station
    from planner.question import Terms


def problem_from_snapshot(scenario: Scenario, standing: Snapshot, terms: Terms) -> Problem:
    """Build the problem of an office as it stands. The scenario gives hours, arrivals and the prior of every rate."""
    now, working = standing.now_ms, Calendar.of(scenario)
    standing = _from_now(standing)
    seen = estimate_rates(scenario, standing.observed)
    likely = seen.scenario
    print_ms = print_rate(likely).end_ms(now, round(1000 * likely.printing.median_s))
    answer_ms = centre_rate(likely).end_ms(now, round(1000 * likely.centre.median_s))
    printing, asked = _done(standing.printing, now, print_ms), _done(standing.asked, now, answer_ms)
    stations = zip(likely.stations, standing.stations, strict=True)
    return Problem(
        **asdict(terms),
        now_ms=now,
        working=working,
        pay=scenario.overtime_pay,
        timing=replace(print_timing(likely), doubt=seen.doubt),
        stations=tuple(
            replace(
                _station_input(likely, now, station, state),
                spoil_cases=seen.spoil_cases[index],
                waiting=_cards(in_queue(standing, index)),
                printing=_cards(printing.where(printing.station == index)),
                in_hand_ms=known_ms(integers(state.busy_ms), now, print_ms),
            )
            for index, (station, state) in enumerate(stations)
        ),
        arrivals=ScenarioArrivals(
            likely,
            max(now, standing.fed_ms),
            unsent=_known_cards(standing.unsent),
            asked=_known_cards(asked),
            printing=_known_cards(printing),
            lines_ms=known_ms(integers(standing.centre.busy_ms), now, answer_ms),
            doubt=seen.doubt,
            spells=seen.spells,
        ),
        ordered=tuple(order for order in standing.orders if order.until_ms > now),
    )


def _station_input(scenario: Scenario, now_ms: int, station: Station, state: StationState) -> StationInput:
    promised = [(max(now_ms, each.at_ms), each) for each in state.promised]
    return StationInput(
        code=state.code,
        printers=station.printers,
        seats=station.seats,
        working=Calendar.of_station(scenario, station),
        waiting=Cards.alike(0, ready_ms=now_ms),
        spoil_rate=scenario.printing.spoil_rate_at(station),
        blanks=running_total([(now_ms, state.blanks), *((at, each.blanks) for at, each in promised)]),
        ribbon=running_total([(now_ms, state.ribbon_cards), *((at, each.ribbon_cards) for at, each in promised)]),
        printed=state.position,
        broken=state.broken,
    )


def _from_now(standing: Snapshot) -> Snapshot:
    """Set the ready moment of waiting cards to now at the earliest."""
    waiting, unsent = (
        replace(some, ready_ms=np.maximum(some.ready_ms, standing.now_ms))
        for some in (standing.waiting, standing.unsent)
    )
    return replace(standing, waiting=waiting, unsent=unsent)


def in_queue(standing: Snapshot, index: int) -> Queued:
    """Return the cards that wait at a station, given by its index, in order of readiness.

    Equal cards go by number, as in the ledger.
    """
    waiting = standing.waiting.where(standing.waiting.station == index)
    return waiting.where(np.lexsort((waiting.number, np.maximum(waiting.ready_ms, standing.now_ms))))


def _done(in_hand: Queued, now_ms: int, usual_ms: int) -> Queued:
    number, ends, *rest = in_hand.columns()
    return type(in_hand)(number, known_ms(ends, now_ms, usual_ms), *rest)


def _cards(some: Queued) -> Cards:
    return Cards(some.ready_ms, some.due_ms, some.priority)


def _known_cards(some: Queued) -> KnownCards:
    return KnownCards(_cards(some), some.station, some.number)
