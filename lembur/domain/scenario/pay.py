"""The pay of overtime: dated rules with hourly rates, meals and caps, and the shipped presets of them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from lembur.domain.errors import ScenarioError
from lembur.domain.scenario.fields import Code, Day, Flag, NotNegative, Part, Positive, Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from lembur.domain.scenario.fields import Fault

MONTH_HOURS: Final = 173
"""An hour is 1/173 of the monthly wage (PP 35/2021 art. 32, A)."""
DAY_HOURS: Final = 24.0


class PayBand(Part):
    """The factor for the hours of a day up to `until_h`; it begins where the band before it ends."""

    until_h: Annotated[Positive, Field(le=DAY_HOURS)] = DAY_HOURS
    factor: NotNegative


Bands = Annotated[tuple[PayBand, ...], Field(min_length=1)]


class PayRule(Part):
    """The pay of one person from a date on."""

    since: Day
    hourly_rupiah: NotNegative = 0.0
    monthly_rupiah: NotNegative = 0.0
    working_day: Bands
    day_off: Bands
    meal_rupiah: NotNegative = 0.0
    meal_after_h: NotNegative = 0.0
    cap_day_h: Annotated[Positive, Field(le=DAY_HOURS)] | None = None
    cap_week_h: Annotated[Positive, Field(le=7 * DAY_HOURS)] | None = None
    full_hours: Flag = False
    source: Text
    basis: Text | None = None

    def faults(self) -> Iterator[Fault]:
        """Check that one wage is given, and that the bands cover a whole day without a gap."""
        if self.hourly_rupiah and self.monthly_rupiah:
            yield "monthly_rupiah", "is given beside hourly_rupiah: keep one of them"
        if self.hourly_rupiah == 0 and self.monthly_rupiah == 0:
            yield "hourly_rupiah", "is 0, and so is monthly_rupiah: give one of them"
        for name, bands in (("working_day", self.working_day), ("day_off", self.day_off)):
            ends = [band.until_h for band in bands or ()]
            if ends and None not in ends and (ends != sorted(set(ends)) or ends[-1] != DAY_HOURS):
                yield name, "must have bands in order of until_h, the last without until_h"

    @property
    def hour_rupiah(self) -> float:
        """The rate of one hour, before the factors."""
        return self.hourly_rupiah or self.monthly_rupiah / MONTH_HOURS

    def pay_rupiah(self, hours: float, *, day_off: bool) -> float:
        """Return the pay of one person for the overtime of one day, with the meal.

        Where only full hours are paid, a begun hour counts as a full one, because people are ordered by full hours.
        """
        paid = float(ceil(hours)) if self.full_hours else hours
        factors, passed = 0.0, 0.0
        for band in self.day_off if day_off else self.working_day:
            factors += band.factor * max(0.0, min(paid, band.until_h) - passed)
            passed = band.until_h
        meal = self.meal_rupiah if hours and hours >= self.meal_after_h else 0.0
        return self.hour_rupiah * factors + meal


class OvertimePay(Part):
    """A policy of overtime pay: its name, and its rules from the oldest to the newest."""

    name: Code
    rules: Annotated[tuple[PayRule, ...], Field(min_length=1)]

    def faults(self) -> Iterator[Fault]:
        """Check that the rules are in order of their dates."""
        dates = [rule.since for rule in self.rules or ()]
        if None not in dates and dates != sorted(set(dates)):
            yield "rules", "must be in order of `since`, each with a date of its own"

    def on(self, day: date) -> PayRule:
        """Return the rule in force on a day."""
        in_force = [rule for rule in self.rules if rule.since <= day]
        if not in_force:
            first = self.rules[0].since
            fault = f"overtime_pay: {self.name} is not in force on {day}: its first rule is of {first}"
            raise ScenarioError(self.name, [fault])
        return in_force[-1]


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Read the shipped policies, by name."""
    text = (files("scenarios") / "presets" / "overtime_pay.toml").read_text(encoding="utf-8")
    return {name: {"name": name, **table} for name, table in tomllib.loads(text).items()}


def preset(name: str) -> OvertimePay:
    """Return a shipped policy."""
    if name not in presets():
        raise ScenarioError(name, [f"there is no policy of this name: use {', '.join(presets())}"])
    return OvertimePay.model_validate(presets()[name])


def _load_preset(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in presets():
        raise PydanticCustomError("plain", "{must}", {"must": f"must be a table, or one of {', '.join(presets())}"})
    return presets()[value]


Pay = Annotated[OvertimePay, BeforeValidator(_load_preset)]
USUAL_PAY: Final = "civil-ii"
"""The policy of a scenario that names none. Operators of an office are taken to be of grade II (assumed)."""
