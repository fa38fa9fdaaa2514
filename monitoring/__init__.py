"""Show the office to operations: the exporter for Prometheus, rules, alerts and dashboards."""

from monitoring.exporter import serve

__all__ = ["serve"]
