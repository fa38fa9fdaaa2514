"""Observed rates, with the scenario's figures as prior.

Every estimate is the scenario's figure times a factor. Without observations the factor is 1. The prior is that the
scenario's figure is right within `PRIOR_SD`; `doubt` holds the doubt that is left. Each rule is the conjugate one for
its kind of count:

- time of a print, of an answer: normal mean. n of them had a spread of `cv` of their mean and took r times the expected
  time: factor = (n0 + n r) / (n0 + n) with n0 = (cv / PRIOR_SD)^2.
- spoiled prints, refused records: beta. s of n: share = (n0 p + s) / (n0 + n) with n0 = (1 - p) / (p PRIOR_SHARE_SD^2).
- people who come, breakdowns: gamma. k came and e were expected: factor = (k0 + k) / (k0 + e) with k0 = 1 / PRIOR_SD^2.
  A repair's mean time is the inverse: its factor = (k0 + time / mean) / (k0 + repairs).

The centre's slow spells have a module of their own, `spells`: an hour in one does not count for the usual answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import Status
from lembur.domain.draws import lognormal_sigma, mean_lognormal_ms
from lembur.domain.scenario import Arrivals, Counter
from lembur.domain.seats import CENTRE
from lembur.domain.time import HOUR_MS, WEEKDAYS, at_ms, day_of, days, moment_ms
from lembur.domain.world import source_days
from planner.problem.doubt import KNOWN, PRIOR_SD, Doubt, count_weight, share_cases, time_weight
from planner.problem.spells import Hour, Spells, find_spells, slow_hours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lembur.domain.observation import Observed, PrinterHours
    from lembur.domain.rate import Rate
    from lembur.domain.scenario import Centre, Printing, Scenario, Station, Visits


@dataclass(frozen=True, slots=True)
class Estimate:
    """A scenario with its observed rates, and the factor of each: 1 is the scenario's own figure.

    `prints`, `answers`, `people` and `breakdowns` count the observations. `spoil_cases` is the number of prints behind
    each station's share of spoiled ones: the observed ones, and those that the scenario weighs as much as.
    """

    scenario: Scenario
    print_time: float
    prints: int
    answer_time: float
    answers: int
    arrivals: float
    people: int
    breakdown_rate: float
    breakdowns: int
    doubt: Doubt
    spoil_cases: tuple[float, ...]
    spells: Spells | None


def estimate_rates(scenario: Scenario, observed: Observed) -> Estimate:
    """Update a scenario's rates with observations."""
    printing, centre = scenario.printing, scenario.centre
    slower, prints = _print_time(scenario, observed)
    hours = _centre_hours(scenario, observed)
    later, answers = _answer_time(centre, hours)
    busier, people, expected, coming = _arrivals(scenario, observed)
    breaking, repairs = _breakdowns(printing, observed.printers)
    spoilage = [_spoilage(scenario, station, observed) for station in scenario.stations]
    changed = {
        "printing": printing.model_copy(
            update={"median_s": printing.median_s * slower, "p90_s": printing.p90_s * slower, **repairs}
        ),
        "centre": centre.model_copy(
            update={
                "median_s": centre.median_s * later,
                "p90_s": centre.p90_s * later,
                "verdicts": _verdicts(centre, observed),
            }
        ),
        "stations": tuple(
            station.model_copy(update={"spoil_rate": rate})
            for station, (rate, _) in zip(scenario.stations, spoilage, strict=True)
        ),
        "arrivals": coming,
    }
    return Estimate(
        scenario.model_copy(update=changed),
        print_time=slower,
        prints=prints,
        answer_time=later,
        answers=answers,
        arrivals=busier,
        people=people,
        breakdown_rate=breaking,
        breakdowns=observed.printers.breakdowns,
        doubt=_doubt(scenario, observed, prints=prints, answers=answers, people=expected),
        spoil_cases=tuple(cases for _, cases in spoilage),
        spells=find_spells(hours, observed.until_ms // HOUR_MS - 1),
    )


def mean_factor(ratio: float, count: int, spread: float) -> float:
    """Return the factor of a time: `count` observations took `ratio` times the expected time."""
    weight = time_weight(count, spread)
    return weight + (1.0 - weight) * ratio


def _spread(part: Printing | Centre) -> float:
    """Return the standard deviation of a lognormal time as a share of its mean."""
    return float(np.sqrt(np.expm1(lognormal_sigma(median_s=part.median_s, p90_s=part.p90_s) ** 2)))


def share_of(rate: float, struck: int, count: int) -> float:
    """Return a share, such as that of spoiled prints. A scenario's share of 0 stays 0 until the first case."""
    cases = share_cases(rate, count)
    return ((cases - count) * rate + struck) / cases


def count_factor(count: float, expected: float) -> float:
    """Return the factor of a rate, such as that of arrivals, from the number that came and the number expected."""
    prior = PRIOR_SD**-2
    return (prior + count) / (prior + expected)


def _print_time(scenario: Scenario, observed: Observed) -> tuple[float, int]:
    opening = observed.since_ms <= moment_ms(scenario.starts)
    prints, plain_ms = 0, 0.0
    busy: dict[int, int] = {}
    for station in scenario.stations:
        own = observed.total("printed", station.code) + observed.total("spoiled", station.code)
        prints += own
        plain_ms += _plain_ms(scenario.printing, own, opening=opening)
        for hour, ms in observed.hours("busy_ms", station.code).items():
            busy[hour] = busy.get(hour, 0) + ms
    return _factor(busy, plain_ms, world.print_rate(scenario), prints, scenario.printing)


def _plain_ms(printing: Printing, prints: int, *, opening: bool) -> float:
    """Return the time of rest and ribbon changes in some prints of a station.

    Those since its `opening` have had their changes after known prints. Of later ones the mean is known.
    """
    rests = prints / printing.rest_every_cards if printing.rest_every_cards else 0.0
    ribbons = prints / printing.ribbon_cards
    if opening:
        rests, ribbons = floor(rests), floor(ribbons)
    return 1000.0 * (rests * printing.rest_s + ribbons * printing.ribbon_change_s)


def _centre_hours(scenario: Scenario, observed: Observed) -> dict[int, Hour]:
    """Compare the answers of each hour with those that its lines had time for."""
    centre, rate = scenario.centre, world.centre_rate(scenario)
    usual_ms = mean_lognormal_ms(median_s=centre.median_s, p90_s=centre.p90_s)
    answered = [observed.hours("answered", verdict) for verdict in centre.verdicts]
    return {
        hour: Hour(ms * _mean_speed(rate, hour) / usual_ms, sum(of.get(hour, 0) for of in answered))
        for hour, ms in observed.hours("busy_ms", CENTRE).items()
    }


def _answer_time(centre: Centre, hours: Mapping[int, Hour]) -> tuple[float, int]:
    """Return the factor of the usual answer, and the answers that show it."""
    slow = slow_hours(hours)
    usual = [one for hour, one in hours.items() if hour not in slow]
    answers = sum(one.answers for one in usual)
    if not answers:
        return 1.0, 0
    return mean_factor(sum(one.possible for one in usual) / answers, answers, _spread(centre)), answers


def _verdicts(centre: Centre, observed: Observed) -> dict[Status, float]:
    """Return the share of each verdict; the refusals keep their shares among themselves."""
    answers = {verdict: observed.total("answered", verdict) for verdict in centre.verdicts}
    count, believed = sum(answers.values()), _refusal_share(centre)
    if not 0.0 < believed < 1.0:
        return centre.verdicts
    refused = share_of(believed, count - answers[Status.PRINT_READY_RECORD], count)
    return {
        verdict: 1.0 - refused if verdict is Status.PRINT_READY_RECORD else share * refused / believed
        for verdict, share in centre.verdicts.items()
    }


def _refusal_share(centre: Centre) -> float:
    return 1.0 - centre.verdicts.get(Status.PRINT_READY_RECORD, 0.0)


def _doubt(scenario: Scenario, observed: Observed, *, prints: int, answers: int, people: float) -> Doubt:
    """Return the doubt that these observations leave; of people it is their expected number that counts."""
    printing, seen, refused = scenario.printing, observed.printers, _refusal_share(scenario.centre)
    judged = sum(observed.total("answered", verdict) for verdict in scenario.centre.verdicts)
    every_ms = HOUR_MS * printing.breakdown_every_h
    return Doubt(
        prints=time_weight(prints, _spread(printing)),
        answers=time_weight(answers, _spread(scenario.centre)),
        repairs=count_weight(seen.repaired),
        people=count_weight(people),
        breakdowns=count_weight(seen.sound_ms / every_ms if every_ms else 0.0),
        verdicts=share_cases(refused, judged) if 0.0 < refused < 1.0 else KNOWN,
    )


def _breakdowns(printing: Printing, seen: PrinterHours) -> tuple[float, dict[str, float]]:
    """Return the factor of the breakdown rate, and the changed hours between two and of a repair."""
    every, repair = printing.breakdown_every_h, printing.repair_h
    if not every or not repair:
        return 1.0, {}
    often = count_factor(seen.breakdowns, seen.sound_ms / HOUR_MS / every)
    shorter = count_factor(seen.repaired, seen.repair_ms / HOUR_MS / repair)
    return often, {"breakdown_every_h": every / often, "repair_h": repair / shorter}


def _factor(
    busy_ms: dict[int, int], plain_ms: float, rate: Rate, count: int, part: Printing | Centre
) -> tuple[float, int]:
    """Compare the work done in some hours with the work expected for `count` prints or answers.

    Rest and ribbon changes (`plain_ms`) do not count as work. The rest of the busy time ran at the speed of its
    hour.
    """
    total = sum(busy_ms.values())
    if not count or not total:
        return 1.0, 0
    at_work = max(0.0, 1.0 - plain_ms / total)
    done = sum(ms * at_work * _mean_speed(rate, hour) for hour, ms in busy_ms.items())
    expected = count * mean_lognormal_ms(median_s=part.median_s, p90_s=part.p90_s)
    return mean_factor(done / expected, count, _spread(part)), count


def _mean_speed(rate: Rate, hour: int) -> float:
    begins, ends = hour * HOUR_MS, (hour + 1) * HOUR_MS
    edges = [begins, *(at for at in rate.starts_ms if begins < at < ends), ends]
    done = sum(
        (after - at) * rate.speeds[max(0, int(np.searchsorted(rate.starts_ms, at, side="right")) - 1)]
        for at, after in pairwise(edges)
    )
    return done / HOUR_MS


def _spoilage(scenario: Scenario, station: Station, observed: Observed) -> tuple[float, float]:
    """Return a station's share of spoiled prints, and the number of prints behind it."""
    rate = scenario.printing.spoil_rate_at(station)
    spoiled, good = observed.total("spoiled", station.code), observed.total("printed", station.code)
    return share_of(rate, spoiled, spoiled + good), share_cases(rate, spoiled + good)


def _arrivals(scenario: Scenario, observed: Observed) -> tuple[float, int, float, Arrivals]:
    """Scale the scenario's arrivals by the people who came in whole hours. Return also how many were expected.

    A scenario without arrivals takes the observed ones, which then are the expected ones too.
    """
    coming, since = scenario.arrivals, max(observed.since_ms, world.arriving(scenario).start_ms)
    if coming.visits or coming.counter:
        since = max(since, observed.expects_since_ms)
    until = min(observed.until_ms // HOUR_MS * HOUR_MS, world.arriving(scenario).end_ms)
    hours = range(since // HOUR_MS, until // HOUR_MS)
    asked = sum(observed.hours("enrolled", CENTRE).get(hour, 0) for hour in hours)
    straight = sum(observed.hours("enrolled", s.code).get(hour, 0) for s in scenario.stations for hour in hours)
    if not coming.visits and not coming.counter:
        came = asked + straight
        return 1.0, came, float(came), _observed_arrivals(scenario, since, until, asked, straight)
    expected = sum(_requests(scenario, counter, since, until) for counter in coming.counter)
    expected += sum(_records(scenario, visits, since, until) for visits in coming.visits)
    factor = count_factor(asked + straight, expected)
    return factor, asked + straight, expected, scale_arrivals(coming, factor)


def scale_arrivals(coming: Arrivals, factor: float) -> Arrivals:
    """Multiply all arrivals by a factor."""
    counter = tuple(c.model_copy(update={"requests_a_day": c.requests_a_day * factor}) for c in coming.counter)
    visits = tuple(v.model_copy(update={"records_a_day": round(v.records_a_day * factor)}) for v in coming.visits)
    return coming.model_copy(update={"counter": counter, "visits": visits})


def _requests(scenario: Scenario, counter: Counter, since_ms: int, until_ms: int) -> float:
    edges, expected = world.expected_requests(scenario, counter)
    low, high = np.interp((since_ms, max(since_ms, until_ms)), edges, expected)
    return float(high - low)


def _records(scenario: Scenario, visits: Visits, since_ms: int, until_ms: int) -> float:
    total = 0.0
    for day in source_days(scenario, visits):
        if WEEKDAYS[day.weekday()] in visits.days:
            opens, closes = at_ms(day, visits.opens, scenario.zone), at_ms(day, visits.closes, scenario.zone)
            inside = max(0, min(closes, until_ms) - max(opens, since_ms))
            total += visits.records_a_day * inside / (closes - opens)
    return total


def _observed_arrivals(scenario: Scenario, since_ms: int, until_ms: int, asked: int, straight: int) -> Arrivals:
    """Return the observed arrivals per working day, for a scenario without arrivals, such as that of a real office."""
    passed = sum(
        _passed_share(Calendar.of(scenario), day, since_ms, until_ms)
        for day in days(day_of(since_ms, scenario.zone), day_of(until_ms, scenario.zone))
    )
    if passed <= 0.0:
        return scenario.arrivals
    return Arrivals(
        counter=(
            Counter(stream="first_issue", requests_a_day=asked / passed),
            Counter(stream="replacement", requests_a_day=straight / passed),
        )
    )


def _passed_share(calendar: Calendar, day: date, since_ms: int, until_ms: int) -> float:
    """Return the share of a day's working time between two moments."""
    parts = calendar.open_parts(day)
    inside = sum(max(0, min(part.end_ms, until_ms) - max(part.start_ms, since_ms)) for part in parts)
    return inside / sum(part.end_ms - part.start_ms for part in parts) if parts else 0.0
