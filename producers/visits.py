"""Visits to kelurahan: their schedule, and the date when all people who must hold a card are recorded."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain import world
from lembur.domain.card import Stream
from lembur.domain.errors import SettingsError
from lembur.domain.time import WEEKDAYS, at_ms, day_of, time_of_day
from lembur.ledger.queries.history import count_recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, tzinfo
    from pathlib import Path

    from numpy.typing import NDArray

    from lembur.domain.scenario import Kelurahan, Scenario, Visits
    from lembur.ledger import Ledger
    from lembur.ledger.queries.archive import ArchiveReader
    from lembur.office import OfficeSetup

LONGEST_DAYS: Final = 730
"""Days within which the end of recording is looked for."""
WORLDS: Final = 400
QUANTILES: Final = (0.5, 0.9)
INVITATION: Final = ("number", "date", "from", "kelurahan_code", "kelurahan", "kecamatan", "name")
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: its hours, its kelurahan with the records expected in each, or a mobile unit for the whole city."""

    day: date
    opens_ms: int
    closes_ms: int
    places: tuple[tuple[Kelurahan, int], ...]
    records: int


@dataclass(frozen=True, slots=True)
class Recording:
    """People of a kelurahan: obliged to hold a card, and recorded by a moment (None: not in the region file)."""

    kelurahan: Kelurahan
    obliged: int | None
    recorded: int | None

    @property
    def missing(self) -> int | None:
        """People who must still be recorded."""
        return None if self.obliged is None or self.recorded is None else max(0, self.obliged - self.recorded)


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """The schedule from a day on, and its end.

    `visited` is the day on which the last kelurahan is visited. `complete` holds the days on which all are recorded,
    P50 and P90 (None: not within two years); it is empty where the region file does not have the figures.
    """

    visits: tuple[Visit, ...]
    recordings: tuple[Recording, ...]
    visited: date | None
    complete: tuple[date | None, ...]


def suppose_visits(scenario: Scenario, text: str) -> Scenario:
    """Change the visits: '3 places a day' where there are several, or '2 teams' that go out at the same time.

    The words may stand in any order, and commas join changes. Each place brings as many records as before (assumed).
    """
    for part in text.split(","):
        scenario = _suppose(scenario, *_read_change(part, text))
    return scenario


def _read_change(part: str, text: str) -> tuple[str, int]:
    """Read a kind of change and its number."""
    words = part.lower().replace("a day", "").split()
    what, number = sorted(words, key=str.isdecimal) if len(words) == 2 else ("", "")  # noqa: PLR2004
    if what not in {"places", "teams"} or not number.isdecimal() or int(number) < 1:
        raise SettingsError(
            "a change of the visits must be like 'places 3' or 'teams 2', from 1 on, not '%(text)s'", text=text
        )
    return what, int(number)


def _suppose(scenario: Scenario, what: str, number: int) -> Scenario:
    several = max((one.places_a_day for one in scenario.arrivals.visits if one.what == "kelurahan"), default=0)

    def change(one: Visits) -> Visits:
        if one.what != "kelurahan" or (what == "places" and one.places_a_day < several):
            return one
        places = number if what == "places" else one.places_a_day * number
        records = round(one.records_a_day * places / one.places_a_day)
        return one.model_copy(update={"places_a_day": places, "records_a_day": records})

    arrivals = scenario.arrivals.model_copy(update={"visits": tuple(map(change, scenario.arrivals.visits))})
    return scenario.model_copy(update={"arrivals": arrivals})


def plan_visits(scenario: Scenario, now_ms: int, came: Mapping[str, int]) -> VisitPlan:
    """Plan the visits from now on, in the rhythm of the scenario, until all kelurahan are visited and all recorded.

    `came` holds the first issues recorded since the scenario's start, by the code of their kelurahan.
    """
    if not any(one.what == "kelurahan" for one in scenario.arrivals.visits):
        raise SettingsError("%(name)s has no [[arrivals.visits]]: docs/scenario.md explains them", name=scenario.name)
    today, going_on = day_of(now_ms, scenario.zone), _extend(scenario)
    every = list(_schedule(going_on))
    recordings = tuple(
        Recording(one, one.obliged, None if one.recorded is None else one.recorded + came.get(one.code, 0))
        for one in scenario.region.kelurahan
    )
    ahead = [visit for visit in every if visit.day >= today]
    complete = _completion(going_on, recordings, ahead, today)
    visited = _last_first_visit(every, len(scenario.region.kelurahan))
    until = max(filter(None, (visited, *complete, today)))
    return VisitPlan(tuple(visit for visit in ahead if visit.day <= until), recordings, visited, complete)


def _extend(scenario: Scenario) -> Scenario:
    """Let the scenario's visits and counters go on after its end."""
    ends = scenario.starts + timedelta(days=LONGEST_DAYS)
    return scenario.model_copy(update={"ends": ends, "arrivals": scenario.arrivals.model_copy(update={"until": None})})


def _schedule(scenario: Scenario) -> Iterator[Visit]:
    """Yield all visits by day. Each kind of visit has its turn of the kelurahan, as the feed records them."""
    found = []
    for visits in scenario.arrivals.visits:
        days = [day for day in world.source_days(scenario, visits) if WEEKDAYS[day.weekday()] in visits.days]
        found += [_visit(scenario, visits, turn, day) for turn, day in enumerate(days)]
    yield from sorted(found, key=lambda visit: visit.opens_ms)


