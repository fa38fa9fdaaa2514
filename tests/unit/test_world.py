"""The world of a scenario: open seats, rates, prints, answers and routes, the same for whoever asks."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain import draws as chance
from lembur.domain import world
from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import CENTRE, SeatOrder, StationCode, Step, Window, seat_ms
from lembur.domain.time import HOUR_MS, at_ms, moment_ms
from support.zones import JAKARTA

SOLO = load("solo-2016")
STARTS_MS, ENDS_MS = moment_ms(SOLO.starts), moment_ms(SOLO.ends)
DINAS, SERENGAN, BANJARSARI = (StationCode(code) for code in ("dinas", "serengan", "banjarsari"))
THURSDAY = date(2016, 8, 25)
STATIONS = st.sampled_from([StationCode(station.code) for station in SOLO.stations])


def changed(**changes: Any) -> Scenario:
    """Take Solo with whole tables replaced."""
    return Scenario.model_validate(SOLO.model_dump() | changes)


STURDY = changed(printing=SOLO.printing.model_dump() | {"breakdown_every_h": 0.0})


def at(hour: int, minute: int = 0, day: date = THURSDAY) -> int:
    """Tell a moment by the wall clock in Jakarta."""
    return at_ms(day, time(hour, minute), JAKARTA)


def seats_at(steps: list[Step], moment: int) -> int:
    """Tell the open seats at a moment."""
    return [step.seats for step in steps if step.at_ms <= moment][-1]


def test_overtime_orders_open_every_printer_of_every_station() -> None:
    """All stations and all printers are written out: six stations, two days, in the file's order."""
    orders = world.overtime_orders(SOLO)

    assert len(orders) == 12
    assert orders[0] == SeatOrder(
        DINAS, 2, at(7, 30), at(21, 30), "Kepala Dinas", "2,822 cards ready to print: to be gone in two days"
    )
    assert sum(order.seats for order in orders) == 24


def test_seats_follow_overtime_breaks_and_regular_hours() -> None:
    """All printers on Thursday and Friday until 21:30, nobody in the breaks, one regular seat on Monday."""
    steps = world.station_steps(STURDY, 1, BANJARSARI, until_ms=ENDS_MS)
    monday = date(2016, 8, 29)
    friday = date(2016, 8, 26)

    told = {
        at(7, 29): 0, at(7, 30): 3, at(12, 0): 0, at(13, 0): 3, at(21, 29): 3, at(21, 30): 0,
        at(11, 29, friday): 3, at(11, 30, friday): 0, at(13, 0, friday): 3,
        at(10, 0, date(2016, 8, 27)): 0, at(7, 30, monday): 1, at(12, 30, monday): 0, at(16, 0, monday): 0,
    }  # fmt: skip
    assert {moment: seats_at(steps, moment) for moment in told} == told


def test_orders_given_later_win_and_other_stations_orders_do_not_count() -> None:
    """A live order changes its own station from its moment on until it ends by itself."""
    live = [
        SeatOrder(BANJARSARI, 1, at(9), at(10), "head", "rest"),
        SeatOrder(DINAS, 0, at(9), at(10), "head", "rest"),
    ]
    steps = world.station_steps(STURDY, 1, BANJARSARI, until_ms=ENDS_MS, orders=live)

    assert [seats_at(steps, moment) for moment in (at(8, 59), at(9), at(10))] == [3, 1, 3]


def test_overtime_on_a_day_off_has_a_break_too() -> None:
    """The mass day is a Saturday: every desk from seven to five but for the hour at noon."""
    mass = load("mass-day")
    steps = world.station_steps(mass, 1, StationCode("desk-01"), until_ms=moment_ms(mass.ends))
    saturday = Window(at(0, 0, date(2018, 9, 15)), at(23, 59, date(2018, 9, 15)))

    assert seat_ms(steps, saturday) == 9 * HOUR_MS


