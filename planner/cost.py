"""What overtime costs, and how much of it the rules allow: dated tables, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING, Final

from lembur.domain.calendar import HOUR_MS
from lembur.domain.errors import LemburError
from planner.roster import overtime_end_ms, shifts, spread

if TYPE_CHECKING:
    from planner.question import Question
    from planner.roster import Overtime


class PolicyError(LemburError):
    """A policy that does not exist, or that was not in force."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Overtime pay of one person: by the hour, meals, caps; `source` says where each figure comes from.

    `first_hour` and `further_hours` multiply the hourly pay; `meal_after_h` of overtime a day one meal is paid; only
    full hours are paid where `full_hours`. A cap of None means that none is known.
    """

    code: str
    since: date
    hourly_rupiah: float
    first_hour: float
    further_hours: float
    meal_rupiah: int
    meal_after_h: float | None
    cap_day_h: float | None
    cap_week_h: float | None
    full_hours: bool
    source: str

    def pay_rupiah(self, hours: float) -> float:
        """Tell what one person gets for so many hours of overtime on one day, the meal included."""
        # Who may be paid full hours only is ordered full hours: a plan counts the one begun.
        paid = float(ceil(hours)) if self.full_hours else hours
        pay = self.hourly_rupiah * (self.first_hour * min(paid, 1.0) + self.further_hours * max(0.0, paid - 1.0))
        return pay + (self.meal_rupiah if self.meal_after_h is not None and hours >= self.meal_after_h else 0)


WAGE: Final = 2_000_000
"""Assumed monthly wage of an operator, in rupiah; a plan may name its own. An hour is 1/173 of it (PP 35/2021, A)."""


def _workers(code: str, since: date, cap_day_h: float, cap_week_h: float, source: str) -> Policy:
    return Policy(
        code=code,
        since=since,
        hourly_rupiah=WAGE / 173,
        first_hour=1.5,
        further_hours=2.0,
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
"""Rates for days off are higher (civil servants 200 %); plans order overtime on working days only."""


def policy(code: str, day: date) -> Policy:
    """Find the policy in force on a day."""
    known = [one for one in POLICIES if one.code == code]
    if not known:
        raise PolicyError(f"no policy is called '{code}': use {', '.join(sorted({one.code for one in POLICIES}))}")
    in_force = [one for one in known if one.since <= day]
    if not in_force:
        raise PolicyError(f"the policy '{code}' was not yet in force on {day}: the first is of {known[0].since}")
    return max(in_force, key=lambda one: one.since)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a roster costs until the deadline, and which caps it breaks."""

    seat_hours: float
    rupiah: int
    broken: tuple[str, ...]


def cost(question: Question, overtime: Overtime, rules: Policy) -> Cost:
    """Add up overtime seat by seat and day by day: every seat that is open after closing is one person.

    People work in turn where a cap of the week asks for it; the cap of the day binds the hours that may be ordered.
    """
    seats = sum(spread(question, overtime.seats).values())
    days = [
        max(0, overtime_end_ms(question, shift, overtime) - max(shift.end_ms, question.now_ms))
        for shift in shifts(question)
    ]
    hours = [day / HOUR_MS for day in days]
    broken = []
    if rules.cap_day_h is not None and max(hours, default=0.0) > rules.cap_day_h:
        broken.append(f"{max(hours):g} h of overtime on one day; {rules.cap_day_h:g} h are allowed ({rules.source})")
    if rules.cap_week_h is not None and sum(hours[:5]) > rules.cap_week_h:
        broken.append(f"{sum(hours[:5]):g} h of overtime a week; {rules.cap_week_h:g} h are allowed ({rules.source})")
    pay = sum(rules.pay_rupiah(each) for each in hours)
    return Cost(seats * sum(hours), round(seats * pay), tuple(broken))