def _visit(scenario: Scenario, visits: Visits, turn: int, day: date) -> Visit:
    opens, closes = (at_ms(day, at, scenario.zone) for at in (visits.opens, visits.closes))
    kelurahan, many = scenario.region.kelurahan, visits.places_a_day
    first, records = turn * visits.records_a_day, visits.records_a_day
    shares = [sum(record % many == place for record in range(first, first + records)) for place in range(many)]
    places = tuple((kelurahan[(turn * many + place) % len(kelurahan)], shares[place]) for place in range(many))
    return Visit(day, opens, closes, places if visits.what == "kelurahan" else (), visits.records_a_day)


def _last_first_visit(every: Sequence[Visit], count: int) -> date | None:
    seen: set[str] = set()
    for visit in every:
        seen.update(place.code for place, _ in visit.places)
        if len(seen) == count:
            return visit.day
    return None


def invented_first_issues(scenario: Scenario, seed: int, now_ms: int) -> Counter[str]:
    """Count the first issues that the feed of a demonstration has brought, by kelurahan."""
    came = world.arrivals_between(scenario, seed, after_ms=0, before_ms=now_ms)
    return Counter(one.kelurahan_code for one in came if one.stream is Stream.FIRST_ISSUE)


def count_first_issues(
    ledger: Ledger, setup: OfficeSetup, now_ms: int, archive: ArchiveReader | None = None
) -> Counter[str]:
    """Count the first issues of an open office since its start, by kelurahan; those of its archive too, if given."""
    if setup.scenario.demonstration:
        return invented_first_issues(setup.scenario, setup.seed, now_ms)
    return count_recorded(ledger, setup.starts_ms, archive)


def _completion(
    scenario: Scenario, recordings: Sequence[Recording], ahead: Sequence[Visit], today: date
) -> tuple[date | None, ...]:
    """Return the days on which no person is missing, P50 and P90 over random numbers of people who come."""
    missing = [one.missing for one in recordings]
    if None in missing:
        return ()
    left = np.tile(np.array(missing, dtype=np.int64), (WORLDS, 1))
    done = np.full(WORLDS, -1)
    chance = np.random.Generator(np.random.Philox(scenario.seed))
    index = {one.kelurahan.code: place for place, one in enumerate(recordings)}
    visits: dict[date, list[Visit]] = {}
    for visit in ahead:
        visits.setdefault(visit.day, []).append(visit)
    counters = _counter_means(scenario)
    for number in range(LONGEST_DAYS):
        day = today + timedelta(days=number)
        done[(done < 0) & (left.sum(axis=1) == 0)] = number - 1
        if (done >= 0).all():
            break
        for visit in visits.get(day, []):
            for place, records in visit.places:
                column = index[place.code]
                left[:, column] -= np.minimum(left[:, column], chance.poisson(records, WORLDS))
            if not visit.places:
                _record_anywhere(left, chance, visit.records)
        _record_anywhere(left, chance, counters.get(day, 0.0))
    found = np.sort(np.where(done < 0, LONGEST_DAYS, np.maximum(done, 0)))
    at = [int(found[int(np.ceil(share * WORLDS)) - 1]) for share in QUANTILES]
    return tuple(today + timedelta(days=days) if days < LONGEST_DAYS else None for days in at)


def _counter_means(scenario: Scenario) -> dict[date, float]:
    """Return the expected first issues at the counter by day."""
    found: dict[date, float] = {}
    for counter in scenario.arrivals.counter:
        if counter.stream == "first_issue":
            edges, expected = world.expected_requests(scenario, counter)
            for at, before, after in zip(edges[1:], expected, expected[1:], strict=False):
                day = day_of(at - 1, scenario.zone)
                found[day] = found.get(day, 0.0) + after - before
    return found


def _record_anywhere(left: NDArray[np.int64], chance: np.random.Generator, mean: float) -> None:
    """Record people of the whole city, each kelurahan by those missing there."""
    total = left.sum(axis=1)
    count = np.minimum(chance.poisson(mean, len(left)), total)
    shares = left / np.maximum(total, 1)[:, None]
    shares[total == 0, 0] = 1.0
    left -= np.minimum(left, chance.multinomial(count, shares))


def write_invitations(plan: VisitPlan, folder: Path, zone: tzinfo) -> list[Path]:
    """Write a CSV for each kelurahan and date: one appointment a row, without NIK; the office enters the names."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for visit in plan.visits:
        for kelurahan, records in visit.places:
            path = folder / f"{visit.day}-{kelurahan.code}.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(INVITATION)
                rows.writerows(_appointment(visit, kelurahan, turn, records, zone) for turn in range(records))
            found.append(path)
    return found


def _appointment(visit: Visit, kelurahan: Kelurahan, turn: int, records: int, zone: tzinfo) -> tuple[str, ...]:
    length = (visit.closes_ms - visit.opens_ms) // records
    begins = time_of_day(visit.opens_ms + turn * length, zone)
    names = (kelurahan.code, _plain(kelurahan.name), _plain(kelurahan.kecamatan))
    return (str(turn + 1), f"{visit.day}", begins, *names, "")


def _plain(text: str) -> str:
    """Return a typed text as one that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS else text
