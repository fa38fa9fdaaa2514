"""The city: its 51 kelurahan and 5 kecamatan, as they were in 2016."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Kelurahan:
    """A quarter of the city, the smallest unit people are visited by."""

    code: str
    name: str
    kecamatan_code: str
    kecamatan: str


@cache
def all_kelurahan() -> tuple[Kelurahan, ...]:
    """The kelurahan in the order in which they are visited."""
    return tuple(
        Kelurahan(row["kelurahan_code"], row["kelurahan"], row["kecamatan_code"], row["kecamatan"])
        for row in _rows("surakarta_kelurahan_2016.csv")
    )


@cache
def _by_code() -> dict[str, Kelurahan]:
    return {one.code: one for one in all_kelurahan()}


def kelurahan(code: str) -> Kelurahan | None:
    """The kelurahan with this code, like 33.72.01.1001; None when the city has none."""
    return _by_code().get(code)


def kecamatan_of(kelurahan_code: str) -> str:
    """The code of a kelurahan's kecamatan: 33.72.01 of 33.72.01.1001."""
    return kelurahan_code.rpartition(".")[0]


@cache
def kecamatan_weights() -> dict[str, int]:
    """People registered in each kecamatan in 2012, by its code like 33.72.01."""
    return {row["kecamatan_code"]: int(row["registered_people_2012"]) for row in _rows("surakarta_kecamatan_2012.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("scenarios") / "regions" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
