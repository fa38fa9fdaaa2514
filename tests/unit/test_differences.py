"""The differences between an office's scenario and its edited one: each in a line, and a reason where it cannot be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lembur.domain.scenario import Backlog, OvertimeOrder, Scenario, find_differences, load, preset
from support.zones import JAKARTA

NOW = datetime(2016, 9, 1, 10, tzinfo=JAKARTA)
SOLO = load("solo-2016").model_copy(update={"demonstration": False, "backlog": Backlog(cards=0), "overtime": ()})


def edited(**tables: Any) -> Scenario:
    """Return the scenario with some of its tables replaced."""
    return SOLO.model_copy(update=tables)


def lines(after: Scenario, before: Scenario = SOLO) -> list[str]:
    """List the differences as a person reads them."""
    return [str(one) for one in find_differences(before, after, NOW)]


def refusals(after: Scenario, before: Scenario = SOLO) -> dict[str, str]:
    """Return the reason of each refused difference by its path."""
    return {one.path: one.refusal for one in find_differences(before, after, NOW) if one.refusal}


def stations(**changes: Any) -> Scenario:
    """Return the scenario with a changed first station."""
    return edited(stations=(SOLO.stations[0].model_copy(update=changes), *SOLO.stations[1:]))


def test_the_same_scenario_has_no_difference() -> None:
    """Also after it was kept as JSON, as the ledger keeps it."""
    assert lines(Scenario.model_validate(SOLO.model_dump(mode="json"))) == []


def test_a_difference_has_the_old_and_the_new_value() -> None:
    """Closed days one by one, and another policy of pay field by field."""
    hours = SOLO.hours.model_copy(update={"sla_days": 5, "closed": (date(2016, 9, 2), date(2016, 9, 5))})

    assert lines(edited(hours=hours)) == [
        "hours.closed: - -> 2016-09-02",
        "hours.closed: - -> 2016-09-05",
        f"hours.sla_days: {SOLO.hours.sla_days} -> 5",
    ]
    assert "overtime_pay.name: civil-ii -> civil-iii" in lines(edited(overtime_pay=preset("civil-iii")))
    assert refusals(edited(hours=hours, overtime_pay=preset("civil-iii"))) == {}


def test_a_new_station_is_one_line() -> None:
    """With the fields that have a value."""
    new = SOLO.stations[0].model_copy(update={"code": "loket-9", "name": "Loket 9", "serves": {}})

    found = lines(edited(stations=(*SOLO.stations, new)))

    assert len(found) == 1
    assert found[0].startswith("stations.loket-9: - -> code loket-9, name Loket 9, printers ")


@pytest.mark.parametrize(
    ("after", "path", "words"),
    [
        (edited(name="klaten"), "name", "reports and plans carry it"),
        (edited(time_zone="Asia/Makassar"), "time_zone", "zone"),
        (edited(starts=SOLO.starts - timedelta(days=1)), "starts", "past"),
        (edited(ends=NOW - timedelta(hours=1)), "ends", "give a later end"),
        (edited(seed=SOLO.seed + 1), "seed", "demonstrations"),
        (edited(stations=SOLO.stations[1:]), f"stations.{SOLO.stations[0].code}", "stay in the books"),
        (edited(stations=SOLO.stations[::-1]), "stations (order)", "behind the others"),
        (stations(blanks=1), f"stations.{SOLO.stations[0].code}.blanks", "lembur stock"),
        (
            edited(centre=SOLO.centre.model_copy(update={"device": "http", "address": "https://centre.example"})),
            "centre.device",
            "another office",
        ),
        (
            edited(hours=SOLO.hours.model_copy(update={"closed": (date(2016, 8, 31),)})),
            "hours.closed",
            "2016-08-31 is past",
        ),
        (
            edited(region=SOLO.region.model_copy(update={"kelurahan": SOLO.region.kelurahan[1:]})),
            f'region.kelurahan."{SOLO.region.kelurahan[0].code}"',
            "leave its row",
        ),
    ],
)
def test_a_change_that_the_ledger_could_not_bear_is_refused(after: Scenario, path: str, words: str) -> None:
    """The past, the code, the stock, the work in hand: one clear reason each."""
    assert words in refusals(after)[path]


def test_another_city_is_another_office() -> None:
    """One line, and not one for each kelurahan."""
    moved = SOLO.region.kelurahan[0].model_copy(update={"code": "53.71.01.1001"})

    [one] = find_differences(SOLO, edited(region=SOLO.region.model_copy(update={"kelurahan": (moved,)})), NOW)

    assert (one.path, one.before, one.after) == ("region", "city 3372", "city 5371")
    assert "the office's code" in one.refusal


def order(day: int) -> OvertimeOrder:
    """Return an order of a day in September."""
    return OvertimeOrder.model_validate(
        {"station": "all", "day": date(2016, 9, day), "opens": "16:00", "closes": "20:00", "by": "Sri", "reason": "x"}
    )


@pytest.mark.parametrize(("day", "past"), [(1, False), (2, False)])
def test_written_overtime_of_today_may_change(day: int, past: bool) -> None:  # noqa: FBT001 - a case
    """It is no day of the past yet."""
    assert bool(refusals(edited(overtime=(order(day),)))) is past


def test_written_overtime_of_yesterday_stays() -> None:
    """Neither removed nor added later."""
    yesterday = order(1).model_copy(update={"day": date(2016, 8, 31)})

    assert "2016-08-31 is past" in refusals(edited(overtime=(yesterday,)))["overtime"]
    assert "2016-08-31 is past" in refusals(SOLO, edited(overtime=(yesterday,)))["overtime"]


def test_more_kelurahan_and_a_longer_end_are_allowed() -> None:
    """A city grows, and an office goes on."""
    last = SOLO.region.kelurahan[-1]
    more = last.model_copy(update={"code": f"{last.code[:-1]}9", "name": "Baru"})
    region = SOLO.region.model_copy(update={"kelurahan": (*SOLO.region.kelurahan, more)})

    assert refusals(edited(region=region, ends=SOLO.ends + timedelta(days=365))) == {}
