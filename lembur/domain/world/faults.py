"""Faults of print jobs and of requests to the centre, for trials. The scenario's script chooses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from lembur.domain import draws

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lembur.domain.seats import StationCode

Kind_co = TypeVar("Kind_co", covariant=True)


class Row(Protocol[Kind_co]):
    """A row of a script: the fault, the numbers that have it, and its chance for all others."""

    @property
    def fate(self) -> Kind_co: ...  # noqa: D102  (fields of the scenario's tables)
    @property
    def numbers(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def odds(self) -> float: ...  # noqa: D102


def fault_of(
    script: Iterable[Row[Kind_co]], seed: int, station: StationCode, *, first: int, cards: int
) -> Kind_co | None:
    """Choose the fault of the lot of `cards` cards that begins with the number `first`, counted from 0.

    A row that names one of the numbers goes before all chances. The chances share one draw by seed, station and
    `first`, so each process chooses the same at each time.
    """
    rows = list(script)
    for row in rows:
        if any(first <= number < first + cards for number in row.numbers):
            return row.fate
    left = float(draws.uniforms(seed, f"fate/{station}", first, 1)[0, 0]) if rows else 0.0
    for row in rows:
        left -= row.odds
        if left < 0:
            return row.fate
    return None
