"""An office as it was observed: its state at one moment, the history of its cards, and forecasts of it."""

from lembur.domain.observation.forecast import AHEAD_DAYS, HORIZONS_H, QUANTILES, Forecast, Quantiles, StationForecast
from lembur.domain.observation.histograms import DURATION_S, LAG_MS, WAIT_S
from lembur.domain.observation.history import CardHistory, CardRecords, SpoiledBlank
from lembur.domain.observation.score import (
    FIRST_DAY,
    LATER,
    TRIALS,
    Coverage,
    Score,
    ScoredOffices,
    count_covered,
    explain_later_orders,
    trials_of,
)
from lembur.domain.observation.snapshot import (
    ExpectedDelivery,
    Observed,
    PrinterHours,
    Queued,
    Snapshot,
    StationState,
    known_ms,
)

__all__ = [
    "AHEAD_DAYS",
    "DURATION_S",
    "FIRST_DAY",
    "HORIZONS_H",
    "LAG_MS",
    "LATER",
    "QUANTILES",
    "TRIALS",
    "WAIT_S",
    "CardHistory",
    "CardRecords",
    "Coverage",
    "ExpectedDelivery",
    "Forecast",
    "Observed",
    "PrinterHours",
    "Quantiles",
    "Queued",
    "Score",
    "ScoredOffices",
    "Snapshot",
    "SpoiledBlank",
    "StationForecast",
    "StationState",
    "count_covered",
    "explain_later_orders",
    "known_ms",
    "trials_of",
]
