"""The region of an office: its kelurahan and kecamatan, read from a file that the scenario names."""

from __future__ import annotations

import csv
import re
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from lembur.domain.scenario.fields import Count, Part, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.scenario.fields import Fault

COLUMNS: Final = ("code", "name", "kecamatan", "weight")
OPTIONAL: Final = ("obliged", "recorded")
MOST_KECAMATAN: Final = 98
"""Kecamatan have the numbers 01 to 99 in a NIK. One number stays free for invented people."""
THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
"""A number that Indonesia reads as thousands, and a program as a fraction."""
Weight = Annotated[float, Field(gt=0.0, le=1e9)]


def kecamatan_of(kelurahan_code: str) -> str:
    """Return the code of a kelurahan's kecamatan: 33.72.01 of 33.72.01.1001."""
    return kelurahan_code.rpartition(".")[0]


class Kelurahan(Part):
    """The smallest area of a region; visits go to one or more of them.

    `obliged` people must hold a card. `recorded` of them were recorded at the scenario's start.
    """

    code: Annotated[str, Field(pattern=r"^[1-9][0-9]\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")]
    name: Text
    kecamatan: Text
    weight: Weight
    obliged: Count | None = None
    recorded: Count | None = None

    @property
    def kecamatan_code(self) -> str:
        """The code of its kecamatan."""
        return kecamatan_of(self.code)


class Region(Part):
    """The area of an office: its kelurahan in the order in which they are visited."""

    name: Text
    kelurahan: Annotated[tuple[Kelurahan, ...], Field(min_length=1)]

    def faults(self) -> Iterator[Fault]:
        """Check that the codes differ, and that all are of one city or regency with a free kecamatan number."""
        codes = [one.code for one in self.kelurahan or () if one.code is not None]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            yield "kelurahan", f"the code {twice[0]} is there more than once: keep one row"
        if len(cities := sorted({code[:5] for code in codes})) > 1:
            yield "kelurahan", f"the codes are of {', '.join(cities)}: a region is one city or regency"
        if len({kecamatan_of(code) for code in codes}) > MOST_KECAMATAN:
            yield "kelurahan", f"there are more than {MOST_KECAMATAN} kecamatan"

    @property
    def city(self) -> str:
        """The four digits of the province and the city, as a NIK begins."""
        return self.kelurahan[0].code[:5].replace(".", "")

    @cached_property
    def weights(self) -> dict[str, float]:
        """The weight of each kecamatan by its code, the sum of its kelurahan."""
        found: dict[str, float] = {}
        for one in self.kelurahan:
            found[one.kecamatan_code] = found.get(one.kecamatan_code, 0.0) + one.weight
        return found

    @cached_property
    def free_kecamatan(self) -> tuple[int, ...]:
        """The kecamatan numbers that the city does not use. They are for invented people."""
        taken = {int(code[-2:]) for code in self.weights}
        return tuple(number for number in range(1, 100) if number not in taken)

    @cached_property
    def _by_code(self) -> dict[str, Kelurahan]:
        return {one.code: one for one in self.kelurahan}

    def find(self, code: str) -> Kelurahan | None:
        """Return the kelurahan with a code, or None if the region has none."""
        return self._by_code.get(code)


def read_rows(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Read the rows of a region file and list its faults by line. Lines that begin with # are comments."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip(" ;,") and line[0] != "#"]
    if not lines:
        return [], [f"is empty: write the titles {','.join(COLUMNS)} and a row for each kelurahan"]
    if lines[0][1].strip().lower() in {"sep=;", "sep=,"}:  # written by spreadsheets, for spreadsheets
        lines = lines[1:] or lines
    separator = ";" if ";" in lines[0][1] else ","
    titles = [title.lower() for title in _cells(lines[0][1], separator) or ()]
    if missing := [name for name in COLUMNS if name not in titles]:
        return [], [f"line {lines[0][0]} has no column {', '.join(missing)}: write {','.join(COLUMNS)}"]
    if not lines[1:]:
        return [], ["has no kelurahan: write a row for each"]
    found, faults = [], []
    for number, line in lines[1:]:
        row, fault = _row(titles, _cells(line, separator))
        found.append(row)
        faults += [f"line {number}: {fault}"] if fault else []
    return found, faults


def _cells(line: str, separator: str) -> list[str] | None:
    """Split a line into its cells; None if a quote in it has no end."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, strict=True))]
    except csv.Error:
        return None


def _row(titles: list[str], values: list[str] | None) -> tuple[dict[str, Any], str]:
    if values is None:
        return {}, 'a quote (") has no end, or text stands behind it: write two for one in a name'
    if any(values[len(titles) :]):
        return {}, f"{len(values)} values for {len(titles)} columns: put a value with a comma in it into quotes"
    cells = dict(zip(titles, values, strict=False))
    row: dict[str, Any] = {name: cells.get(name, "") for name in COLUMNS}
    if THOUSANDS.fullmatch(row["weight"]):
        return row, (
            f"the weight {row['weight']} can be read in two ways: write thousands without a point, as "
            f"{row['weight'].replace('.', '')}, or a fraction with other decimals, as {row['weight']}0"
        )
    try:
        row["weight"] = float(row["weight"])
        row |= {name: int(cells[name]) for name in OPTIONAL if cells.get(name, "")}
        Kelurahan.model_validate(row)
    except ValueError as error:
        return row, _fault(error, cells)
    if "obliged" in row and row.get("recorded", 0) > row["obliged"]:
        return row, f"recorded is {row['recorded']}, more than obliged {row['obliged']}: only people of obliged count"
    return row, ""


def _fault(error: ValueError, cells: dict[str, str]) -> str:
    kinds = {fault["loc"][0] for fault in error.errors()} if hasattr(error, "errors") else {"weight"}
    if "code" in kinds:
        return f"the code is {cells.get('code', '')!r}, but must be like 33.72.01.1001"
    if kinds & {"weight", *OPTIONAL}:
        return "weight must be a number above 0 with a point for decimals, obliged and recorded whole numbers or empty"
    return "name and kecamatan must not be empty"


def shipped_regions() -> list[str]:
    """List the names of the regions that come with the program."""
    folder = files("scenarios") / "regions"
    return sorted(file.name.removesuffix(".csv") for file in folder.iterdir() if file.name.endswith(".csv"))


def _load_region(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in shipped_regions():
        known = ", ".join(shipped_regions())
        must = f"must be a file such as region.csv beside the scenario, or a shipped region: {known}"
        raise PydanticCustomError("plain", "{must}", {"must": must})
    rows, _ = read_rows((files("scenarios") / "regions" / f"{value}.csv").read_text(encoding="utf-8"))
    return {"name": value, "kelurahan": rows}


NamedRegion = Annotated[Region, BeforeValidator(_load_region)]
