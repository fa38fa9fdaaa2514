"""Rates as they were observed: without observations the scenario's, with many what was seen, in between a mixture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lembur.domain.card import Status
from lembur.domain.observation import Observed, PrinterHours
from lembur.domain.scenario import Arrivals, Scenario, load
from lembur.domain.seats import CENTRE, Window
from lembur.domain.time import HOUR_MS, moment_ms
from planner.problem.doubt import PRIOR_SD
from planner.problem.rates import count_factor, estimate_rates, mean_factor, share_of


@pytest.fixture(scope="module")
def solo() -> Scenario:
    """Solo, whose desks work at 0.4155 of their pace all day, with a rest and a ribbon change now and then."""
    return load("solo-2016")


def observed(scenario: Scenario, hours: int, **counts: dict[str, int]) -> Observed:
    """Counts of the first hour after the scenario's start: what, and where."""
    since = moment_ms(scenario.starts)
    first = since // HOUR_MS + 1
    rows = {(what, where): {first: n} for what, by_place in counts.items() for where, n in by_place.items()}
    return Observed(since, (first + hours) * HOUR_MS, rows)


def test_without_observations_the_scenario_is_believed(solo: Scenario) -> None:
    """Nothing was printed, answered or recorded yet: every figure is the scenario's."""
    found = estimate_rates(solo, Observed(moment_ms(solo.starts), moment_ms(solo.starts), {}))

    assert (found.print_time, found.answer_time, found.arrivals) == (1.0, 1.0, 1.0)
    assert found.scenario.printing.median_s == solo.printing.median_s
    assert [s.spoil_rate for s in found.scenario.stations] == pytest.approx([0.02] * 6)


@pytest.mark.parametrize("count", [1, 30, 1_000, 100_000])
def test_the_more_was_seen_the_more_it_counts(count: int) -> None:
    """Prints that take half as long again: the factor goes from 1 to 1.5 as the conjugate normal mean does."""
    spread = 0.6
    weight = count / (count + (spread / PRIOR_SD) ** 2)

    assert mean_factor(1.5, count, spread) == pytest.approx(1.0 + 0.5 * weight)


def test_prints_that_take_their_time_leave_the_figure_alone(solo: Scenario) -> None:
    """Ten hours of a seat at Solo's pace make 140 prints with rest and ribbon: nothing is to be corrected."""
    mean_s = 90 * np.exp((np.log(2) / 1.2815515655) ** 2 / 2) / 0.4155 + 300 / 50 + 180 / 500
    seen = observed(solo, 2, printed={"dinas": 500}, busy_ms={"dinas": round(500_000 * mean_s)})

    found = estimate_rates(solo, seen)

    assert found.print_time == pytest.approx(1.0, abs=1e-4)
    assert found.prints == 500


def test_a_young_office_is_not_credited_with_rests_it_has_not_had(solo: Scenario) -> None:
    """60 prints since the opening had one rest of 300 s, and no ribbon change: the mean of both would be 382 s."""
    mean_s = 90 * np.exp((np.log(2) / 1.2815515655) ** 2 / 2) / 0.4155
    counts = {"printed": {"dinas": 60}, "busy_ms": {"dinas": round(1000 * (60 * mean_s + 300))}}
    seen = observed(solo, 2, **counts)

    assert estimate_rates(solo, seen).print_time == pytest.approx(1.0, abs=1e-4)
    assert estimate_rates(solo, replace(seen, since_ms=seen.since_ms + 1)).print_time < 1.0 - 1e-3


def test_desks_that_are_slower_are_believed_after_a_morning(solo: Scenario) -> None:
    """500 prints that took a third longer, rest and ribbon aside: nearly all of it goes into the figure."""
    mean_s = 4 / 3 * 90 * np.exp((np.log(2) / 1.2815515655) ** 2 / 2) / 0.4155 + 300 / 50 + 180 / 500
    seen = observed(solo, 2, printed={"jebres": 500}, busy_ms={"jebres": round(500_000 * mean_s)})

    found = estimate_rates(solo, seen).scenario.printing

    assert 1.29 < found.median_s / solo.printing.median_s < 1.333
    assert found.p90_s / found.median_s == pytest.approx(solo.printing.p90_s / solo.printing.median_s)


def test_the_centre_is_compared_with_its_profile(solo: Scenario) -> None:
    """From 9:00 on it works at 0.7: answers that take 1 / 0.7 as long as usual tell nothing new."""
    usual_ms = 1000 * 420 * np.exp((np.log(600 / 420) / 1.2815515655) ** 2 / 2)
    since = moment_ms(solo.starts)
    at_nine = since // HOUR_MS + 2
    seen = Observed(
        since,
        (at_nine + 1) * HOUR_MS,
        {("answered", "PRINT_READY_RECORD"): {at_nine: 50}, ("busy_ms", CENTRE): {at_nine: round(50 * usual_ms / 0.7)}},
    )

    found = estimate_rates(solo, seen)

    assert found.answer_time == pytest.approx(1.0, abs=1e-3)
    assert found.answers == 50


def test_spoiled_prints_are_counted_by_station(solo: Scenario) -> None:
    """A printer that spoils one in five is found out, and the others are not blamed for it."""
    seen = observed(solo, 2, printed={"laweyan": 160, "dinas": 200}, spoiled={"laweyan": 40, "dinas": 4})

    rates = {s.code: s.spoil_rate or 0.0 for s in estimate_rates(solo, seen).scenario.stations}

    assert rates["laweyan"] == pytest.approx((196 * 0.02 + 40) / (196 + 200))
    assert rates["dinas"] == pytest.approx(0.02, abs=1e-3)
    assert rates["jebres"] == pytest.approx(0.02)


