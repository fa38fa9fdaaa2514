"""A forecast: what is expected of the queue as it stands, in three quantiles, kept to be compared with what came."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

QUANTILES = (0.1, 0.5, 0.9)
"""What is told of every figure: P10, P50, P90."""

Quantiles = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class StationForecast:
    """One station's course, or that of all together.

    `backlog` holds cards waiting after so many hours; `clear_ms` when all that waits is printed (virtual milliseconds,
    `NEVER_MS` for never); `late` how many waiting cards will be late; `required_hours` of overtime a day would make
    none late (None: no hours suffice).
    """

    backlog: dict[int, Quantiles]
    clear_ms: Quantiles
    late: Quantiles
    required_hours: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected from `made_ms` (virtual) on; `took_s` is real. `stations` has an entry `all` for the office.

    `runway_s` tells per item (blank, ribbon) how long the stock lasts.
    """

    made_ms: int
    took_s: float
    stations: dict[str, StationForecast]
    runway_s: dict[str, Quantiles]

    def to_json(self) -> dict[str, Any]:
        """Tell it in JSON's types."""
        return asdict(self)

    @staticmethod
    def from_json(kept: dict[str, Any]) -> Forecast:
        """Read what `to_json` told; JSON turns hours into text and tuples into lists."""
        return Forecast(
            made_ms=kept["made_ms"],
            took_s=kept["took_s"],
            stations={code: _station(row) for code, row in kept["stations"].items()},
            runway_s={item: _quantiles(row) for item, row in kept["runway_s"].items()},
        )


def _station(kept: dict[str, Any]) -> StationForecast:
    return StationForecast(
        backlog={int(hours): _quantiles(row) for hours, row in kept["backlog"].items()},
        clear_ms=_quantiles(kept["clear_ms"]),
        late=_quantiles(kept["late"]),
        required_hours=kept["required_hours"],
    )


def _quantiles(row: list[float]) -> Quantiles:
    low, middle, high = row
    return low, middle, high