def test_the_lines_to_the_centre_are_always_open() -> None:
    """Day and night, whatever the office's hours; an order may close some."""
    order = SeatOrder(CENTRE, 2, at(9), at(10), "head", "network")

    assert world.station_steps(SOLO, 1, CENTRE, until_ms=ENDS_MS) == [Step(0, 8)]
    steps = world.station_steps(SOLO, 1, CENTRE, until_ms=ENDS_MS, orders=[order])
    assert [seats_at(steps, moment) for moment in (at(3), at(9), at(10))] == [8, 2, 8]


def test_a_printer_under_repair_closes_its_seat() -> None:
    """Wherever a repair of the only printer falls, no seat is open."""
    every = changed(printing=SOLO.printing.model_dump() | {"breakdown_every_h": 3.0})
    steps = world.station_steps(every, 1, SERENGAN, until_ms=ENDS_MS)
    repairs = world.repairs(every, 1, SERENGAN, until_ms=ENDS_MS)

    assert len(repairs) > 5
    assert all(seats_at(steps, repair.start_ms) == 0 for repair in repairs)
    assert all(seats_at(steps, repair.end_ms - 1) == 0 for repair in repairs)


@settings(max_examples=25)
@given(STATIONS, st.integers(0, 5), st.integers(0, 5 * 24 * HOUR_MS))
def test_repairs_do_not_depend_on_how_far_one_looks(station: StationCode, seed: int, ahead: int) -> None:
    """A shorter look sees the same repairs, those that begin inside it."""
    near, far = STARTS_MS + ahead, STARTS_MS + 400 * 24 * HOUR_MS

    assert world.repairs(SOLO, seed, station, until_ms=near) == [
        repair for repair in world.repairs(SOLO, seed, station, until_ms=far) if repair.start_ms < near
    ]


def test_printers_break_down_every_40_hours_and_are_repaired_in_one_and_a_half() -> None:
    """Means over ten years of twelve printers, drawn printer by printer; a printer is never repaired twice at once."""
    long = STARTS_MS + 10 * 365 * 24 * HOUR_MS
    repairs = world.repairs(SOLO, 1, SERENGAN, until_ms=long)
    up = [after.start_ms - one.end_ms for one, after in pairwise(repairs)]
    draws = chance.uniforms(1, "repair/serengan/0", 0, 1)[0]

    assert np.mean(up) / HOUR_MS == pytest.approx(40, rel=0.05)
    assert np.mean([repair.end_ms - repair.start_ms for repair in repairs]) / HOUR_MS == pytest.approx(1.5, rel=0.05)
    assert min(up) >= 0
    assert repairs[0].start_ms == STARTS_MS + round(-np.log(draws[0]) * 40 * HOUR_MS)
    assert world.repairs(STURDY, 1, SERENGAN, until_ms=long) == []


@settings(max_examples=30)
@given(STATIONS, st.integers(0, 5), st.integers(0, 100_000), st.integers(0, 30), st.integers(1, 30))
def test_a_print_belongs_to_its_position(station: StationCode, seed: int, first: int, skipped: int, count: int) -> None:
    """Whoever asks for the n-th print of a station, alone or in a lot, gets the same."""
    lot = world.prints(SOLO, seed, station, first, skipped + count)
    later = world.prints(SOLO, seed, station, first + skipped, count)

    for name in ("work_ms", "extra_ms", "spoiled", "reason_index"):
        assert np.array_equal(getattr(lot, name)[skipped:], getattr(later, name))


def test_two_in_a_hundred_prints_are_spoiled_for_the_reasons_given() -> None:
    """The reasons have their shares, and a good print has none."""
    drawn = world.prints(SOLO, 1, DINAS, 0, 100_000)
    reasons = np.bincount(drawn.reason_index[drawn.spoiled], minlength=4) / drawn.spoiled.sum()

    assert drawn.spoiled.mean() == pytest.approx(0.02, abs=0.002)
    assert reasons == pytest.approx(list(SOLO.printing.spoil_reasons.values()), abs=0.04)
    assert set(drawn.reason_index[~drawn.spoiled].tolist()) == {-1}


