"""Who comes and when: the backlog, field visits, the mobile unit and the counter."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.calendar import Calendar
from lembur.domain.card import Priority, Stream
from lembur.domain.scenario import Scenario, load
from lembur.domain.time import HOUR_MS, day_of, moment_ms
from lembur.domain.world import Arrival, arrivals_between, opening_backlog
from support.zones import JAKARTA

SOLO = load("solo-2016")
STARTS_MS, ENDS_MS = moment_ms(SOLO.starts), moment_ms(SOLO.ends)
ALL = {"after_ms": STARTS_MS, "before_ms": ENDS_MS}


def playing(**changes: Any) -> Scenario:
    """Build three weeks of Solo in which only what is given arrives."""
    month = {"starts": datetime(2016, 8, 1, 7, 30, tzinfo=JAKARTA), "ends": datetime(2016, 8, 22, tzinfo=JAKARTA)}
    overtime: dict[str, Any] = {"overtime": []}
    return Scenario.model_validate(SOLO.model_dump() | month | overtime | {"arrivals": changes})


def everybody(scenario: Scenario, seed: int = 1) -> list[Arrival]:
    """Tell all who arrive in a scenario."""
    return arrivals_between(scenario, seed, after_ms=moment_ms(scenario.starts), before_ms=moment_ms(scenario.ends))


def hour_of(moment: int) -> float:
    """Tell the time of day in hours."""
    at = datetime.fromtimestamp(moment / 1000, JAKARTA)
    return at.hour + at.minute / 60 + at.second / 3600


def test_the_backlog_was_recorded_evenly_over_the_working_days_before() -> None:
    """2,822 cards over nine working days, inside the opening hours, the oldest first."""
    waiting = opening_backlog(SOLO, 1)
    by_day = Counter(day_of(card.recorded_ms, JAKARTA) for card in waiting)

    assert len(waiting) == 2822
    assert [card.number for card in waiting] == list(range(1, 2823))
    assert waiting == sorted(waiting, key=lambda card: card.recorded_ms)
    assert len(by_day) == 9
    assert set(by_day.values()) <= {313, 314}
    assert all(Calendar.of(SOLO).is_working_day(day) for day in by_day)
    assert all(7.5 <= hour_of(card.recorded_ms) < 16 for card in waiting)


def test_a_backlog_ready_to_print_belongs_to_holders_of_prr() -> None:
    """Cards that still must be verified are first issues like any other."""
    unseen = SOLO.model_copy(update={"backlog": SOLO.backlog.model_copy(update={"status": "BIO_CAPTURED"})})

    assert {card.priority for card in opening_backlog(SOLO, 1)} == {Priority.PRINT_READY}
    assert {card.priority for card in opening_backlog(unseen, 1)} == {Priority.FIRST_TIME}


def test_cards_come_from_the_kecamatan_by_their_people() -> None:
    """The register of 2012: Banjarsari has 31.7 % of the people, Serengan 9.7 %."""
    large = SOLO.model_copy(update={"backlog": SOLO.backlog.model_copy(update={"cards": 50_000})})
    waiting = opening_backlog(large, 1)
    by_kecamatan = Counter(card.kelurahan_code[:8] for card in waiting)

    assert {code: many / 50_000 for code, many in by_kecamatan.items()} == pytest.approx(
        {
            "33.72.01": 97056 / 545653,
            "33.72.02": 52998 / 545653,
            "33.72.03": 83353 / 545653,
            "33.72.04": 139101 / 545653,
            "33.72.05": 173145 / 545653,
        },
        abs=0.006,
    )
    assert len({card.kelurahan_code for card in waiting}) == 51


@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(STARTS_MS, ENDS_MS), st.integers(0, 48 * HOUR_MS))
def test_who_arrives_does_not_depend_on_the_window(seed: int, after_ms: int, length_ms: int) -> None:
    """A window cuts out of the whole: same people, same numbers, half-open."""
    before_ms = after_ms + length_ms

    assert arrivals_between(SOLO, seed, after_ms=after_ms, before_ms=before_ms) == [
        arrival for arrival in arrivals_between(SOLO, seed, **ALL) if after_ms <= arrival.recorded_ms < before_ms
    ]


def test_numbers_go_on_from_the_backlog_in_order_of_time() -> None:
    """The running number is the person's, and later people have higher ones."""
    coming = arrivals_between(SOLO, 1, **ALL)

    assert [arrival.number for arrival in coming] == list(range(2823, 2823 + len(coming)))
    assert coming == sorted(coming, key=lambda arrival: arrival.recorded_ms)