def test_spoilage_nobody_expected_is_believed_when_it_happens() -> None:
    """A rate of zero is no reason to see none."""
    assert share_of(0.0, 0, 1000) == 0.0
    assert share_of(0.0, 10, 99) == pytest.approx(0.1)


def test_more_people_than_expected(solo: Scenario) -> None:
    """Twice as many in the first hours: 33 expected ones weigh as much as the scenario itself."""
    assert count_factor(200, 100.0) == pytest.approx((100 / 3 + 200) / (100 / 3 + 100))
    found = estimate_rates(solo, observed(solo, 9, enrolled={CENTRE: 300, "dinas": 40}))

    assert found.people == 340
    assert 1.3 < found.arrivals < 2.5
    assert found.scenario.arrivals.counter[0].requests_a_day == pytest.approx(80 * found.arrivals)


def test_people_who_came_by_other_hours_are_no_measure_of_the_present_ones(solo: Scenario) -> None:
    """Since a change of hours or visits nobody came yet: the scenario's new figure stands, not the old turnout."""
    seen = observed(solo, 9, enrolled={CENTRE: 300, "dinas": 40})

    found = estimate_rates(solo, replace(seen, expects_since_ms=seen.until_ms))

    assert (found.people, found.arrivals) == (0, 1.0)


def test_an_office_of_which_nothing_is_written_expects_what_came(solo: Scenario) -> None:
    """A real office's scenario has no arrivals: those of its first day, Thursday from 07:30, go on coming."""
    nobody = solo.model_copy(update={"arrivals": Arrivals()})
    seen = observed(nobody, 8, enrolled={CENTRE: 90, "dinas": 30})

    coming = estimate_rates(nobody, replace(seen, until_ms=seen.since_ms + 24 * HOUR_MS)).scenario.arrivals

    assert [c.stream for c in coming.counter] == ["first_issue", "replacement"]
    assert [c.requests_a_day for c in coming.counter] == pytest.approx([90.0, 30.0])


def test_breakdowns_are_counted_with_the_hours_at_work(solo: Scenario) -> None:
    """Twice as many as the scenario expects in 4,000 hours, and repairs that take half as long."""
    seen = PrinterHours(breakdowns=200, repaired=200, sound_ms=4_000 * HOUR_MS, repair_ms=150 * HOUR_MS)

    found = estimate_rates(solo, Observed(0, HOUR_MS, {}, seen))

    assert found.breakdowns == 200
    assert found.breakdown_rate == pytest.approx((100 / 3 + 200) / (100 / 3 + 100))
    assert found.scenario.printing.breakdown_every_h == pytest.approx(40.0 / found.breakdown_rate)
    assert found.scenario.printing.repair_h == pytest.approx(1.5 * (100 / 3 + 100) / (100 / 3 + 200))


def test_printers_without_breakdowns_are_left_alone() -> None:
    """A scenario in which nothing breaks expects nothing, whatever the printers' hours."""
    office = load("mass-day")

    found = estimate_rates(office, Observed(0, HOUR_MS, {}, PrinterHours(sound_ms=HOUR_MS)))

    assert found.breakdown_rate == 1.0
    assert found.scenario.printing.breakdown_every_h == office.printing.breakdown_every_h == 0.0


def test_repairs_are_read_until_now() -> None:
    """Of two printers one was broken from 1 to 3, and one is since 8; one that breaks after 10 is not seen."""
    repairs = [Window(1, 3), Window(8, 15), Window(11, 12)]

    assert PrinterHours().plus(repairs, 2, Window(0, 10)) == PrinterHours(2, 1, 2 * 10 - 4, 4)


def test_refusals_of_the_centre_are_counted(solo: Scenario) -> None:
    """One in ten refused where the scenario has one in forty: the share rises, and all shares sum to one."""
    seen = observed(solo, 2, answered={"PRINT_READY_RECORD": 900, "DUPLICATE_RECORD": 100})

    verdicts = estimate_rates(solo, seen).scenario.centre.verdicts

    assert 0.08 < 1.0 - verdicts[Status.PRINT_READY_RECORD] < 0.1
    assert sum(verdicts.values()) == pytest.approx(1.0)
    assert verdicts[Status.DUPLICATE_RECORD] / verdicts[Status.ADJUDICATE_RECORD] == pytest.approx(2.7)


def test_a_slow_spell_does_not_slow_the_usual_answer(solo: Scenario) -> None:
    """Five hours as the scenario has them and one four times as slow: a spell is found, and the factor stays."""
    usual_ms = 1000 * 420 * np.exp((np.log(600 / 420) / 1.2815515655) ** 2 / 2)
    since = moment_ms(solo.starts)
    first = since // HOUR_MS + 7  # after 14:00 the centre works at its full speed
    busy = {first + hour: round(usual_ms * (80 if hour == 5 else 20)) for hour in range(6)}
    counts = {("answered", "PRINT_READY_RECORD"): dict.fromkeys(busy, 20), ("busy_ms", CENTRE): busy}

    found = estimate_rates(solo, Observed(since, (first + 6) * HOUR_MS, counts))

    assert found.answer_time == pytest.approx(1.0, abs=1e-3)
    assert found.spells is not None
    assert found.spells.length_h == 1.0
    assert found.spells.speed == pytest.approx(0.25, rel=1e-3)
    assert found.spells.slow_now
