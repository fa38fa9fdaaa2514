"""Dashboards as code: `python -m monitoring.grafana.generate` writes their JSON."""