def test_seeds_have_arrivals_of_their_own() -> None:
    """The same seed brings the same people, another seed others."""
    assert arrivals_between(SOLO, 1, **ALL) == arrivals_between(SOLO, 1, **ALL)
    assert arrivals_between(SOLO, 1, **ALL) != arrivals_between(SOLO, 2, **ALL)


def test_nobody_comes_after_the_end_of_arrivals() -> None:
    """Arrivals stop at `until`, here at the end of Friday."""
    assert {day_of(arrival.recorded_ms, JAKARTA) for arrival in arrivals_between(SOLO, 1, **ALL)} == {
        date(2016, 8, 25),
        date(2016, 8, 26),
    }


def test_solo_brings_142_cards_ready_to_print_a_day() -> None:
    """120 recorded a day times the verdicts, and 25 replacements: what the target of 1,553 a day leaves room for."""
    share = next(iter(SOLO.centre.verdicts.values()))
    streams = Counter(arrival.stream for seed in range(60) for arrival in arrivals_between(SOLO, seed, **ALL))
    recorded, replaced = (streams[stream] / 60 / 2 for stream in (Stream.FIRST_ISSUE, Stream.REPLACEMENT))

    assert recorded == pytest.approx(120, abs=4)
    assert replaced == pytest.approx(25, abs=2.5)
    assert recorded * share + replaced == pytest.approx(142, abs=5)


def visit(**changes: Any) -> dict[str, Any]:
    """Write a table of field visits."""
    table = {
        "what": "kelurahan",
        "days": ["mon", "tue", "wed"],
        "opens": "08:00",
        "closes": "12:00",
        "records_a_day": 40,
    }
    return table | changes


def test_kelurahan_are_visited_in_turn_two_a_day() -> None:
    """Monday to Wednesday, 20 people each, the next two every day; the holiday of Wednesday 17 August has no visit."""
    people = everybody(playing(visits=[visit()]))
    by_day: dict[date, Counter[str]] = {}
    for arrival in people:
        by_day.setdefault(day_of(arrival.recorded_ms, JAKARTA), Counter())[arrival.kelurahan_code] += 1

    assert sorted(day.day for day in by_day) == [1, 2, 3, 8, 9, 10, 15, 16]
    assert all(set(places.values()) == {20} and len(places) == 2 for places in by_day.values())
    assert len({code for places in by_day.values() for code in places}) == 16
    assert sorted(by_day[date(2016, 8, 1)]) == ["33.72.01.1001", "33.72.01.1002"]
    assert all(8 <= hour_of(arrival.recorded_ms) < 12 for arrival in people)
    assert {arrival.priority for arrival in people} == {Priority.FIRST_TIME}


def test_after_the_last_kelurahan_the_first_is_visited_again() -> None:
    """51 kelurahan at 30 a day: the second day begins with the 31st and comes round to the ninth."""
    people = everybody(playing(visits=[visit(places_a_day=30, records_a_day=30)]))
    second = {arrival.kelurahan_code for arrival in people if day_of(arrival.recorded_ms, JAKARTA) == date(2016, 8, 2)}

    assert len(second) == 30
    assert {"33.72.01.1001", "33.72.01.1009", "33.72.05.1013"} < second
    assert "33.72.01.1010" not in second


def test_the_mobile_unit_meets_people_of_the_whole_city_on_sundays() -> None:
    """Car Free Day is no working day, and people from everywhere come."""
    people = everybody(
        playing(visits=[visit(what="mobile", days=["sun"], opens="06:00", closes="09:00", records_a_day=500)])
    )

    assert {day_of(arrival.recorded_ms, JAKARTA).day for arrival in people} == {7, 14, 21}
    assert len({arrival.kelurahan_code for arrival in people}) == 51
    assert all(6 <= hour_of(arrival.recorded_ms) < 9 for arrival in people)


