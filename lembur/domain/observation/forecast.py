"""A forecast of the queue in three quantiles. It is kept, to be compared with the outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

QUANTILES = (0.1, 0.5, 0.9)
"""The quantiles of every figure: P10, P50, P90."""
HORIZONS_H = (0, 1, 2, 4, 8, 24, 48, 72)
"""Horizons of a forecast of the backlog, hours; 0 is the backlog when the forecast is made."""
AHEAD_DAYS = 14
"""Minimum horizon, in days. The runway of a stock that lasts longer is cut to it."""

Quantiles = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class StationForecast:
    """The forecast of one station, or of all together.

    `backlog` holds the cards that are ready and not printed after each of `HORIZONS_H`. `clear_ms` is the moment at
    which the last card that waits now is printed, in virtual milliseconds; `NEVER_MS` is never. `late` counts the
    waiting cards that will be printed after they are due; `late_now` of them are due already. After `required_hours` of
    overtime a day no further card becomes late at P50; None means that no hours suffice.
    """

    backlog: dict[int, Quantiles]
    clear_ms: Quantiles
    late: Quantiles
    required_hours: float | None
    late_now: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """The figures of a forecast made at `made_ms`, in virtual time. It took `took_s` real seconds.

    `stations` has an entry `all` for the office. `runway_s` is the time that each item (blank, ribbon) lasts,
    deliveries included, at the station where it ends first. It is `AHEAD_DAYS` at most. `coverage` is the share of the
    office's earlier backlog forecasts with an outcome from P10 to P90, as known at that moment. It is None while no
    outcome is known. `orders` counts the seat orders that were known; None in a forecast of an older version.
    """

    made_ms: int
    took_s: float
    stations: dict[str, StationForecast]
    runway_s: dict[str, Quantiles]
    coverage: float | None = None
    orders: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the forecast in the types of JSON."""
        return asdict(self)

    @staticmethod
    def from_json(kept: dict[str, Any]) -> Forecast:
        """Read the result of `to_json`. JSON has changed hours into text and tuples into lists."""
        return Forecast(
            made_ms=kept["made_ms"],
            took_s=kept["took_s"],
            stations={code: _station(row) for code, row in kept["stations"].items()},
            runway_s={item: _quantiles(row) for item, row in kept["runway_s"].items()},
            coverage=kept.get("coverage"),
            orders=kept.get("orders"),
        )


def _station(kept: dict[str, Any]) -> StationForecast:
    return StationForecast(
        backlog={int(hours): _quantiles(row) for hours, row in kept["backlog"].items()},
        clear_ms=_quantiles(kept["clear_ms"]),
        late=_quantiles(kept["late"]),
        required_hours=kept["required_hours"],
        late_now=kept["late_now"],
    )


def _quantiles(row: list[float]) -> Quantiles:
    low, middle, high = row
    return low, middle, high
