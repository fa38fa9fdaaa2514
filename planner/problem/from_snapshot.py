"""The problem of an office as it stands: its own queues, stock, seats and orders, and rates as they were observed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.calendar import Calendar
from lembur.domain.observation import known_ms
from lembur.domain.world import centre_rate, print_rate
from planner.problem.arrivals import ScenarioArrivals
from planner.problem.card_table import KnownCards
from planner.problem.from_scenario import last_closing_ms, print_timing, running_total
from planner.problem.problem import Cards, Problem, StationInput
from planner.problem.rates import estimate_rates
from planner.simulation.replay import integers

if TYPE_CHECKING:
    from lembur.domain.observation import Queued, Snapshot, StationState
    from lembur.domain.scenario import Scenario, Station


def problem_from_snapshot(
    scenario: Scenario,
    standing: Snapshot,
    *,
    deadline_ms: int,
    cutoff_ms: int | None = None,
    max_seats: int = 12,
    max_hours: float = 4.0,
    confidence: float = 0.95,
    worlds: int = 1000,
    seed: int = 1,
) -> Problem:
    """Ask for an office as it stands; of the scenario come its hours, its rates as a prior, and who may come."""
    now, working = standing.now_ms, Calendar(scenario.hours)
    standing = _from_now(standing)
    seen = estimate_rates(scenario, standing.observed)
    likely = seen.scenario
    print_ms = print_rate(likely).end_ms(now, round(1000 * likely.printing.median_s))
    answer_ms = centre_rate(likely).end_ms(now, round(1000 * likely.centre.median_s))
    printing, asked = _done(standing.printing, now, print_ms), _done(standing.asked, now, answer_ms)
    rooms = zip(likely.stations, standing.rooms, strict=True)
    return Problem(
        now_ms=now,
        deadline_ms=deadline_ms,
        cutoff_ms=last_closing_ms(working, now, deadline_ms) if cutoff_ms is None else cutoff_ms,
        working=working,
        timing=replace(print_timing(likely), uncertainty=seen.uncertainty),
        stations=tuple(
            replace(
                _place(likely, now, station, room),
                waiting=_cards(in_queue(standing, index)),
                printing=_cards(printing.where(printing.station == index)),
                in_hand_ms=known_ms(integers(room.busy_ms), now, print_ms),
            )
            for index, (station, room) in enumerate(rooms)
        ),
        arrivals=ScenarioArrivals(
            likely,
            max(now, standing.fed_ms),
            unsent=_known(standing.unsent),
            asked=_known(asked),
            printing=_known(printing),
            lines_ms=known_ms(integers(standing.centre.busy_ms), now, answer_ms),
        ),
        max_seats=max_seats,
        max_hours=max_hours,
        confidence=confidence,
        worlds=worlds,
        seed=seed,
        ordered=tuple(order for order in standing.orders if order.until_ms > now),
    )


def _place(scenario: Scenario, now_ms: int, station: Station, room: StationState) -> StationInput:
    promised = [(max(now_ms, each.at_ms), each) for each in room.promised]
    return StationInput(
        code=room.code,
        printers=station.printers,
        seats=station.seats,
        waiting=Cards.alike(0, ready_ms=now_ms),
        spoil_rate=scenario.printing.spoil_rate if station.spoil_rate is None else station.spoil_rate,
        blanks=running_total([(now_ms, room.blanks), *((at, each.blanks) for at, each in promised)]),
        ribbon=running_total([(now_ms, room.ribbon_cards), *((at, each.ribbon_cards) for at, each in promised)]),
        printed=room.position,
        broken=room.broken,
    )


def _from_now(standing: Snapshot) -> Snapshot:
    """Let nobody who waits be assign_prints before now."""
    waiting, unsent = (
        replace(some, ready_ms=np.maximum(some.ready_ms, standing.now_ms))
        for some in (standing.waiting, standing.unsent)
    )
    return replace(standing, waiting=waiting, unsent=unsent)


def in_queue(standing: Snapshot, index: int) -> Queued:
    """Tell which cards wait at a station, by its station in the scenario, in the order in which they are ready.

    Of those that are alike the ledger takes the lower number first, and so the order is by number then.
    """
    waiting = standing.waiting.where(standing.waiting.station == index)
    return waiting.where(np.lexsort((waiting.number, np.maximum(waiting.ready_ms, standing.now_ms))))


def _done(in_hand: Queued, now_ms: int, usual_ms: int) -> Queued:
    number, ends, *rest = in_hand.columns()
    return type(in_hand)(number, known_ms(ends, now_ms, usual_ms), *rest)


def _cards(some: Queued) -> Cards:
    return Cards(some.ready_ms, some.due_ms, some.priority)


def _known(some: Queued) -> KnownCards:
    return KnownCards(_cards(some), some.station, some.number)
