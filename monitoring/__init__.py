"""What can be seen: the exporter, rules, alerts and dashboards."""
