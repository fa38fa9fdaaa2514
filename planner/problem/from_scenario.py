"""The problem of a scenario at its start: its backlog, stock and hours, without the overtime it contains."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import Status
from lembur.domain.errors import Sentence
from lembur.domain.scenario import kecamatan_of
from lembur.domain.seats import StationCode
from lembur.domain.time import moment_ms
from planner.arrays import Steps, integers
from planner.problem.arrivals import ScenarioArrivals
from planner.problem.card_table import KnownCards
from planner.problem.problem import Cards, PrintTiming, Problem, ProblemError, StationInput, too_many

if TYPE_CHECKING:
    from lembur.domain.scenario import Scenario, Station
    from lembur.domain.world import Arrival
    from planner.question import Terms


def problem_from_scenario(scenario: Scenario, terms: Terms) -> Problem:
    """Build the problem of a scenario. Its own seed draws the backlog; arrivals differ from world to world."""
    # Check the size first: drawing ten million people takes minutes.
    if faults := [*too_many(scenario.backlog.cards, terms.worlds), *_beyond(scenario, terms.deadline_ms)]:
        raise ProblemError("this question has no answer: %(faults)s", faults=tuple(faults))
    now, working = moment_ms(scenario.starts), Calendar.of(scenario)
    backlog = world.opening_backlog(scenario, scenario.seed)
    ready = scenario.backlog.status is Status.PRINT_READY_RECORD
    there, unsent = (backlog, []) if ready else ([], backlog)
    of: dict[StationCode, list[Arrival]] = {StationCode(station.code): [] for station in scenario.stations}
    for each in there:
        of[_route(scenario, each)].append(each)
    codes = [station.code for station in scenario.stations]
    return Problem(
        **asdict(terms),
        now_ms=now,
        working=working,
        pay=scenario.overtime_pay,
        timing=print_timing(scenario),
        stations=tuple(
            station_input(scenario, station, _cards(scenario, of[StationCode(station.code)], now))
            for station in scenario.stations
        ),
        arrivals=ScenarioArrivals(
            scenario,
            now,
            unsent=KnownCards(
                _cards(scenario, unsent, now),
                integers(codes.index(_route(scenario, each)) for each in unsent),
                integers(each.number for each in unsent),
            ),
        ),
    )


def _beyond(scenario: Scenario, deadline_ms: int) -> list[Sentence]:
    ends = moment_ms(scenario.ends)
    if deadline_ms <= ends:
        return []
    last, asked = (datetime.fromtimestamp(ms / 1000, scenario.zone) for ms in (ends, deadline_ms))
    return [
        Sentence(
            "the deadline %(asked)s is after the end of the scenario: name one until %(last)s", asked=asked, last=last
        )
    ]


def print_timing(scenario: Scenario) -> PrintTiming:
    """Return the time of a print in a scenario."""
    printing = scenario.printing
    return PrintTiming(
        median_s=printing.median_s,
        p90_s=printing.p90_s,
        pace=world.print_rate(scenario),
        rest_every_cards=printing.rest_every_cards,
        rest_s=printing.rest_s,
        ribbon_cards=printing.ribbon_cards,
        ribbon_change_s=printing.ribbon_change_s,
        breakdown_every_h=printing.breakdown_every_h,
        repair_h=printing.repair_h,
    )


def station_input(scenario: Scenario, station: Station, waiting: Cards) -> StationInput:
    """Return a station's printers, regular seats and stock, with every delivery."""
    code, now = StationCode(station.code), moment_ms(scenario.starts)
    received = [(moment_ms(d.at), d.blanks, d.ribbons) for d in scenario.deliveries if d.station == code]
    return StationInput(
        code=code,
        printers=station.printers,
        seats=station.seats,
        working=Calendar.of_station(scenario, station),
        waiting=waiting,
        spoil_rate=scenario.printing.spoil_rate_at(station),
        blanks=running_total([(now, station.blanks), *((at, blanks) for at, blanks, _ in received)]),
        ribbon=running_total(
            [
                (at, ribbons * scenario.printing.ribbon_cards)
                for at, ribbons in [(now, station.ribbons), *((at, ribbons) for at, _, ribbons in received)]
            ]
        ),
    )


def _route(scenario: Scenario, each: Arrival) -> StationCode:
    return world.route(scenario, scenario.seed, each.number, kecamatan_of(each.kelurahan_code))


def running_total(received: list[tuple[int, int]]) -> Steps:
    """Add up deliveries: the number of prints they allow, from each moment on."""
    by_time = sorted(received)
    return Steps(integers(at for at, _ in by_time), np.cumsum(integers(many for _, many in by_time)))


def _cards(scenario: Scenario, own: list[Arrival], now_ms: int) -> Cards:
    calendar = Calendar.of(scenario)
    return Cards(
        np.full(len(own), now_ms, dtype=np.int64),
        integers(calendar.due_ms(each.recorded_ms, scenario.hours.sla_days) for each in own),
        integers(int(each.priority) for each in own),
    )