def test_a_station_may_spoil_more_than_the_others() -> None:
    """In hot-printer the one printer of Serengan spoils 5 %."""
    hot = load("hot-printer")

    assert world.prints(hot, 1, SERENGAN, 0, 50_000).spoiled.mean() == pytest.approx(0.05, abs=0.005)
    assert world.prints(hot, 1, DINAS, 0, 50_000).spoiled.mean() == pytest.approx(0.02, abs=0.005)


def test_rest_and_ribbon_come_after_every_so_many_prints() -> None:
    """The 50th print rests 300 s, the 500th changes the ribbon besides, and the others take no extra time."""
    extra = world.prints(SOLO, 1, DINAS, 0, 1000).extra_ms

    assert extra[49] == 300_000
    assert extra[499] == 300_000 + 180_000
    assert np.count_nonzero(extra) == 20
    assert world.prints(load("mass-day"), 1, StationCode("desk-01"), 0, 499).extra_ms.sum() == 0


def test_a_regular_seat_makes_105_cards_in_its_day() -> None:
    """The pace of solo-2016: 315 cards a day are three seats of 7.5 hours."""
    drawn = world.prints(SOLO, 1, DINAS, 0, 100_000)
    card_s = drawn.work_ms.mean() / 1000 / SOLO.printing.pace[0].speed + drawn.extra_ms.mean() / 1000

    assert 7.5 * 3600 / card_s == pytest.approx(105, rel=0.01)


@settings(max_examples=30)
@given(st.integers(0, 5), st.integers(0, 100_000), st.integers(0, 30), st.integers(1, 30))
def test_an_answer_belongs_to_its_position(seed: int, first: int, skipped: int, count: int) -> None:
    """Whoever asks for the centre's n-th answer gets the same."""
    lot = world.answers(SOLO, seed, first, skipped + count)
    later = world.answers(SOLO, seed, first + skipped, count)

    assert np.array_equal(lot.work_ms[skipped:], later.work_ms)
    assert np.array_equal(lot.verdict_index[skipped:], later.verdict_index)


def test_verdicts_come_in_their_mix() -> None:
    """1.08 % duplicates, in the file's order of verdicts."""
    index = world.answers(SOLO, 1, 0, 200_000).verdict_index

    assert np.bincount(index) / 200_000 == pytest.approx(list(SOLO.centre.verdicts.values()), abs=0.001)


def speed_at(scenario: Scenario, moment: int) -> float:
    """Tell the centre's speed at a moment from how long a millisecond's work takes."""
    return 1_000 / (world.centre_rate(scenario).end_ms(moment, 1_000) - moment)


def test_the_centre_follows_its_profile_every_day_and_its_spells() -> None:
    """Slower at mid-morning, the spell of Friday on top of it, and the evening's speed overnight."""
    friday = date(2016, 8, 26)

    assert speed_at(SOLO, at(8)) == pytest.approx(1.0, rel=0.01)
    assert speed_at(SOLO, at(10)) == pytest.approx(0.7, rel=0.01)
    assert speed_at(SOLO, at(10, 0, friday)) == pytest.approx(0.3 * 0.7, rel=0.01)
    assert speed_at(SOLO, at(11, 0, friday)) == pytest.approx(0.7, rel=0.01)
    assert speed_at(SOLO, at(12, 0, date(2016, 10, 20))) == pytest.approx(0.9, rel=0.01)


def test_before_the_days_first_entry_yesterdays_last_one_holds() -> None:
    """A profile without midnight is a circle."""
    profile = [{"at": time(8), "speed": 0.5}, {"at": time(17), "speed": 2.0}]
    scenario = changed(centre=SOLO.centre.model_dump() | {"profile": profile, "spells": []})

    assert [speed_at(scenario, at(hour)) for hour in (3, 9, 20)] == pytest.approx([2.0, 0.5, 2.0], rel=0.01)


