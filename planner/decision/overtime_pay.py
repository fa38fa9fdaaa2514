"""What overtime costs, and how much of it the rules allow: dated tables, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import LemburError
from lembur.domain.seats import StationCode, Step
from lembur.domain.time import HOUR_MS, day_of
from planner.problem import calendar, orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.seats import SeatOrder
    from planner.problem import Problem, Roster


class PolicyError(LemburError):
    """A policy that does not exist, or that was not in force."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Roster pay of one person: by the hour, meals, caps; `source` says where each figure comes from.

    `first_hour` and `further_hours` multiply the hourly pay on working days; on days off `day_off` does, each factor up
    to so many hours. After `meal_after_h` of roster a day one meal is paid; only full hours are paid where
    `full_hours`. A cap of None means that none is known.
    """

    code: str
    since: date
    hourly_rupiah: float
    first_hour: float
    further_hours: float
    day_off: tuple[tuple[float, float], ...]
    meal_rupiah: int
    meal_after_h: float | None
    cap_day_h: float | None
    cap_week_h: float | None
    full_hours: bool
    source: str

    def pay_rupiah(self, hours: float, *, day_off: bool = False) -> float:
        """Tell what one person gets for so many hours of roster on one day, the meal included."""
        # Who may be paid full hours only is ordered full hours: a plan counts the one begun.
        paid = float(ceil(hours)) if self.full_hours else hours
        rates = self.day_off if day_off else ((1.0, self.first_hour), (LONGEST_H, self.further_hours))
        factors, passed = 0.0, 0.0
        for until, factor in rates:
            factors += factor * max(0.0, min(paid, until) - passed)
            passed = until
        meal = self.meal_after_h is not None and hours >= self.meal_after_h
        return self.hourly_rupiah * factors + (self.meal_rupiah if meal else 0)


LONGEST_H: Final = 24.0
"""No day has more."""
WAGE: Final = 2_000_000
"""Assumed monthly wage of an operator, in rupiah; a plan may name its own. An hour is 1/173 of it (PP 35/2021, A)."""


def _workers(code: str, since: date, cap_day_h: float, cap_week_h: float, source: str) -> Policy:
    return Policy(
        code=code,
        since=since,
        hourly_rupiah=WAGE / 173,
        first_hour=1.5,
        further_hours=2.0,
        day_off=((8.0, 2.0), (9.0, 3.0), (LONGEST_H, 4.0)),
        meal_rupiah=0,
        meal_after_h=None,
        cap_day_h=cap_day_h,
        cap_week_h=cap_week_h,
        full_hours=False,
        source=source,
    )


def _civil(code: str, since: date, hourly: int, meal: int, source: str) -> Policy:
    return Policy(
        code=code,
        since=since,
        hourly_rupiah=hourly,
        first_hour=1.0,
        further_hours=1.0,
        day_off=((LONGEST_H, 2.0),),
        meal_rupiah=meal,
        meal_after_h=2.0,
        cap_day_h=None,
        cap_week_h=None,
        full_hours=True,
        source=source,
    )


_OLD: Final = (
    "Rp 13/17/20/25 thousand an hour for grades I-IV before 2024 (2016 inferred, B); meals as of 2024 (assumed)"
)
_NEW: Final = "Rp 18/24/30/36 thousand an hour for grades I-IV, meals Rp 35/35/37/41 thousand after 2 h (2024, A)"

POLICIES: Final = (
    _workers(
        "workers", date(2003, 3, 25), 3.0, 14.0, "UU 13/2003 art. 78: 3 h a day, 14 h a week; 1.5 x, then 2 x (A)"
    ),
    _workers(
        "workers", date(2021, 2, 2), 4.0, 18.0, "PP 35/2021 art. 26, 31: 4 h a day, 18 h a week; 1.5 x, then 2 x (A)"
    ),
    *(
        _civil(f"civil-{grade}", since, hourly, meal, source)
        for since, source, rates in (
            (date(2016, 1, 1), _OLD, ((13, 35), (17, 35), (20, 37), (25, 41))),
            (date(2024, 1, 1), _NEW, ((18, 35), (24, 35), (30, 37), (36, 41))),
        )
        for grade, (hourly, meal) in zip(
            ("i", "ii", "iii", "iv"), [(1000 * pay, 1000 * food) for pay, food in rates], strict=True
        )
    ),
)
"""On days off civil servants get 200 % (A), workers of a five-day week 2 x for eight hours, then 3 x and 4 x
(PP 35/2021 art. 31, as Kepmenakertrans 102/2004 before it: A). Plans order roster on working days only; what an
office has ordered on others is paid by these."""


def known(code: str) -> list[Policy]:
    """List the policies with this code, one after the other in force."""
    found = [one for one in POLICIES if one.code == code]
    if not found:
        raise PolicyError(f"no policy is called '{code}': use {', '.join(sorted({one.code for one in POLICIES}))}")
    return found


def policy(code: str, day: date) -> Policy:
    """Find the policy in force on a day."""
    found = known(code)
    in_force = [one for one in found if one.since <= day]
    if not in_force:
        raise PolicyError(f"the policy '{code}' was not yet in force on {day}: the first is of {found[0].since}")
    return max(in_force, key=lambda one: one.since)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a roster costs until the deadline, and which caps it breaks."""

    seat_hours: float
    rupiah: int
    broken: tuple[str, ...]


