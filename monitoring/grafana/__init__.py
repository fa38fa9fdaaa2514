"""Dashboards of the office, written as code: `python -m monitoring.grafana.generate` writes their JSON."""
