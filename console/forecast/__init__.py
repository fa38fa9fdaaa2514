"""Forecasts of a live office: the service that makes them and their text."""
