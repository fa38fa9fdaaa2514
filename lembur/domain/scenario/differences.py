"""The differences between an office's scenario and a new one, with a reason for each that is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.scenario.model import Scenario

NONE: Final = "-"
"""The value of a field that is not there."""
STATIONS: Final = "stations"
DATED: Final = {"overtime": "day", "deliveries": "at", "hours.closed": ""}
"""Lists whose rows have a day, by its field. The rows of past days stay."""
DAY_LETTERS: Final = len("2016-08-25")
FIXED: Final = {
    r"name": "reports and plans carry it",
    r"demonstration": "an office is invented or real from its opening on",
    r"time_zone": "all its moments are in this zone",
    r"starts": "it is past",
    r"speed|seed|backlog.*": "it is for demonstrations",
    r"(centre|printing)\.device": "cards in hand belong to the present device: open another office with the new one",
    r"stations\.[^.]+\.(blanks|ribbons)": "the ledger counts it since the opening: use 'lembur stock'",
}
"""Fields that stay as they are, as patterns, with the reasons."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose value changes, by its path in the file. A `refusal` is the reason why it cannot."""

    path: str
    before: str
    after: str
    refusal: str = ""

    def __str__(self) -> str:
        """Write the change in one line."""
        return f"{self.path}: {self.before} -> {self.after}"


def find_differences(before: Scenario, after: Scenario, now: datetime) -> list[Difference]:
    """List all differences in the order of the file. `now` is the office's own time, before which nothing changes."""
    if before.region.city != after.region.city:
        reason = "it is the office's code, which every card and event carries: open another office in a new data folder"
        return [Difference("region", f"city {before.region.city}", f"city {after.region.city}", reason)]
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    found = _compare("", old, new)
    return [Difference(*one, _refusal(*one, now)) for one in found]


Row = tuple[str, str, str]


def _compare(path: str, old: Any, new: Any) -> Iterator[Row]:  # noqa: ANN401 - any value of JSON
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            yield from _compare(_join(path, name), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compare_lists(path, old, new)
    else:
        yield path, _write(old), _write(new)


def _compare_lists(path: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Row]:
    """Compare stations and kelurahan by their codes, values by their presence, and other rows by their places."""
    if any(isinstance(row, dict) and "code" in row for row in (*old, *new)):
        yield from _compare_by_code(path, {row["code"]: row for row in old}, {row["code"]: row for row in new})
    elif path in DATED or not any(isinstance(row, dict) for row in (*old, *new)):
        yield from ((path, _write(row), NONE) for row in old if row not in new)
        yield from ((path, NONE, _write(row)) for row in new if row not in old)
        if sorted(map(str, old)) == sorted(map(str, new)):
            yield path, _write(old), _write(new)
    else:
        for number, (row, other) in enumerate(zip_longest(old, new), 1):
            yield from _compare(f"{path}[{number}]", row, other)


def _compare_by_code(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Row]:
    for code in {**old, **new}:
        yield from _compare(_join(path, code), old.get(code), new.get(code))
    left = [code for code in old if code in new]
    if (list(new)[: len(left)] if path == STATIONS else [code for code in new if code in old]) != left:
        yield f"{path} (order)", "as it was", "as in the file"


def _join(path: str, name: str) -> str:
    part = name if re.fullmatch(r"[\w-]+", name) else f'"{name}"'
    return f"{path}.{part}" if path else part


def _write(value: Any) -> str:  # noqa: ANN401 - any value of JSON
    """Write a value for people: a row by its fields that have a value."""
    if value is None or value in ("", [], {}):
        return NONE
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name} {_write(part)}" for name, part in value.items() if part not in (None, "", [], {}))
    if isinstance(value, list):
        return "; ".join(map(_write, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _refusal(path: str, before: str, after: str, now: datetime) -> str:
    """Return the reason why a field cannot change so, or ''."""
    for pattern, reason in FIXED.items():
        if re.fullmatch(pattern, path):
            return reason
    if path == f"{STATIONS} (order)":
        return "keep the order, and put a new station behind the others"
    if path == "ends" and datetime.fromisoformat(after) <= now:
        return "it is past: give a later end"
    if after == NONE and re.fullmatch(r"stations\.[^.]+", path):
        return (
            "its cards, blanks and prints stay in the books: keep it with seats = 0, and divide its shares in `serves` "
            "among the others"
        )
    if after == NONE and re.fullmatch(r'region\.kelurahan\."[^"]+"', path):
        return "cards carry its code: leave its row"
    return _refusal_of_past(path, before, after, now)


def _refusal_of_past(path: str, before: str, after: str, now: datetime) -> str:
    if path not in DATED:
        return ""
    row = after if before == NONE else before
    found = re.search(rf"{DATED[path]} ?(\d{{4}}-\d\d-\d\d\S*)", row)
    if not found:
        return ""
    text = found[1].rstrip(",")
    is_past = date.fromisoformat(text) < now.date() if len(text) == DAY_LETTERS else datetime.fromisoformat(text) <= now
    return f"{text} is past, and stays as it was" if is_past else ""
