"""Rules between the fields of a scenario, in words. A value that could not be read is None and breaks no rule."""

from __future__ import annotations

from collections import Counter
from math import isclose
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, time

    from lembur.domain.scenario.fields import Fault

TOLERANCE: Final = 1e-6
HOURS_OF_DAY: Final = frozenset(str(hour) for hour in range(24))


def are_read(*values: object) -> bool:
    """Return True if all of these values could be read."""
    return None not in values


def in_order(where: str, first: tuple[str, time | datetime], last: time | datetime) -> Iterator[Fault]:
    """Check that a stretch ends after it begins."""
    name, begins = first
    if are_read(begins, last) and last <= begins:  # type: ignore[operator]
        yield where, f"is {last}, not after {name} = {begins}: make it later"


def break_inside(name: str, shift: tuple[time, time], rest: tuple[time, time]) -> Iterator[Fault]:
    """Check that a break does not end before it begins, and that it lies inside the shift."""
    if not are_read(*rest):
        return
    if rest[1] < rest[0]:
        yield f"{name}_until", f"is {rest[1]}, before {name}_from = {rest[0]}: make it later, or the same for no break"
    elif (
        are_read(*shift) and shift[0] < shift[1] and rest[0] < rest[1] and not shift[0] <= rest[0] < rest[1] <= shift[1]
    ):
        yield f"{name}_from", f"{rest[0]} to {rest[1]} is not inside the shift from {shift[0]} to {shift[1]}: move it"


def spread(median_s: float, p90_s: float) -> Iterator[Fault]:
    """Check that the 90th percentile is not below the median. Two equal values mean a time that never varies."""
    if are_read(median_s, p90_s) and p90_s < median_s:
        yield "p90_s", f"is {p90_s}, below median_s = {median_s}: nine in ten cannot be done before half are"


def sums_to_one(where: str, shares: Mapping[Any, float] | None) -> Iterator[Fault]:
    """Check that the shares add up to one."""
    if shares is not None and not isclose(total := sum(shares.values()), 1.0, abs_tol=TOLERANCE):
        yield where, f"the shares sum to {total:.6g}, but must sum to 1"


def no_duplicates(where: str, times: Iterable[time | None]) -> Iterator[Fault]:
    """Check that each time of day has one speed."""
    for at, many in Counter(times).items():
        if at is not None and many > 1:
            yield where, f"{at} is given {many} times: keep one"
