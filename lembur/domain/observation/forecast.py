"""A forecast: what is expected of the queue as it stands, in three quantiles, kept to be compared with what came."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

QUANTILES = (0.1, 0.5, 0.9)
"""The quantiles of every figure: P10, P50, P90."""
HORIZONS_H = (0, 1, 2, 4, 8, 24, 48, 72)
"""Horizons of a forecast of the backlog, hours; 0 is the backlog when the forecast is made."""
AHEAD_DAYS = 14
"""Minimum horizon, days. A stock that lasts longer has this runway."""

Quantiles = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class StationForecast:
    """One station's course, or that of all together.

    `backlog` holds cards ready to print and not yet printed after each of `HORIZONS_H`; `clear_ms` when the
    last card that waits now is printed (virtual milliseconds, `NEVER_MS` for never); `late` how many waiting cards will
    be printed after they are due, `late_now` how many of them are due already; after `required_hours` of overtime a day
    none of the others would be late at P50 (None: no hours suffice).
    """

    backlog: dict[int, Quantiles]
    clear_ms: Quantiles
    late: Quantiles
    required_hours: float | None
    late_now: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """The figures expected from `made_ms` (virtual) on; `took_s` is real. `stations` has an entry `all` for the office.

    `runway_s` is the time per item (blank, ribbon) that the stock lasts at the station where it ends first, deliveries
    included, and no more than `AHEAD_DAYS`. `coverage` is the share of earlier backlog forecasts of the office whose
    outcome lay within P10 to P90, as far as it was known then; None while none can be judged.
    """

    made_ms: int
    took_s: float
    stations: dict[str, StationForecast]
    runway_s: dict[str, Quantiles]
    coverage: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        return asdict(self)

    @staticmethod
    def from_json(kept: dict[str, Any]) -> Forecast:
        """Read the result of `to_json`; JSON turns hours into text and tuples into lists."""
        return Forecast(
            made_ms=kept["made_ms"],
            took_s=kept["took_s"],
            stations={code: _station(row) for code, row in kept["stations"].items()},
            runway_s={item: _quantiles(row) for item, row in kept["runway_s"].items()},
            coverage=kept.get("coverage"),
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
