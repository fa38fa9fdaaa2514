"""People who come to be recorded or to ask for a card: backlog, field visits, the mobile unit, the counter.

Everything is drawn by position from the scenario's start, so an answer does not depend on its window.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain import draws
from lembur.domain.calendar import Calendar
from lembur.domain.card import CLASS_OF, Priority, Status, Stream
from lembur.domain.seats import Window
from lembur.domain.time import HOUR_MS, WEEKDAYS, at_ms, day_of, days, moment_ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from lembur.domain.scenario import Backlog, Counter, Region, Scenario, Visits

FIRST_NUMBER: Final = 1
"""Identities are counted from 1, as the ledger counts its cards."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One identity that comes in: its running number, its time and place of recording, and its purpose."""

    number: int
    recorded_ms: int
    kelurahan_code: str
    stream: Stream
    priority: Priority


@dataclass(frozen=True, slots=True)
class _Source:
    """Arrivals of one source: their moments, and their kelurahan as positions in the office's list."""

    recorded_ms: NDArray[np.int64]
    places: NDArray[np.int64]
    stream: Stream


def opening_backlog(scenario: Scenario, seed: int) -> list[Arrival]:
    """List the cards that wait at the start, the oldest first; they were recorded evenly over the working days before.

    Cards that are ready to print belong to people with the status PRR. Records that were not sent yet are first issues.
    """
    waiting = scenario.backlog
    places = _city(scenario.region, draws.uniforms(seed, "backlog", 0, waiting.cards))
    codes = [place.code for place in scenario.region.kelurahan]
    ready = waiting.status is Status.PRINT_READY_RECORD
    priority = Priority.PRINT_READY if ready else Priority.FIRST_TIME
    return [
        Arrival(number, recorded_ms, codes[place], Stream.FIRST_ISSUE, priority)
        for number, (recorded_ms, place) in enumerate(
            zip(_recorded_before(scenario, waiting), places, strict=True), FIRST_NUMBER
        )
    ]


def _recorded_before(scenario: Scenario, waiting: Backlog) -> Iterator[int]:
    calendar = Calendar.of(scenario)
    before = calendar.days_before(day_of(moment_ms(scenario.starts), scenario.zone), waiting.recorded_over_days)
    for card in range(waiting.cards):
        index, part = divmod((2 * card + 1) * len(before), 2 * waiting.cards)
        opens, closes = (
            at_ms(before[index], at, scenario.zone) for at in (scenario.hours.opens, scenario.hours.closes)
        )
        yield opens + part * (closes - opens) // (2 * waiting.cards)


def arrivals_between(scenario: Scenario, seed: int, *, after_ms: int, before_ms: int) -> list[Arrival]:
    """List the people who come at or after `after_ms` and before `before_ms`, in order of time.

    Their numbers go on from those of the backlog. A person has the same number in every window.
    """
    moments, everybody = _everybody(scenario, seed)
    return everybody[bisect_left(moments, after_ms) : bisect_left(moments, before_ms)]


@lru_cache(maxsize=2)
def _everybody(scenario: Scenario, seed: int) -> tuple[list[int], list[Arrival]]:
    # Kept, because the feed asks for the next few people many times a second.
    window = arriving(scenario)
    sources = [
        *(_draw_visited(scenario, seed, index, visits) for index, visits in enumerate(scenario.arrivals.visits)),
        *(_draw_asked(scenario, seed, index, counter) for index, counter in enumerate(scenario.arrivals.counter)),
    ]
    rows = [
        (recorded_ms, place, source.stream)
        for source in sources
        for recorded_ms, place in zip(source.recorded_ms.tolist(), source.places.tolist(), strict=True)
        if window.start_ms <= recorded_ms < window.end_ms
    ]
    rows.sort(key=lambda row: row[0])
    codes = [place.code for place in scenario.region.kelurahan]
    found = [
        Arrival(number, recorded_ms, codes[place], stream, CLASS_OF[stream])
        for number, (recorded_ms, place, stream) in enumerate(rows, FIRST_NUMBER + scenario.backlog.cards)
    ]
    return [arrival.recorded_ms for arrival in found], found


def arriving(scenario: Scenario) -> Window:
    """Return the stretch in which people arrive."""
    return Window(moment_ms(scenario.starts), moment_ms(scenario.arrivals.until or scenario.ends))


def source_days(scenario: Scenario, part: Visits | Counter) -> Iterator[date]:
    """Yield the days on which a source may bring people, without holidays and closed days."""
    calendar, window = Calendar.of(scenario), arriving(scenario)
    for day in days(day_of(window.start_ms, scenario.zone), day_of(window.end_ms - 1, scenario.zone)):
        begun = part.first_day is None or part.first_day <= day
        ended = part.last_day is not None and part.last_day < day
        if begun and not ended and not calendar.is_holiday(day):
            yield day


