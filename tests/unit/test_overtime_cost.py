"""What overtime costs so far: person by person and day by day, as the policy says."""

from __future__ import annotations

from datetime import date, time

import pytest

from lembur.domain.seats import SeatPlan
from lembur.domain.time import HOUR_MS, at_ms
from monitoring.overtime import Ordered
from planner.decision.overtime_pay import policy

THURSDAY, SATURDAY = date(2016, 8, 25), date(2016, 8, 27)


def day(when: date, *, base: int, evening: int) -> list[SeatPlan]:
    """A day with regular seats to 16:00 and ordered ones to 20:00."""
    return [
        SeatPlan(at_ms(when, time(8)), base, base),
        SeatPlan(at_ms(when, time(16)), 0, evening),
        SeatPlan(at_ms(when, time(20)), 0, 0),
    ]


def test_each_ordered_seat_is_a_person_paid_by_the_day() -> None:
    """Two people for four hours: pay and a meal each; halfway only what they have worked, the begun hour as a whole."""
    ordered = Ordered.of(day(THURSDAY, base=1, evening=2))
    rules = policy("civil-ii", THURSDAY)

    assert ordered.rupiah(at_ms(THURSDAY, time(15)), "civil-ii") == 0
    assert ordered.rupiah(at_ms(THURSDAY, time(16, 30)), "civil-ii") == 2 * rules.pay_rupiah(1)
    assert ordered.rupiah(at_ms(SATURDAY, time(8)), "civil-ii") == 2 * rules.pay_rupiah(4) == 2 * (4 * 17_000 + 35_000)


def test_a_day_off_is_paid_as_one() -> None:
    """On a Saturday without regular hours the rates of days off hold."""
    ordered = Ordered.of([*day(THURSDAY, base=1, evening=0), *day(SATURDAY, base=0, evening=1)])

    assert ordered.rupiah(at_ms(SATURDAY, time(23)), "civil-ii") == policy("civil-ii", SATURDAY).pay_rupiah(
        4, day_off=True
    )


@pytest.mark.parametrize("code", ["civil-ii", "workers"])
def test_cost_never_falls(code: str) -> None:
    """Minute by minute it only grows."""
    ordered = Ordered.of(day(THURSDAY, base=1, evening=3))
    start = at_ms(THURSDAY, time(15))
    paid = [ordered.rupiah(start + minute * 60_000, code) for minute in range(6 * HOUR_MS // 60_000)]

    assert paid == sorted(paid)
    assert paid[-1] > 0