def test_a_season_limits_visits_and_requests() -> None:
    """From its first day to its last, both included."""
    season = {"first_day": "2016-08-02", "last_day": "2016-08-09"}
    counter = {"stream": "replacement", "requests_a_day": 100} | season
    people = everybody(playing(visits=[visit(**season)], counter=[counter]))
    days = {stream: {day_of(a.recorded_ms, JAKARTA).day for a in people if a.stream is stream} for stream in Stream}

    assert days[Stream.FIRST_ISSUE] == {2, 3, 8, 9}
    assert days[Stream.REPLACEMENT] == {2, 3, 4, 5, 8, 9}


def test_counter_requests_are_poisson_by_hour() -> None:
    """Mean and variance of a day are the figure, and the hours have their shares; Friday's noon goes to other hours."""
    by_hour = {"8": 0.5, "12": 0.1, "13": 0.4}
    scenario = playing(counter=[{"stream": "replacement", "requests_a_day": 100, "by_hour": by_hour}])
    people = [arrival for seed in range(20) for arrival in everybody(scenario, seed)]
    counts = list(
        Counter(
            (seed, day_of(a.recorded_ms, JAKARTA)) for seed in range(20) for a in everybody(scenario, seed)
        ).values()
    )
    mean = sum(counts) / len(counts)
    hours = Counter(int(hour_of(arrival.recorded_ms)) for arrival in people)

    assert mean == pytest.approx(100, abs=2.5)
    assert sum((count - mean) ** 2 for count in counts) / len(counts) == pytest.approx(100, rel=0.25)
    assert set(hours) == {8, 13}
    assert hours[8] / len(people) == pytest.approx(0.5 / 0.9, abs=0.01)
    assert len(people) / 20 == pytest.approx(14 * 100, rel=0.02)
    assert {arrival.priority for arrival in people} == {Priority.REPLACEMENT}


def test_requests_without_hours_come_evenly_while_the_office_is_open() -> None:
    """Nobody comes in the break or on days off."""
    people = everybody(playing(counter=[{"stream": "first_issue", "requests_a_day": 2000}]))
    calendar = Calendar.of(SOLO)
    parts = [part for day in {day_of(a.recorded_ms, JAKARTA) for a in people} for part in calendar.open_parts(day)]

    assert all(any(part.start_ms <= a.recorded_ms < part.end_ms for part in parts) for a in people)
    monday = [hour_of(a.recorded_ms) for a in people if day_of(a.recorded_ms, JAKARTA).day == 8]
    assert sum(hour < 12 for hour in monday) / len(monday) == pytest.approx(4.5 / 7.5, abs=0.04)


def test_who_would_have_come_before_the_start_does_not_come() -> None:
    """A scenario that starts at noon has the afternoon's people only."""
    noon = playing(counter=[{"stream": "first_issue", "requests_a_day": 500}]).model_copy(
        update={"starts": datetime(2016, 8, 1, 13, tzinfo=JAKARTA)}
    )

    assert min(hour_of(a.recorded_ms) for a in everybody(noon) if day_of(a.recorded_ms, JAKARTA).day == 1) >= 13


def test_nobody_comes_where_nothing_is_said() -> None:
    """An office without visits, counter and backlog is empty, and so is a visit of nobody."""
    empty = playing(visits=[visit(records_a_day=0)], counter=[{"stream": "replacement", "requests_a_day": 0}])
    none = empty.model_copy(update={"backlog": SOLO.backlog.model_copy(update={"cards": 0})})

    assert everybody(empty) == []
    assert opening_backlog(none, 1) == []


def test_the_rush_grows_to_600_a_day() -> None:
    """120 a day before 10 September 2016, 600 after the 20th."""
    coming = Counter(day_of(a.recorded_ms, JAKARTA) for a in everybody(load("rush")) if a.stream is Stream.FIRST_ISSUE)

    assert coming[date(2016, 9, 6)] == pytest.approx(120, abs=45)
    assert coming[date(2016, 9, 22)] == pytest.approx(600, abs=100)
