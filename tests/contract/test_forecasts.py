"""Forecasts are kept as they were made."""

from __future__ import annotations

from lembur.domain.observation import LATER, Forecast, Score, StationForecast
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.queries import forecasts


def test_what_is_kept_is_read_back(server_url: str, office: str) -> None:
    """Three forecasts are kept in their order, and nothing is rounded."""
    station = StationForecast({1: (1.0, 2.0, 3.5), 72: (0, 0, 1)}, (5, 6, NEVER_MS), (0, 1, 2), None)
    made = [Forecast(at, 0.25, {"all": station}, {"blank": (1.0, 2.0, 3.0)}) for at in (1, 2, 3)]

    with connect(server_url) as server:
        ledger = Ledger(server, office=office)
        for forecast in made:
            forecasts.append(ledger, forecast)

        assert forecasts.read(ledger) == made


def test_the_newest_scores_are_read_back(server_url: str, office: str) -> None:
    """None at first, and then those that were kept last."""
    older, newer = (Score("clear", "all", LATER, judged, 0, share, None) for judged, share in ((1, 1.0), (4, 0.75)))

    with connect(server_url) as server:
        ledger = Ledger(server, office=office)
        found = [forecasts.read_scores(ledger)]
        for one in (older, newer):
            forecasts.save_scores(ledger, [one])
            found.append(forecasts.read_scores(ledger))

    assert found == [[], [older], [newer]]
