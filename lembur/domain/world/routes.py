"""The station that prints a card."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain import draws
from lembur.domain.draws import BLOCK
from lembur.domain.seats import StationCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.scenario import Scenario


def route(scenario: Scenario, seed: int, number: int, kecamatan_code: str) -> StationCode:
    """Choose the station that prints a card, by the shares of the stations that serve its kecamatan.

    Where no station names the kecamatan, all stations share its cards equally.
    """
    codes, edges = _routes(scenario)[kecamatan_code if _is_served(scenario) else ""]
    return codes[bisect_right(edges, _route_draws(seed, number // BLOCK)[number % BLOCK])]


@lru_cache(maxsize=8)
def _is_served(scenario: Scenario) -> bool:
    return any(station.serves for station in scenario.stations)


@lru_cache(maxsize=8)
def _routes(scenario: Scenario) -> dict[str, tuple[list[StationCode], list[float]]]:
    if not _is_served(scenario):
        share = 1.0 / len(scenario.stations)
        return {"": _table([(station.code, share) for station in scenario.stations])}
    kecamatans = {kecamatan for station in scenario.stations for kecamatan in station.serves}
    return {
        kecamatan: _table([(p.code, p.serves[kecamatan]) for p in scenario.stations if kecamatan in p.serves])
        for kecamatan in kecamatans
    }


def _table(shares: Sequence[tuple[str, float]]) -> tuple[list[StationCode], list[float]]:
    return [StationCode(code) for code, _ in shares], np.cumsum([share for _, share in shares])[:-1].tolist()


@lru_cache(maxsize=64)
def _route_draws(seed: int, block: int) -> list[float]:
    uniforms: list[float] = draws.uniforms(seed, "route", block * BLOCK, BLOCK)[:, 0].tolist()
    return uniforms