def _draw_visited(scenario: Scenario, seed: int, index: int, visits: Visits) -> _Source:
    """Draw the records of visits: a fixed number each visiting day, at any moment of it, evenly over the kelurahan."""
    visiting = [day for day in source_days(scenario, visits) if WEEKDAYS[day.weekday()] in visits.days]
    many = visits.records_a_day
    rows = draws.uniforms(seed, f"visit/{index}", 0, many * len(visiting))
    opens, closes = (
        np.repeat(np.array([at_ms(day, at, scenario.zone) for day in visiting], dtype=np.int64), many)
        for at in (visits.opens, visits.closes)
    )
    recorded = opens + (rows[:, 0] * (closes - opens)).astype(np.int64)
    if visits.what == "mobile":
        return _Source(recorded, _city(scenario.region, rows[:, 1:3]), Stream.FIRST_ISSUE)
    # Each visiting day has the next `places_a_day` kelurahan, and its records are divided among them.
    record = np.arange(many * len(visiting))
    turn = record // max(1, many) * visits.places_a_day + record % visits.places_a_day
    return _Source(recorded, turn % len(scenario.region.kelurahan), Stream.FIRST_ISSUE)


def _draw_asked(scenario: Scenario, seed: int, index: int, counter: Counter) -> _Source:
    """Draw the requests at the counter: a Poisson process, by exponential gaps that are turned into moments."""
    edges, expected = expected_requests(scenario, counter)
    total, purpose = expected[-1], f"counter/{index}"
    # Ten standard deviations above the mean, so the gaps reach the end with certainty.
    rows = draws.uniforms(seed, purpose, 0, int(total + 10.0 * np.sqrt(total) + 50))
    passed = np.cumsum(-np.log(rows[:, 0]))
    inside = int(np.searchsorted(passed, total))
    recorded = np.interp(passed[:inside], expected, edges).astype(np.int64)
    return _Source(recorded, _city(scenario.region, rows[:inside, 1:3]), Stream(counter.stream))


def expected_requests(scenario: Scenario, counter: Counter) -> tuple[list[int], list[float]]:
    """Return the requests expected up to each moment: they rise only while the counter is open."""
    calendar = Calendar.of(scenario)
    edges, expected = [arriving(scenario).start_ms], [0.0]
    for day in source_days(scenario, counter):
        stretches = _counter_hours(calendar, counter, day)
        whole = sum(weight for _, weight in stretches)
        for window, weight in stretches:
            edges += [window.start_ms, window.end_ms]
            expected += [expected[-1], expected[-1] + counter.requests_a_day * weight / whole]
    return edges, expected


def _counter_hours(calendar: Calendar, counter: Counter, day: date) -> list[tuple[Window, float]]:
    """List the stretches in which the counter is open on a day, with their weights.

    The share of an hour belongs to its open part. Where a break takes the whole hour (Friday's), the others share it.
    """
    found: list[tuple[Window, float]] = []
    working = calendar.open_parts(day)
    for hour in range(24) if working else ():
        begins = calendar.at_ms(day, time(hour))
        within = [Window(max(part.start_ms, begins), min(part.end_ms, begins + HOUR_MS)) for part in working]
        parts = [part for part in within if part.start_ms < part.end_ms]
        length = sum(part.end_ms - part.start_ms for part in parts)
        share = counter.by_hour.get(str(hour), 0.0) if counter.by_hour else length / HOUR_MS
        found += [(part, share * (part.end_ms - part.start_ms) / length) for part in parts if share > 0.0]
    return found


def _city(region: Region, rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Draw a kelurahan for each pair of uniforms: first the kecamatan by its weight, then one of its kelurahan."""
    chosen = draws.pick(rows[:, 0], kecamatan_shares(region))
    found = np.zeros(len(rows), dtype=np.int64)
    for index, code in enumerate(region.weights):
        own = [(place, one.weight) for place, one in enumerate(region.kelurahan) if one.kecamatan_code == code]
        here, whole = chosen == index, region.weights[code]
        inside = draws.pick(rows[here, 1], [weight / whole for _, weight in own])
        found[here] = np.array([place for place, _ in own])[inside]
    return found


def kecamatan_shares(region: Region) -> list[float]:
    """Return the share of each kecamatan in the weight of the region."""
    total = sum(region.weights.values())
    return [weight / total for weight in region.weights.values()]
