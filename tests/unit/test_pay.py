"""Overtime is paid by the dated rules of the scenario."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from lembur.domain.errors import ScenarioError
from lembur.domain.scenario import OvertimePay, PayRule, load, preset, presets


def rule(**changes: Any) -> PayRule:
    """Build a rule of Rp 10,000 an hour."""
    given = {"since": "2016-01-01", "hourly_rupiah": 10_000, "working_day": [{"factor": 1.0}], "source": "a test"}
    return PayRule.model_validate({"day_off": [{"factor": 2.0}], **given, **changes})


def test_every_preset_has_the_rules_of_2016_and_of_today() -> None:
    """Each of them has its source."""
    for name in presets():
        policy = preset(name)

        assert policy.on(date(2016, 8, 25)) is not policy.on(date(2026, 1, 1))
        assert all(one.source for one in policy.rules)


@pytest.mark.parametrize(
    ("name", "day", "hours", "day_off", "rupiah"),
    [
        ("civil-ii", date(2016, 8, 25), 1.0, False, 17_000),
        ("civil-ii", date(2016, 8, 25), 1.5, False, 2 * 17_000),  # full hours only
        ("civil-ii", date(2016, 8, 25), 2.0, False, 2 * 17_000 + 35_000),  # the meal
        ("civil-ii", date(2023, 12, 31), 1.0, False, 17_000),
        ("civil-ii", date(2024, 1, 1), 1.0, False, 24_000),
        ("civil-iv", date(2024, 1, 1), 3.0, True, 2 * 3 * 36_000 + 41_000),
        ("workers", date(2016, 8, 25), 1.0, False, 1.5 * 2_000_000 / 173),
        ("workers", date(2016, 8, 25), 2.5, False, (1.5 + 1.5 * 2) * 2_000_000 / 173),
        ("workers", date(2021, 2, 2), 9.5, True, (8 * 2 + 3 + 0.5 * 4) * 2_000_000 / 173),
    ],
)
def test_presets_pay_as_their_sources_state(name: str, day: date, hours: float, day_off: bool, rupiah: float) -> None:  # noqa: FBT001
    """Rates by date, factors by band, full hours and the meal."""
    assert preset(name).on(day).pay_rupiah(hours, day_off=day_off) == pytest.approx(rupiah)


def test_caps_are_those_of_the_date() -> None:
    """Workers: 3 h and 14 h until 2021, 4 h and 18 h since; no cap of civil servants is known."""
    old, new = (preset("workers").on(day) for day in (date(2021, 2, 1), date(2021, 2, 2)))

    assert (old.cap_day_h, old.cap_week_h) == (3, 14)
    assert (new.cap_day_h, new.cap_week_h) == (4, 18)
    assert preset("civil-i").on(date(2016, 1, 1)).cap_day_h is None


def test_no_overtime_costs_nothing() -> None:
    """Also where the meal is paid from the first minute."""
    assert rule(meal_rupiah=5_000).pay_rupiah(0.0, day_off=False) == 0


def test_a_meal_without_its_own_limit_is_paid_from_the_first_minute() -> None:
    """Half an hour of Rp 10,000, and the meal."""
    assert rule(meal_rupiah=5_000).pay_rupiah(0.5, day_off=False) == 10_000


def test_a_day_before_the_first_rule_is_refused() -> None:
    """The sentence has both dates."""
    with pytest.raises(ScenarioError, match="not in force on 2015-12-31: its first rule is of 2016-01-01"):
        preset("civil-i").on(date(2015, 12, 31))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"monthly_rupiah": 2_000_000}, "monthly_rupiah: is given beside hourly_rupiah"),
        ({"hourly_rupiah": 0}, "hourly_rupiah: is 0, and so is monthly_rupiah"),
        ({"day_off": [{"until_h": 8, "factor": 2.0}]}, "day_off: must have bands in order"),
        ({"working_day": [{"factor": 1.0}, {"until_h": 8, "factor": 2.0}]}, "working_day: must have bands in order"),
        ({"cap_day_h": 25}, "cap_day_h"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(changes: dict[str, Any], fault: str) -> None:
    """One wage, whole days, hours that a day has."""
    with pytest.raises(ValidationError, match=fault):
        rule(**changes)


def test_rules_are_in_order_of_their_dates() -> None:
    """The newest rule that is in force holds, so the order must be clear."""
    with pytest.raises(ValidationError, match="in order of `since`"):
        OvertimePay(name="own", rules=(rule(since="2024-01-01"), rule()))


def test_a_scenario_names_a_policy_or_has_its_own() -> None:
    """A name that is not there is refused with those that are."""
    solo = load("solo-2016")
    given = solo.model_dump(mode="json")

    assert solo.overtime_pay.name == "civil-ii"
    assert type(solo).model_validate({**given, "overtime_pay": "workers"}).overtime_pay.name == "workers"
    with pytest.raises(ValidationError, match="must be a table, or one of civil-i"):
        type(solo).model_validate({**given, "overtime_pay": "civil"})
