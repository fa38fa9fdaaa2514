"""Show the office to operations: the exporter for Prometheus, rules, alerts and dashboards."""

from monitoring.exporter import Pay, serve

__all__ = ["Pay", "serve"]
