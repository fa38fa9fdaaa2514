"""Forecasts of a live office: the service that keeps them fresh, the questions to the planner, the text."""

from console.forecast.live import forecast_card, forecast_now, score_forecasts
from console.forecast.service import keep_forecasting
from console.forecast.text import describe_outlook, describe_runway

__all__ = [
    "describe_outlook",
    "describe_runway",
    "forecast_card",
    "forecast_now",
    "keep_forecasting",
    "score_forecasts",
]