def test_an_outage_holds_answers_up_until_it_ends() -> None:
    """Two hours from nine on: what was asked at ten is answered after eleven; overlapping spells multiply."""
    spells = [
        {"begins": datetime(2016, 8, 25, 9, tzinfo=JAKARTA), "ends": datetime(2016, 8, 25, 11, tzinfo=JAKARTA)},
        {
            "begins": datetime(2016, 8, 25, 8, tzinfo=JAKARTA),
            "ends": datetime(2016, 8, 25, 12, tzinfo=JAKARTA),
            "speed": 0.5,
        },
    ]
    scenario = changed(centre=SOLO.centre.model_dump() | {"profile": [], "spells": spells})
    rate = world.centre_rate(scenario)

    assert rate.end_ms(at(10), 60_000) == at(11, 2)
    assert rate.end_ms(at(7), 60_000) == at(7, 1)


def test_a_pace_that_never_changes_is_one_stretch() -> None:
    """The print rate of Solo is constant, and without any pace it is the desk's own."""
    plain = changed(printing=SOLO.printing.model_dump() | {"pace": []})

    assert world.print_rate(SOLO).speeds == (0.4155,)
    assert world.print_rate(plain).end_ms(at(8), 1_000) == at(8) + 1_000


def test_cards_go_where_their_kecamatan_is_served() -> None:
    """A fifth of Banjarsari's cards are printed at dinas, all of Pasar Kliwon's at home."""
    routed = Counter(world.route(SOLO, 1, number, "33.72.05") for number in range(20_000))

    assert routed[BANJARSARI] / 20_000 == pytest.approx(0.801, abs=0.01)
    assert routed[DINAS] / 20_000 == pytest.approx(0.199, abs=0.01)
    assert {world.route(SOLO, 1, number, "33.72.03") for number in range(100)} == {"pasar-kliwon"}


def test_the_load_of_printers_is_as_equal_as_can_be() -> None:
    """No printer has more than 8.5 % of the cards, where a twelfth is 8.33 %."""
    people = {"33.72.01": 97056, "33.72.02": 52998, "33.72.03": 83353, "33.72.04": 139101, "33.72.05": 173145}
    loads = [
        sum(share * people[code] for code, share in station.serves.items()) / station.printers / sum(people.values())
        for station in SOLO.stations
    ]

    assert max(loads) < 0.085
    assert sorted(loads)[1] > 0.084


def test_a_route_belongs_to_the_card_alone() -> None:
    """The draw is the contract's: by number, picked in file order, whoever asks and whenever."""
    for number in (0, 1, 1023, 1024, 70_000):
        draw = chance.uniforms(9, "route", number, 1)[:, 0]
        index = chance.pick(draw, [0.199, 0.801])[0]

        assert world.route(SOLO, 9, number, "33.72.05") == ("dinas", "banjarsari")[index]


def test_where_nobody_says_whom_they_serve_all_share_equally() -> None:
    """The desks of a mass day print for the whole city."""
    mass = load("mass-day")
    routed = Counter(world.route(mass, 1, number, "33.72.02") for number in range(30_000))

    assert len(routed) == 15
    assert all(many / 30_000 == pytest.approx(1 / 15, abs=0.01) for many in routed.values())


def test_changing_a_copy_of_a_scenario_changes_its_world() -> None:
    """The tables that are kept belong to their scenario: a what-if copy has its own."""
    stations = tuple(
        station.model_copy(update={"serves": {"33.72.05": 1.0} if station.code == "dinas" else {}})
        for station in SOLO.stations
    )
    copy = SOLO.model_copy(update={"stations": stations})

    assert {world.route(copy, 1, number, "33.72.05") for number in range(50)} == {"dinas"}
    assert len({world.route(SOLO, 1, number, "33.72.05") for number in range(50)}) == 2