def cost(problem: Problem, roster: Roster, rules: Policy) -> Cost:
    """Tell what a roster costs on top of what is ordered already.

    Every seat that is open outside regular hours is one person. People work in turn where a cap of the week asks for
    it; the cap of the day binds the hours that may be ordered.
    """
    ordered, planned = _worked(problem, []), _worked(problem, orders(problem, roster))
    seat_hours = sum(planned.values()) - sum(ordered.values())
    rupiah = _pay(problem, planned, rules) - _pay(problem, ordered, rules)
    return Cost(seat_hours, round(rupiah), tuple(_broken(problem, planned, rules)))


Worked = dict[tuple[StationCode, int, date], float]
"""Hours of overtime by station, seat and day: of the first seat, of the second, and so on."""


def _worked(problem: Problem, placed: list[SeatOrder]) -> Worked:
    found: Worked = {}
    for station in problem.stations:
        steps = calendar(problem, station, placed, until_ms=problem.deadline_ms)
        for step, after in zip(steps, [*steps[1:], Step(problem.deadline_ms, 0)], strict=True):
            begins, ends = max(step.at_ms, problem.now_ms), min(after.at_ms, problem.deadline_ms)
            if step.seats == 0 or begins >= ends:
                continue
            day = day_of(begins)
            regular = problem.working.shifts(day, day_of(ends))
            spent = ends - begins - sum(max(0, min(ends, s.end_ms) - max(begins, s.start_ms)) for s in regular)
            for seat in range(step.seats if spent else 0):
                key = (station.code, seat, day)
                found[key] = found.get(key, 0.0) + spent / HOUR_MS
    return found


def _pay(problem: Problem, worked: Worked, rules: Policy) -> float:
    return sum(
        rules.pay_rupiah(hours, day_off=not problem.working.is_working_day(day))
        for (_, _, day), hours in worked.items()
    )


def _broken(problem: Problem, worked: Worked, rules: Policy) -> Iterator[str]:
    """Name the caps that somebody would break who sits on one seat all the time; days off do not count."""
    days = {key: hours for key, hours in worked.items() if problem.working.is_working_day(key[2])}
    weeks: dict[tuple[StationCode, int, tuple[int, int]], float] = {}
    for (station, seat, day), hours in days.items():
        key = (station, seat, day.isocalendar()[:2])
        weeks[key] = weeks.get(key, 0.0) + hours
    longest = (max(days.values(), default=0.0), max(weeks.values(), default=0.0))
    caps = ((rules.cap_day_h, "on one day"), (rules.cap_week_h, "a week"))
    for hours, (cap, told) in zip(longest, caps, strict=True):
        if cap is not None and hours > cap:
            yield f"{hours:g} h of overtime {told}; {cap:g} h are allowed ({rules.source})"
